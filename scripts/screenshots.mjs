// Records the pictures of the documents from a real run: `node scripts/screenshots.mjs RUN` (by default `last`).
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = process.argv[2] ?? 'last';

/** File -> what `show` draws, and its size. */
const pictures = {
  'screenshot.png': ['', '100x30'],
  'layer.png': ['conv2', '120x40'],
  'neuron.png': ['conv5/3', '120x40'],
};

await buildProgram();
for (const [file, [part, size]] of Object.entries(pictures)) {
  const words = ['show', run, ...(part ? [part] : []), '--format', 'png', '--size', size];
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...words, '-o', join(root, 'docs', file)], {
    stdio: 'inherit',
  });
}
