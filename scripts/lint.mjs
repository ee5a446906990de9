// Checks everything, or only the named files: language and types (oxlint), rooms and React (ESLint), form (Prettier),
// all at once. Types are always checked as a whole: what changed here may break what stands there.
import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a tool of node_modules; its words come in one piece. @returns whether it found nothing */
function run(name, args) {
  return new Promise((resolve, reject) => {
    const tool = spawn(`${root}node_modules/.bin/${name}`, args, {
      cwd: root,
      env: { FORCE_COLOR: '1', ...process.env },
    });
    const said = [];
    for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (data) => said.push(data));
    tool.on('error', reject);
    tool.on('close', (code) => {
      if (code !== 0) process.stdout.write(`${name}:\n${Buffer.concat(said).toString()}`);
      resolve(code === 0);
    });
  });
}

/** @param files relative to the root; all by default @returns whether nothing was found */
export async function lint(files = ['.']) {
  const sources = files.filter((file) => file === '.' || /\.(tsx?|m?js)$/.test(file));
  const found = await Promise.all([
    run('oxlint', []),
    sources.length === 0 ||
      run('eslint', ['--cache', '--cache-location', 'node_modules/.cache/eslint/', '--no-warn-ignored', ...sources]),
    files.length === 0 || run('prettier', ['--check', '--log-level', 'warn', '--cache', ...files]),
  ]);
  return found.every(Boolean);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = (await lint(process.argv.length > 2 ? process.argv.slice(2) : undefined)) ? 0 : 1;
}
