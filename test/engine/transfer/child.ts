import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './support.ts';

/** A TypeScript program beside the tests, made runnable: its path. */
export async function bundled(source: URL): Promise<string> {
  const outfile = join(await temporaryDirectory(), 'child.mjs');
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

export interface Child {
  pid: number;
  output: () => string;
  kill: () => void;
  /** Exit status, or the signal that ended it. */
  ended: Promise<number | string>;
}

export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  return {
    pid: child.pid!,
    output: () => output,
    kill: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'lost'))),
  };
}
