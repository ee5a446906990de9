/**
 * Milliseconds that augmenting a batch of 100 images of 32x32x3 takes, beside numpy (mirror, shift, colour) and PyTorch
 * (crop). `npm run bench -- augmentation`.
 */
import type { Augmentation } from '../src/engine/base/augmentation.ts';
import { augmentationOf } from '../src/engine/data/augmentation/augment.ts';
import { Random } from '../src/engine/base/random.ts';
import { median, Peer } from './peer.ts';

const shape = [32, 32, 3] as const;
const random = new Random(1);
const prepared = Float32Array.from({ length: 100 * 3072 }, () => 40 * random.normal());
const rounds = 60;

const works: Record<string, { augmentation: Augmentation; goal: number }> = {
  mirror: { augmentation: { mirror: 'image' }, goal: 2 },
  shift: { augmentation: { shift: 4 }, goal: 2 },
  crop: { augmentation: { crop: 0.6 }, goal: 8 },
  colour: { augmentation: { colour: 0.2 }, goal: 8 },
  all: { augmentation: { mirror: 'image', shift: 4, crop: 0.6, colour: 0.2 }, goal: 8 },
};

const peer = new Peer('augmentation.py');
const figures: Record<string, { ours: number; peer: number; goal: number }> = {};
for (const [name, { augmentation, goal }] of Object.entries(works)) {
  const change = augmentationOf(augmentation, shape, { seed: 1, epoch: 1, batches: rounds });
  const times: number[] = [];
  for (let batch = 1; batch <= rounds; batch++) {
    const images = prepared.slice();
    const start = performance.now();
    change(images, batch);
    times.push(performance.now() - start);
  }
  const ours = median(times);
  const theirs = (await peer.ask(name)) as number;
  figures[name] = { ours, peer: theirs, goal };
  console.log(
    `${name}: ${ours.toFixed(2)} ms (goal ${goal}), peer ${theirs.toFixed(2)} ms, ratio ${(ours / theirs).toFixed(2)}`,
  );
}
peer.close();
console.log(JSON.stringify({ benchmark: 'augmentation', ...figures }));
