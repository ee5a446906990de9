// Bundles the program into dist/. The packages of the engine and of the image libraries stay outside the bundle: they carry native parts.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Output name -> source. Workers and the trainer's process are programs of their own. */
const entries = {
  cli: 'src/cli.tsx',
  'trainer-process': 'src/engine/training/trainer-process.ts',
  'training-worker': 'src/engine/training/training-worker.ts',
  'analysis-worker': 'src/engine/analysis/analysis-worker.ts',
  'decomposition-process': 'src/engine/backend/matrices/decomposition-process.ts',
};

export async function buildProgram(outdir = join(root, 'dist')) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await mkdir(outdir, { recursive: true });
  const kernels = buildKernels(join(outdir, 'kernels.wasm'));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source)))),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    jsx: 'automatic',
    minifySyntax: true,
    sourcemap: 'linked',
    external: ['@tensorflow/*', 'sharp', '@napi-rs/image', 'react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"', DEEPVIEW_VERSION: JSON.stringify(version) },
    // Bundled CommonJS packages still call require.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
  });
  await kernels;
  // Compiled where it is used, as the bindings are.
  await copyFile(join(root, 'src/engine/backend/tensorflow/ask-gpu.cc'), join(outdir, 'ask-gpu.cc'));
  // Written in place, then swept: a program that runs from here keeps the files it still has to load for as long as it can.
  const made = new Set([
    ...Object.keys(metafile.outputs).map((path) => join(root, path)),
    join(outdir, 'kernels.wasm'),
    join(outdir, 'ask-gpu.cc'),
  ]);
  const present = (await readdir(outdir)).map((name) => join(outdir, name));
  await Promise.all(present.filter((path) => !made.has(path)).map((path) => rm(path, { recursive: true })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildProgram();
