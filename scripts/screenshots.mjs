// Records the pictures of the documents from real runs: `node scripts/screenshots.mjs [LENET [SHALLOW]]`. Those of the
// README come from LENET (by default the demo), those of docs/paper.md from both.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [lenet = 'demo', shallow] = process.argv.slice(2);

/** File -> the run, the part of it that `show` draws, and the size. */
const pictures = {
  'screenshot.png': [lenet, '', '100x30'],
  'layer.png': [lenet, 'conv2', '120x40'],
  'neuron.png': [lenet, 'conv5/3', '120x40'],
  ...(shallow && {
    'paper/lenet.png': [lenet, '', '120x32'],
    'paper/shallow.png': [shallow, '', '120x32'],
    'paper/lenet-layer-1.png': [lenet, '1', '120x40'],
    'paper/shallow-layer-1.png': [shallow, '1', '120x40'],
    'paper/lenet-cat.png': [lenet, '12/3', '120x40'],
    'paper/shallow-cat.png': [shallow, '10/3', '120x40'],
  }),
};

await buildProgram();
for (const [file, [run, part, size]] of Object.entries(pictures)) {
  const words = ['show', run, ...(part ? [part] : []), '--format', 'png', '--size', size];
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...words, '-o', join(root, 'docs', file)], {
    stdio: 'inherit',
  });
}
