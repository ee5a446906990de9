/**
 * Seconds to whiten CIFAR-10 on the native engine, from bytes to cached files, beside numpy with its full
 * eigen-decomposition; how far the two are apart; and the process's peak of memory. `npm run bench -- whitening`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matricesOf } from '../src/engine/backend/matrices/index.ts';
import { openEngine } from '../src/engine/backend/open-engine.ts';
import { catalogue } from '../src/engine/data/catalogue.ts';
import { openDataset } from '../src/engine/data/open-dataset.ts';
import { pathsFor } from '../src/engine/base/paths.ts';

declare const BENCH_FOLDER: string;

const seconds: Record<string, number> = {};
/** Most memory up to the end of a step, in MiB. */
const peaks: Record<string, number> = {};
let label = 'start';
let since = performance.now();
const context = {
  paths: pathsFor(process.env),
  env: process.env,
  onProgress: (progress: { label: string }) => {
    const now = performance.now();
    seconds[label] = (seconds[label] ?? 0) + (now - since) / 1000;
    if (label !== progress.label) peaks[label] = process.resourceUsage().maxRSS / 1024;
    [label, since] = [progress.label, now];
  },
  onNotice: (notice: string) => console.log(notice),
  signal: new AbortController().signal,
};
const engine = await openEngine('tensorflow', context);
const cifar10 = catalogue.find(({ name }) => name === 'cifar10')!;
await cifar10.provide(context, { limit: 1 });

// A cache of its own with the same images, so that nothing is whitened yet.
const cache = mkdtempSync(join(tmpdir(), 'deepview-bench-'));
try {
  const directory = cifar10.store!.directory(context.paths);
  symlinkSync(directory, join(cache, 'cifar10'));
  const request = { name: 'cifar10', suggested: 'whitening' } as const;
  const own = { ...context, paths: { ...context.paths, cache }, matrices: () => Promise.resolve(matricesOf(engine)) };
  const begun = performance.now();
  const dataset = await openDataset(request, own);
  const first = (performance.now() - begun) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  context.onProgress({ label: 'end' });
  const again = performance.now();
  await openDataset(request, own);
  const second = (performance.now() - again) / 1000;
  for (const [step, spent] of Object.entries(seconds))
    console.log(`  ${step}: ${spent.toFixed(1)} s, up to ${peaks[step]?.toFixed(0)} MiB`);

  const images = new Float32Array(500 * 3072);
  dataset.validation.fill([...Array(500).keys()], images);
  const peer = JSON.parse(
    execFileSync(process.env.DEEPVIEW_PYTHON!, [join(BENCH_FOLDER, 'whitening.py'), directory], {
      input: new Uint8Array(images.buffer),
      encoding: 'utf8',
    }),
  ) as { seconds: number; largest: number; deviation: number; largestDeviation: number };
  console.log(
    `whitening CIFAR-10: ${first.toFixed(1)} s, numpy ${peer.seconds.toFixed(1)} s, ratio ${(first / peer.seconds).toFixed(2)}; from the cache ${second.toFixed(1)} s`,
  );
  console.log(
    `apart by ${peer.deviation.toExponential(1)} of the values' size (root mean square), ${(peer.largestDeviation / peer.largest).toExponential(1)} at most`,
  );
  console.log(`peak memory ${peak.toFixed(0)} MiB`);
} finally {
  rmSync(cache, { recursive: true });
}
