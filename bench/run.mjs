// Bundles one benchmark and runs it: `npm run bench -- NAME [ARGUMENTS]`. Peers in Python are run by DEEPVIEW_PYTHON, or python3.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../scripts/build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const known = readdirSync(join(root, 'bench'))
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.replace(/\.tsx?$/, ''));
if (!name || !known.includes(name)) {
  console.error(`usage: npm run bench -- NAME [ARGUMENTS]\nNAME is one of: ${known.join(', ')}`);
  process.exit(2);
}

// Inside node_modules, so that packages left out of the bundle are found; each run has its own folder.
const cache = join(root, 'node_modules', '.cache', 'bench');
await mkdir(cache, { recursive: true });
const folder = await mkdtemp(join(cache, `${name}-`));
try {
  // A bundle finds its workers and kernels beside itself.
  await buildProgram();
  await cp(join(root, 'dist'), folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [
      ['ts', 'tsx'].map((ending) => `bench/${name}.${ending}`).find((file) => existsSync(join(root, file))),
    ],
    outfile: join(folder, 'bench.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    jsx: 'automatic',
    packages: 'external',
    define: { 'process.env.NODE_ENV': '"production"', BENCH_FOLDER: JSON.stringify(join(root, 'bench')) },
    logLevel: 'warning',
  });
  const child = spawn(process.execPath, ['--enable-source-maps', join(folder, 'bench.mjs'), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env, DEEPVIEW_PYTHON: process.env.DEEPVIEW_PYTHON ?? 'python3' },
  });
  process.exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : code));
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
