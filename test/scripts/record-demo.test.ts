import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRunImages } from '../../src/engine/analysis/run-images.ts';
import { generateShapes } from '../../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { bytesOf, recordDemo } from '../../scripts/recording/record-demo.ts';
import { carriedImages, patchesIn } from '../../scripts/recording/carried-images.ts';
import { Random } from '../../src/engine/base/random.ts';
import type { Features } from '../../src/engine/base/features.ts';
import { evenly, recordingPlans } from '../../scripts/recording/plan.ts';
import { featureEpochs, openRun, readFeatures } from '../../src/engine/run/index.ts';
import { exploredRun, explorerOf } from '../engine/analysis/questions/explored-run.ts';
import { temporary } from '../engine/run/sample-run.ts';
import { recordedRun, sharedRecording, smallPlan } from './recorded-run.ts';

test('a recording keeps the records and every metric, and says what it takes', async () => {
  const { source, output, report } = await sharedRecording();
  const [whole, kept] = [await openRun(source), await openRun(output)];
  expect(kept.state).toBe('finished');
  expect(kept.records).toEqual(whole.records);
  for (const { number: epoch } of whole.records) {
    const [was, is] = [await whole.neurons(epoch, 1), await kept.neurons(epoch, 1)];
    expect(is.discriminability).toEqual(Float64Array.from(Float32Array.from(was.discriminability)));
    expect(is.density).toEqual(Float64Array.from(Float32Array.from(was.density)));
  }
  expect(report).toMatchObject({ featureEpochs: [1], sampledEpochs: [1, 3], plan: smallPlan });
  expect(report.bytes).toBe(await bytesOf(output));
  expect((await readdir(output)).sort()).toEqual(['epochs', 'epochs.jsonl', 'features', 'images', 'run.json']);
});

