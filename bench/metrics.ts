/**
 * The metrics beside numpy on one thread: discriminability of a layer, and one Wasserstein distance.
 * `npm run bench -- metrics`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discriminability, layerMean, wasserstein2 } from '../src/engine/metrics/index.ts';
import { Random } from '../src/engine/base/random.ts';
import { median, Peer, timed } from './peer.ts';

const peer = new Peer('metrics.py');
const folder = await mkdtemp(join(tmpdir(), 'deepview-bench-'));

async function compare(title: string, values: Float32Array, ask: string, ours: () => number): Promise<void> {
  const path = join(folder, title.replace(/\W+/g, '-'));
  await writeFile(path, values);
  const [job, ...sizes] = ask.split(' ');
  const spent: number[] = [];
  const peers: number[] = [];
  let difference = 0;
  // The largest takes seconds.
  for (let round = 0; round < (values.length > 1e7 ? 3 : 15); round++) {
    const [milliseconds, result] = await timed(ours);
    const answer = (await peer.ask([job, path, ...sizes].join(' '))) as { milliseconds: number; result: number };
    difference = Math.abs(result - answer.result);
    spent.push(milliseconds);
    peers.push(answer.milliseconds);
  }
  if (!(difference < 1e-9)) throw new Error(`${title}: off by ${difference}`);
  const ratio = median(spent) / median(peers);
  console.log(
    `${title.padEnd(44)} ${median(spent).toFixed(2).padStart(8)} ms  numpy ${median(peers).toFixed(2).padStart(8)} ms  ratio ${ratio.toFixed(2)}`,
  );
}

const random = new Random(1, 'metrics');
const uniform = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.uniform());
try {
  for (const [images, neurons, classes] of [
    [1000, 64, 10],
    [1000, 512, 10],
    [100_000, 512, 10],
  ]) {
    const values = uniform(images * neurons);
    const labels = Array.from({ length: images }, (_, image) => Math.floor((image * classes) / images));
    await compare(
      `discriminability ${images}x${neurons}, ${classes} classes`,
      values,
      `discriminability ${images} ${neurons} ${classes}`,
      () => layerMean(discriminability({ values, images, neurons }, labels)),
    );
  }
  const pair = uniform(20_000);
  await compare('wasserstein2 of 10 000 values each', pair, 'w2 10000', () =>
    wasserstein2(pair.subarray(0, 10_000), pair.subarray(10_000)),
  );
} finally {
  peer.close();
  await rm(folder, { recursive: true, force: true });
}
