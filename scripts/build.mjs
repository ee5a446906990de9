// Bundles the program into dist/, with all that it needs but the image libraries, which carry native parts and are
// therefore the package's only dependencies.
import { build, transform } from 'esbuild';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Output name -> source. Workers and the trainer's process are programs of their own. */
const entries = {
  main: 'src/main.ts',
  'trainer-process': 'src/engine/training/trainer-process.ts',
  'training-worker': 'src/engine/training/training-worker.ts',
  'analysis-worker': 'src/engine/analysis/analysis-worker.ts',
  'decomposition-process': 'src/engine/backend/matrices/decomposition-process.ts',
};

/**
 * What TensorFlow.js reads from files: the kernels of wasm with SIMD and without (Node runs none with threads), and what
 * the native engine's addon is compiled of.
 */
const tensorflowFiles = [
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  '@tensorflow/tfjs-node/binding',
  'node-api-headers/include',
].map((name) => join(root, 'node_modules', name));

/** What engines are checked against: the values that the tests have of PyTorch, and of TensorFlow on a processor. */
async function referenceCases() {
  const json = async (path) => JSON.parse(await readFile(join(root, 'test/engine', path), 'utf8'));
  const folder = 'network/fixtures/layers';
  const names = await readdir(join(root, 'test/engine', folder));
  const layers = await Promise.all(names.map((name) => json(`${folder}/${name}`)));
  const { cases: optimisers } = await json('training/fixtures/optimiser-steps.json');
  return { layers, optimisers, losses: await json('training/fixtures/lenet-losses.json') };
}

export async function buildProgram(outdir = join(root, 'dist')) {
  const { version, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await mkdir(outdir, { recursive: true });
  const kernels = buildKernels(join(outdir, 'kernels.wasm'));
  const tensorflow = join(outdir, 'tensorflow');
  for (const source of tensorflowFiles) {
    await cp(source, source.endsWith('.wasm') ? join(tensorflow, basename(source)) : tensorflow, { recursive: true });
  }
  // Compiled where it is used, as the bindings are.
  await cp(join(root, 'src/engine/backend/tensorflow/ask-gpu.cc'), join(outdir, 'ask-gpu.cc'));
  await writeFile(join(outdir, 'reference.json'), JSON.stringify(await referenceCases()));
  const starter = await transform(await readFile(join(root, 'src/cli.js'), 'utf8'), {
    define: { NEEDED_NODE: JSON.stringify(engines.node.replace('>=', '')) },
  });
  await writeFile(join(outdir, 'cli.js'), starter.code, { mode: 0o755 });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source)))),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Node 20 has the flag `v`. As `new RegExp` its sets of characters are looked up at start: 20 ms more for every command.
    supported: { 'regexp-set-notation': true },
    jsx: 'automatic',
    minifySyntax: true,
    sourcemap: 'linked',
    external: ['sharp', '@napi-rs/image', 'react-devtools-core', 'node-fetch'],
    // Its kernels ask for the whole of TensorFlow.js, and use the core of it alone, which must exist once.
    alias: { '@tensorflow/tfjs': '@tensorflow/tfjs-core' },
    define: {
      'process.env.NODE_ENV': '"production"',
      DEEPVIEW_VERSION: JSON.stringify(version),
      // Asked for by the kernels of wasm.
      __dirname: 'import.meta.dirname',
    },
    // Bundled CommonJS packages still call require.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
  });
  await kernels;
  // Written in place, then swept: a program that runs from here keeps the files it still has to load for as long as it can.
  const made = new Set([
    ...Object.keys(metafile.outputs).map((path) => join(root, path)),
    ...['kernels.wasm', 'tensorflow', 'cli.js', 'ask-gpu.cc', 'reference.json'].map((name) => join(outdir, name)),
  ]);
  const present = (await readdir(outdir)).map((name) => join(outdir, name));
  await Promise.all(present.filter((path) => !made.has(path)).map((path) => rm(path, { recursive: true })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildProgram();
