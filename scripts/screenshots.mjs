// Records the pictures of the documents from real runs: `node scripts/screenshots.mjs [PAPER]`. Those of the README come
// from the demo, those of docs/paper.md from PAPER, the directory in which scripts/paper.mjs keeps its trainings.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [paper] = process.argv.slice(2);
const trained = (network) => join(paper, `reproduce-${network}-epochs15-limit16000-deterministic`);

/** File -> the run, the part of it that `show` draws, and the size. */
const pictures = {
  'screenshot.png': ['demo', '', '100x30'],
  'layer.png': ['demo', 'conv2', '120x40'],
  'neuron.png': ['demo', 'conv5/3', '120x40'],
  ...(paper && {
    'paper/lenet.png': [trained('lenet'), '', '120x32'],
    'paper/shallow.png': [trained('shallow'), '', '120x32'],
    'paper/lenet-layer-1.png': [trained('lenet'), '1', '120x40'],
    'paper/shallow-layer-1.png': [trained('shallow'), '1', '120x40'],
    'paper/lenet-cat.png': [trained('lenet'), '12/3', '120x40'],
    'paper/shallow-cat.png': [trained('shallow'), '10/3', '120x40'],
  }),
};

await buildProgram();
for (const [file, [run, part, size]] of Object.entries(pictures)) {
  const words = ['show', run, ...(part ? [part] : []), '--format', 'png', '--size', size];
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...words, '-o', join(root, 'docs', file)], {
    stdio: 'inherit',
  });
}
