/**
 * Seconds to open CIFAR-10 from the cache, milliseconds to prepare a batch of 100 images, beside numpy; and to generate
 * shapes. `npm run bench -- data`; fetches CIFAR-10 if it is not there yet, and says how long that took.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { catalogue } from '../src/engine/data/catalogue.ts';
import { partFile } from '../src/engine/data/store/store-format.ts';
import { openDataset } from '../src/engine/data/open-dataset.ts';
import { generateShapes, shapesSizes } from '../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../src/engine/base/paths.ts';

declare const BENCH_FOLDER: string;

const paths = pathsFor();
const context = {
  paths,
  env: process.env,
  onProgress: () => undefined,
  onNotice: (notice: string) => console.log(notice),
  signal: new AbortController().signal,
};
const since = (start: number): number => performance.now() - start;
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const cifar10 = catalogue.find(({ name }) => name === 'cifar10')!;
if ((await cifar10.store?.glance(paths))?.state !== 'ready') {
  const start = performance.now();
  await cifar10.provide(context, { limit: 1 });
  console.log(`fetch and unpack CIFAR-10: ${(since(start) / 1000).toFixed(1)} s`);
}

let start = performance.now();
await cifar10.provide(context, { limit: Infinity });
const read = since(start);
start = performance.now();
const data = await openDataset({ name: 'cifar10' }, context);
const opened = since(start);
console.log(`open CIFAR-10: ${opened.toFixed(0)} ms, ${read.toFixed(0)} of them reading and verifying`);

const indices = Uint32Array.from({ length: 100 }, (_, i) => (i * 7919) % data.train.count);
const batch = new Float32Array(100 * 3072);
const fills: number[] = [];
for (let round = 0; round < 300; round++) {
  const begun = performance.now();
  data.train.fill(indices, batch);
  fills.push(since(begun));
}
const fill = median(fills);
const checksum = batch.reduce((sum, value) => sum + Math.abs(value), 0) / batch.length;

const cache = cifar10.store!.directory(paths);
const peer = JSON.parse(
  execFileSync(
    process.env['DEEPVIEW_PYTHON'] ?? 'python3',
    [
      join(BENCH_FOLDER, 'data.py'),
      partFile(cache, 'train'),
      partFile(cache, 'validation'),
      String(data.train.count),
      String(data.validation.count),
    ],
    { encoding: 'utf8' },
  ),
) as { numpy: string; statistics: number; fill: number; checksum: number };
if (Math.abs(peer.checksum - checksum) > 1e-3)
  throw new Error(`numpy prepares otherwise: ${peer.checksum}, ${checksum}`);
const preparing = opened - read;
console.log(
  `prepare 60 000 images: ${preparing.toFixed(0)} ms, numpy ${peer.numpy} ${peer.statistics.toFixed(0)} ms, ratio ${(preparing / peer.statistics).toFixed(2)}`,
);
console.log(
  `fill 100 images: ${fill.toFixed(2)} ms, numpy ${peer.fill.toFixed(2)} ms, ratio ${(fill / peer.fill).toFixed(2)}`,
);

start = performance.now();
generateShapes(shapesSizes.train, 'train');
generateShapes(shapesSizes.validation, 'validation');
const shapes = since(start);
console.log(`generate shapes: ${shapes.toFixed(0)} ms`);
console.log(
  `resident: ${megabytes(process.memoryUsage.rss())}, at most ${megabytes(process.resourceUsage().maxRSS * 1024)}`,
);
console.log(
  JSON.stringify({
    benchmark: 'data',
    open: opened,
    read,
    fill,
    numpyFill: peer.fill,
    numpyStatistics: peer.statistics,
    shapes,
  }),
);
