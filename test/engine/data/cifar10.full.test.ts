import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open-dataset.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { recording, temporaryDirectory } from '../transfer/support.ts';

it('fetches the real CIFAR-10, verified, with the statistics that everybody finds', { timeout: 900_000 }, async () => {
  const home = await temporaryDirectory();
  // The user's own registry and proxy, but an empty cache.
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const { context, progress } = recording();
  const data = await openDataset({ name: 'cifar10' }, { ...context, env, paths: pathsFor(env) });
  expect([data.train.count, data.validation.count]).toEqual([50_000, 10_000]);
  expect(progress.some(({ label, rate }) => label === 'downloading CIFAR-10' && (rate ?? 0) > 0)).toBe(true);
  expect(await readdir(join(home, 'deepview-tui', 'downloads'))).toEqual([]);

  const counts = new Array<number>(10).fill(0);
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let image = 0; image < data.train.count; image++) {
    counts[data.train.labels[image]] += 1;
    const pixels = data.train.pixels(image);
    for (let i = 0; i < pixels.length; i++) {
      sums[i % 3] += pixels[i];
      squares[i % 3] += pixels[i] ** 2;
    }
  }
  expect(counts).toEqual(Array(10).fill(5000));
  expect([...data.train.labels.subarray(0, 5)].map((label) => data.classes[label])).toEqual([
    'frog',
    'truck',
    'truck',
    'deer',
    'automobile',
  ]);
  const values = data.train.count * 1024;
  const means = sums.map((sum) => sum / values);
  [125.307, 122.95, 113.865].forEach((mean, channel) => expect(means[channel]).toBeCloseTo(mean, 2));
  [62.993, 62.089, 66.705].forEach((deviation, channel) => {
    expect(Math.sqrt(squares[channel] / values - means[channel] ** 2)).toBeCloseTo(deviation, 2);
  });
});
