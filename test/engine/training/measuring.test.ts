import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/engine/run/index.ts';
import { trainEpochs } from '../../../src/engine/training/trainer.ts';
import { epochsOf, smallRequest, trainingHome, watchTraining, type TrainingHome } from '../../support/training-home.ts';
import { trial } from './fakes.ts';

let home: TrainingHome;
beforeAll(async () => (home = await trainingHome()));
afterAll(() => home.remove());

it('where all rates are zero nothing is learned, and the training images are measured like the others', async () => {
  const { parts, model, committed } = trial({ learningRate: [0], epochs: 1, augmentation: {} });
  expect(await trainEpochs(parts)).toBe('finished');
  expect(model.seen).toEqual([]);
  expect(model.weight).toBe(1);
  const loss = Math.abs(Math.cos(1));
  expect(committed).toMatchObject([
    {
      epoch: 1,
      scalars: {
        learning_rate: 0,
        'loss/train': expect.closeTo(loss) as number,
        'loss/validation': expect.closeTo(loss) as number,
      },
    },
  ]);
});

it('a rate of zero within a schedule is an epoch of training like others', async () => {
  const { parts, model } = trial({ learningRate: [0.1, 0], epochs: 2, augmentation: {} });
  await trainEpochs(parts);
  expect(model.seen).toHaveLength(10);
});

it('measures a network once: the numbers of its first weights, which stay as they are', async () => {
  const directory = join(home.directory, 'probed');
  const request = smallRequest({ run: directory, probeOnly: true, features: 1, augment: 'shift=64' });
  delete request.epochs;
  const probed = watchTraining(home, request);
  expect(await probed.end).toMatchObject({ state: 'finished' });
  const [record, ...more] = epochsOf(probed.events);
  expect(more).toEqual([]);
  expect(record).toMatchObject({ epoch: 1, scalars: { learning_rate: 0 } });
  expect(record.layers.discriminability.every((value) => value !== null && value > 0)).toBe(true);
  const header = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as { training: object };
  expect(header.training).toMatchObject({ epochs: 1, learningRate: [0], augmentation: {} });
  expect(await readFile(join(directory, 'features/000001/features.json'), 'utf8')).toContain('"epoch":1');

  // The same seed with a rate too small to move single precision begins, and ends, with the same weights.
  const other = join(home.directory, 'trained');
  const still = smallRequest({ run: other, epochs: 1, learningRate: 1e-12, weightDecay: 0 });
  expect(await watchTraining(home, still).end).toMatchObject({ state: 'finished' });
  const [first, second] = [await readCheckpoint(directory, 1), await readCheckpoint(other, 1)];
  // Biases begin at zero, which the smallest step leaves.
  const names = [...first.keys()].filter((name) => name.endsWith('.weights'));
  for (const name of names) expect(first.get(name)!.data).toEqual(second.get(name)!.data);
  expect(names).toContain('conv1.weights');
});