test('its patches are the strongest in the images it carries, whose pixels come with it', async () => {
  const { source, output, report } = await sharedRecording();
  const { header } = await openRun(output);
  expect(await featureEpochs(output)).toEqual([1]);
  const images = await openRunImages(output, header, pathsFor({ HOME: await temporary() }));
  const { pixels, labels } = generateShapes(1000, 'validation');
  const index = JSON.parse(await readFile(join(output, 'images/images.json'), 'utf8')) as { images: number[] };
  const carried = new Set(index.images);
  const seen = new Set<number>();
  for (const layer of header.network.layers) {
    const was = await readFeatures(source, header, 1, layer);
    const is = await readFeatures(output, header, 1, layer);
    expect(is.perNeuron).toBe(30);
    for (let neuron = 0; neuron < is.neurons; neuron++) {
      const own = Array.from({ length: was.perNeuron }, (_, rank) => neuron * was.perNeuron + rank);
      const kept = own.filter((at) => carried.has(was.image[at]));
      // Of each the strongest are there, of the last layer more, and none is passed over whose image is.
      const strongest = layer.index === 2 ? 20 : 10;
      expect(kept.slice(0, strongest)).toEqual(own.slice(0, strongest));
      for (const what of ['image', 'y', 'x', 'activation'] as const) {
        const expected = kept.slice(0, 30).map((at) => was[what][at]);
        expect([...is[what].subarray(neuron * 30, (neuron + 1) * 30)]).toEqual(expected);
      }
    }
    for (const image of is.image) seen.add(image);
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(index.images);
  expect(report.images).toBe(seen.size);
  for (const image of seen) {
    expect(Buffer.compare(images.pixels(image), pixels.subarray(image * 3072, (image + 1) * 3072))).toBe(0);
    expect(images.labels[image]).toBe(labels[image]);
  }
});

test('what a layer and a neuron look like is answered from it, of the newest epoch that has answers', async () => {
  const { source, output } = await recordedRun();
  const whole = explorerOf(source);
  const kept = explorerOf(output);
  const map = { type: 'map', layer: 1, k: 4, linkage: 'average' } as const;
  await whole.explorer.ask({ ...map, epoch: 3 });
  await kept.explorer.ask({ ...map, epoch: 3 });
  expect(kept.last('map').map.labels).toEqual(whole.last('map').map.labels);
  expect(kept.last('map').map.asked).toBeUndefined();
  expect(kept.last('pictures').pictures.averages.every(Boolean)).toBe(true);
  // Epoch 2 keeps metrics alone.
  await kept.explorer.ask({ ...map, epoch: 2 });
  expect(kept.last('map').map).toMatchObject({ epoch: 1, asked: 2 });
  await kept.explorer.ask({ type: 'distributions', layer: 1, neuron: 2, epoch: 2 });
  expect(kept.last('distributions').distributions.epoch).toBe(1);
  await whole.explorer.ask({ type: 'distributions', layer: 1, neuron: 2, epoch: 3 });
  await kept.explorer.ask({ type: 'distributions', layer: 1, neuron: 2, epoch: 3 });
  const [was, is] = [whole.last('distributions').distributions, kept.last('distributions').distributions];
  // 21 quantiles of ten images, halved in precision and read back as ten images.
  was.quantiles.forEach((value, at) => {
    // Classes without probe images have none.
    if (Number.isNaN(value)) expect(is.quantiles[at]).toBeNaN();
    else expect(Math.abs(value - is.quantiles[at])).toBeLessThan(0.3);
  });
  await kept.explorer.ask({ type: 'patches', layer: 2, neuron: 0, epoch: 3, first: 0, count: 3 });
  expect(kept.last('patches').patches).toMatchObject({ epoch: 1, pictured: [0, 1, 2] });
});

test('the first plan that fits is taken, and one that is too large is refused with its size', async () => {
  const tried: number[] = [];
  const large = { ...smallPlan, patches: 40 };
  const { report } = await recordedRun({ plans: [large, smallPlan], onPlan: (_, bytes) => tried.push(bytes) });
  expect(report.plan).toEqual(large);
  const [first = 0] = tried;
  const second = await recordedRun({ plans: [large, smallPlan], budget: first - 1 });
  expect(second.report.plan).toEqual(smallPlan);
  await expect(recordedRun({ budget: 1000 })).rejects.toMatchObject({
    code: 'recording-too-large',
    message: expect.stringMatching(/\d kB, more than the 1/),
  });
});

test('what is not finished is refused, and so is a directory with something else in it', async () => {
  const { directory } = await exploredRun([{ units: 3 }]);
  const paths = pathsFor({ HOME: await temporary() });
  const output = join(await temporary(), 'demo');
  await expect(recordDemo({ run: directory, output, paths })).rejects.toMatchObject({
    code: 'not-finished',
    message: expect.stringContaining('has 2 of 3 epochs'),
  });
  const { source, output: recorded } = await recordedRun();
  // An earlier recording is replaced.
  await recordDemo({ run: source, output: recorded, paths, plans: [smallPlan] });
  await mkdir(join(recorded, 'checkpoints'));
  await expect(recordDemo({ run: source, output: recorded, paths })).rejects.toMatchObject({ code: 'output-in-use' });
  await rm(join(recorded, 'checkpoints'), { recursive: true });
  await writeFile(join(recorded, 'notes.txt'), 'mine');
  await expect(recordDemo({ run: source, output: recorded, paths })).rejects.toMatchObject({ code: 'output-in-use' });
});

test('few images hold enough patches of every neuron, of a neuron that is seldom active all', () => {
  const random = new Random(1, 'carried');
  const layer = (has: number): Features => {
    const images = Array.from({ length: 40 }, () => random.below(400));
    const distinct = [...new Set(images)].slice(0, has);
    const image = Int32Array.from({ length: 40 }, (_, rank) => distinct[rank] ?? -1);
    return { neurons: 1, perNeuron: 40, image, y: image, x: image, activation: Float32Array.from(image) };
  };
  const epochs = [
    Array.from({ length: 30 }, () => layer(40)),
    [...Array.from({ length: 30 }, () => layer(40)), layer(7)],
  ];
  const carried = carriedImages(epochs, { patches: 10, strongest: 2, strongestOfLast: 2 });
  const held = epochs.map((layers) =>
    layers.map((features) => patchesIn(features, new Set(carried), 40).image.filter((one) => one >= 0).length),
  );
  for (const layers of held) for (const count of layers.slice(0, 30)) expect(count).toBeGreaterThanOrEqual(10);
  expect(held[1][30]).toBe(7);
  for (const { image } of epochs.flat()) expect(carried).toEqual(expect.arrayContaining([...image.subarray(0, 2)]));
  // Taking each neuron's strongest ten takes more.
  const plainly = new Set(epochs.flat().flatMap(({ image }) => [...image.subarray(0, 10)]));
  expect(carried.length).toBeLessThan(0.7 * plainly.size);
  // Of an earlier epoch, half of what a neuron has.
  const [early, late] = [[layer(8)], [layer(40)]];
  const few = new Set(carriedImages([early, late], { patches: 10, strongest: 1, strongestOfLast: 1 }));
  expect(early[0].image.filter((one) => few.has(one)).length).toBeGreaterThanOrEqual(4);
  expect(few.size).toBeLessThanOrEqual(14);
});

test('plans go from rich to poor', () => {
  for (const [place, plan] of recordingPlans.entries()) {
    const next = recordingPlans[place + 1];
    if (!next) continue;
    for (const what of Object.keys(plan) as (keyof typeof plan)[]) {
      expect(next[what]).toBeLessThanOrEqual(plan[what]);
    }
    expect(next).not.toEqual(plan);
  }
  expect(evenly([1, 5, 10, 15, 20], 3)).toEqual([1, 10, 20]);
  expect(evenly([1, 5, 10], 1)).toEqual([10]);
  expect(evenly([1, 5], 9)).toEqual([1, 5]);
});
