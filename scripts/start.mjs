// `npm start` builds the program when a source is newer than the bundle, then runs it: `train` unless told otherwise.
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

async function newest(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const times = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return Math.max(...(await Promise.all(times)).map((status) => status.mtimeMs));
}

async function isStale() {
  const built = await stat(join(root, 'dist/cli.js')).catch(() => undefined);
  if (!built) return true;
  const inputs = await Promise.all(['package-lock.json', 'scripts/build.mjs'].map((name) => stat(join(root, name))));
  return built.mtimeMs < Math.max(await newest(join(root, 'src')), ...inputs.map((status) => status.mtimeMs));
}

if (await isStale()) {
  try {
    for (const name of ['esbuild', 'assemblyscript']) import.meta.resolve(name);
  } catch {
    process.stderr.write('The packages that build the program are not installed. Run: NODE_ENV= npm install\n');
    process.exit(1);
  }
  const { buildProgram } = await import('./build.mjs');
  await buildProgram();
}
const given = process.argv.slice(2);
const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...(given.length > 0 ? given : ['train'])], {
  stdio: 'inherit',
});
// The child shares the terminal and gets its signals from there; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
