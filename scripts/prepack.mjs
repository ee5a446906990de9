// `npm pack` in a clean checkout: the packages that build the program first, where they are not installed yet.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

try {
  import.meta.resolve('esbuild');
} catch {
  execFileSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 2, 2],
  });
}
await (await import('./build.mjs')).buildProgram();
