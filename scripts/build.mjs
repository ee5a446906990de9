// Bundles the program into dist/. The engine's and sharp's packages stay outside the bundle: they carry native parts.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Output name -> source. Workers and the trainer's process are programs of their own. */
const entries = {
  cli: 'src/cli.tsx',
  'trainer-process': 'src/engine/training/trainer-process.ts',
  'training-worker': 'src/engine/training/training-worker.ts',
  'analysis-worker': 'src/engine/analysis/analysis-worker.ts',
};

export async function buildProgram(outdir = join(root, 'dist')) {
  await rm(outdir, { recursive: true, force: true });
  await build({
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
    external: ['@tensorflow/*', 'sharp', 'react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"' },
    // Bundled CommonJS packages still call require.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildProgram();
