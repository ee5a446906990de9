import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRunImages } from '../../../src/engine/analysis/run-images.ts';
import { generateShapes } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { featureEpochs, openRun, readFeatures } from '../../../src/engine/run/index.ts';
import { writeShapes } from '../../support/few-images.ts';
import { smallRequest, trainingHome, watchTraining, type TrainingHome } from '../../support/training-home.ts';

let home: TrainingHome;
beforeAll(async () => void (home = await trainingHome()));
afterAll(() => home.remove());

test('a training stores patches with the first and the last epoch, and every nth', async () => {
  const { seen, end } = watchTraining(
    home,
    smallRequest({ data: 'shapes', limit: 50, probe: 1000, epochs: 5, features: 3 }),
  );
  const begun = await seen((event) => event.type === 'run');
  expect((await end).state).toBe('finished');
  if (begun.type !== 'run') throw new Error('unreachable');
  const run = await openRun(begun.directory);
  const epochs = await featureEpochs(begun.directory);
  expect(epochs).toEqual([1, 3, 5]);
  for (const layer of run.header.network.layers) {
    const { image, activation, perNeuron } = await readFeatures(begun.directory, run.header, 5, layer);
    expect(perNeuron).toBe(1000);
    // One patch an image.
    for (let neuron = 0; neuron < layer.units; neuron++) {
      const images = image.subarray(neuron * perNeuron, (neuron + 1) * perNeuron).filter((one) => one >= 0);
      expect(new Set(images).size).toBe(images.length);
    }
    if (layer.label === 'relu') expect(activation.every((value) => value >= 0)).toBe(true);
  }
  // The last layer has one position, so what its neurons answered to the probe images is among their patches.
  const last = run.header.network.layers.at(-1)!;
  const { image, activation, perNeuron } = await readFeatures(begun.directory, run.header, 5, last);
  const samples = await run.samples(5, last.index);
  run.header.probe.indices.forEach((probed, row) => {
    for (let neuron = 0; neuron < last.units; neuron++) {
      const rank = image.subarray(neuron * perNeuron, (neuron + 1) * perNeuron).indexOf(probed);
      const value = samples[row * last.units + neuron];
      // Samples are stored as halves.
      expect(Math.abs(activation[neuron * perNeuron + rank] - value)).toBeLessThan(2e-3 * Math.max(1, Math.abs(value)));
    }
  });
});

test('of few images of a user they are places in the training images, and are shown of these', async () => {
  const data = join(home.directory, 'own.npz');
  await writeShapes(data, { train: 200, validation: 100 });
  const train = generateShapes(200, 'train');
  const { seen, end } = watchTraining(home, smallRequest({ data, epochs: 1, features: 1 }));
  const begun = await seen((event) => event.type === 'run');
  expect((await end).state).toBe('finished');
  if (begun.type !== 'run') throw new Error('unreachable');
  const run = await openRun(begun.directory);
  expect(run.header.dataset).toMatchObject({ trainImages: 200, validationImages: 100, patchImages: 200 });
  const last = run.header.network.layers.at(-1)!;
  const { image, perNeuron } = await readFeatures(begun.directory, run.header, 1, last);
  // The last layer answers to every image, so each is there.
  expect(perNeuron).toBe(200);
  expect(new Set(image.subarray(0, 200)).size).toBe(200);
  const images = await openRunImages(begun.directory, run.header, home.paths);
  expect([...images.labels]).toEqual([...train.labels]);
  expect(Buffer.from(images.pixels(7)).equals(Buffer.from(train.view(7, 8)))).toBe(true);
});

test('off, it stores none', async () => {
  const { seen, end } = watchTraining(home, smallRequest({ epochs: 1, features: 'off' }));
  const begun = await seen((event) => event.type === 'run');
  await end;
  expect(begun.type === 'run' && (await featureEpochs(begun.directory))).toEqual([]);
});
