import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import type { StrongestPositions } from '../../../src/engine/backend/kernels/strongest-positions.ts';
import type { Features, RunRecord } from '../../../src/engine/run/index.ts';
import { TrainingControl } from '../../../src/engine/training/control.ts';
import type { RunEvent } from '../../../src/engine/training/messages.ts';
import { trainEpochs, type EpochMetrics, type TrainableNetwork } from '../../../src/engine/training/trainer.ts';
import { numberedData, OneWeight, trial } from './fakes.ts';

const losses = (records: RunRecord[]) =>
  records.map(({ scalars }) => [scalars['loss/train'], scalars['loss/validation']]);
const epochEvents = (events: RunEvent[]) =>
  events.flatMap((event) => (event.type === 'epoch' ? event.record.epoch : []));

describe('an epoch', () => {
  it('sees every image once, in batches, in another order each epoch', async () => {
    const { parts, model } = trial({ epochs: 2, augmentation: {} });
    expect(await trainEpochs(parts)).toBe('finished');
    expect(model.seen.map((batch) => batch.length / 2)).toEqual([5, 5, 5, 5, 3, 5, 5, 5, 5, 3]);
    const order = (batches: number[][]) => batches.flat().filter((_, at) => at % 2 === 0);
    const first = order(model.seen.slice(0, 5));
    const second = order(model.seen.slice(5));
    const all = Array.from({ length: 23 }, (_, image) => image);
    expect([...first].sort((a, b) => a - b)).toEqual(all);
    expect([...second].sort((a, b) => a - b)).toEqual(all);
    expect(second).not.toEqual(first);
  });

  it('mirrors whole batches, about half of them', async () => {
    const { parts, model } = trial({ epochs: 20, learningRate: Array<number>(20).fill(0.01) });
    await trainEpochs(parts);
    // The left pixel is the image's number, so a mirrored batch begins with a negative one.
    const mirrored = model.seen.map((batch) => {
      const signs = new Set(batch.flatMap((value, at) => (at % 2 === 0 && value !== 0 ? Math.sign(value) : [])));
      expect(signs.size).toBe(1);
      return signs.has(-1);
    });
    const share = mirrored.filter(Boolean).length / mirrored.length;
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
  });

  it('changes training images as was asked for, and never those of the validation', async () => {
    const measured: number[][] = [];
    const { parts, model } = trial({ augmentation: { colour: 0.5 } });
    const evaluate = model.evaluate.bind(model);
    model.evaluate = (images, labels) => {
      measured.push(Array.from(images));
      return evaluate(images, labels);
    };
    await trainEpochs(parts);
    const plain = Array.from({ length: 10 }, (_, image) => [image, -image]).flat();
    expect(measured).toEqual([plain, plain, plain]);
    // Image 0 is black and stays so; the others are hardly ever of whole numbers again.
    const changed = model.seen.flat().filter((value) => !Number.isInteger(value));
    expect(changed).toHaveLength(3 * 22 * 2);
  });

  it('uses only the first images when limited', async () => {
    const { parts, model } = trial({ epochs: 1, dataset: numberedData(7, 10), augmentation: {} });
    await trainEpochs(parts);
    const images = model.seen.flat().filter((_, at) => at % 2 === 0);
    expect(images.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('records means over images, not over batches', async () => {
    const { parts, committed, model } = trial({ epochs: 1 });
    const given: number[] = [];
    const train = model.train.bind(model);
    model.train = async (images, labels, step) => {
      const result = await train(images, labels, step);
      given.push(result.loss * labels.length);
      return result;
    };
    await trainEpochs(parts);
    expect(committed[0].scalars['loss/train']).toBeCloseTo(given.reduce((sum, loss) => sum + loss) / 23, 12);
    expect(committed[0].scalars).toMatchObject({ 'error/train': 5 / 23, 'error/validation': 0.5 });
    expect(committed[0].scalars.learning_rate).toBe(0.1);
  });
});

describe('the same seed', () => {
  it('gives the same numbers, another seed others', async () => {
    const runs = [trial(), trial(), trial({ seed: 8 })];
    for (const { parts } of runs) await trainEpochs(parts);
    expect(losses(runs[1].committed)).toEqual(losses(runs[0].committed));
    expect(losses(runs[2].committed)).not.toEqual(losses(runs[0].committed));
  });

  it('gives the same numbers after an interruption', async () => {
    const whole = trial({ epochs: 5 });
    await trainEpochs(whole.parts);
    const before = trial({ epochs: 2 });
    await trainEpochs(before.parts);
    const after = trial({ epochs: 5, epochsDone: 2 });
    after.model.weight = before.states[1];
    await trainEpochs(after.parts);
    expect(losses([...before.committed, ...after.committed])).toEqual(losses(whole.committed));
  });

  it('gives the same numbers after an interruption, however images are changed at random', async () => {
    const augmentation = { mirror: 'image', shift: 1, crop: 0.5, colour: 0.5 } as const;
    const whole = trial({ epochs: 5, augmentation });
    await trainEpochs(whole.parts);
    const after = trial({ epochs: 5, epochsDone: 2, augmentation });
    after.model.weight = whole.states[1];
    await trainEpochs(after.parts);
    expect(losses(after.committed)).toEqual(losses(whole.committed).slice(2));
    const plain = trial({ epochs: 5, augmentation: {} });
    await trainEpochs(plain.parts);
    expect(losses(plain.committed)).not.toEqual(losses(whole.committed));
  });
});

describe('commits', () => {
  it('come in order, while later epochs train, whatever order the metrics come back in', async () => {
    const answers: Array<() => void> = [];
    let trained = 0;
    const { parts, events, committed, model } = trial({
      epochs: 3,
      analyse: (epoch) =>
        new Promise<EpochMetrics>((resolve) => {
          answers[epoch] = () =>
            resolve({ layers: { discriminability: [epoch], density: [0] }, neurons: [], seconds: 0 });
        }),
    });
    const train = model.train.bind(model);
    model.train = (...given) => {
      trained++;
      return train(...given);
    };
    const done = trainEpochs(parts);
    while (answers.length < 4) await pause(1);
    expect(trained).toBe(15);
    expect(committed).toEqual([]);
    answers[3]();
    answers[2]();
    await pause(5);
    expect(committed).toEqual([]);
    answers[1]();
    expect(await done).toBe('finished');
    expect(committed.map((record) => [record.epoch, record.layers.discriminability[0]])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(epochEvents(events)).toEqual([1, 2, 3]);
  });

  it('are announced only after they are made', async () => {
    const order: string[] = [];
    const { parts } = trial({
      epochs: 2,
      emit: (event) => event.type === 'epoch' && order.push(`event ${event.record.epoch}`),
    });
    const commit = parts.commit;
    parts.commit = async (...given) => {
      await pause(3);
      order.push(`commit ${given[0].epoch}`);
      return commit(...given);
    };
    await trainEpochs(parts);
    expect(order).toEqual(['commit 1', 'event 1', 'commit 2', 'event 2']);
  });

  it('hold what the weights were, though training went on', async () => {
    const { parts, states, model } = trial({ epochs: 2 });
    const after: number[] = [];
    parts.readProbe = async () => {
      after.push(model.weight);
      return Promise.resolve([Float32Array.of(model.weight)]);
    };
    await trainEpochs(parts);
    expect(states).toEqual(after);
  });

  it('stop the training when one fails, and none follows', async () => {
    const full = new DeepviewError('disk-full', 'the disk is full');
    const { parts, committed, model } = trial({ epochs: 50, learningRate: Array<number>(50).fill(0.01) });
    const commit = parts.commit;
    parts.commit = (record, ...rest) => (record.epoch === 2 ? Promise.reject(full) : commit(record, ...rest));
    await expect(trainEpochs(parts)).rejects.toBe(full);
    expect(committed.map((record) => record.epoch)).toEqual([1]);
    expect(model.seen.length).toBeLessThan(50 * 5);
  });

  it('say which share of the epoch monitoring took', async () => {
    let clock = 0;
    const { parts, committed } = trial({ epochs: 1, now: () => clock });
    parts.network = {
      train: () => ((clock += 1000), Promise.resolve({ loss: 1, top1Errors: 0, top5Errors: 0 })),
      evaluate: () => ((clock += 2000), Promise.resolve({ loss: 1, top1Errors: 0, top5Errors: 0 })),
    };
    parts.readProbe = () => ((clock += 3000), Promise.resolve([new Float32Array(1)]));
    parts.analyse = () => Promise.resolve({ layers: { discriminability: [0], density: [0] }, neurons: [], seconds: 1 });
    await trainEpochs(parts);
    // Five batches, one validation batch, the probe: 5 + 2 + 3 seconds.
    expect(committed[0].seconds).toBe(10);
    expect(committed[0].monitoringShare).toBeCloseTo(0.4, 12);
  });
});

describe('a loss that is not finite', () => {
  class Exploding extends OneWeight {
    override async train(...given: Parameters<OneWeight['train']>) {
      const result = await super.train(...given);
      return this.seen.length > 12 ? { ...result, loss: NaN } : result;
    }
  }

  it('ends the training, says where, keeps what was before, and suggests a lower rate', async () => {
    const { parts, committed } = trial({ network: new Exploding(), epochs: 5 });
    await expect(trainEpochs(parts)).rejects.toMatchObject({
      code: 'loss-not-finite',
      message: 'The loss became NaN in epoch 3, batch 3 of 5. Epochs 1 to 2 are kept.',
      hint: expect.stringContaining('lower learning rate (it was 0.01)') as string,
    });
    expect(committed.map((record) => record.epoch)).toEqual([1, 2]);
  });

  it('is found in the validation too', async () => {
    const { parts, committed } = trial();
    parts.network = {
      train: () => Promise.resolve({ loss: 1, top1Errors: 0, top5Errors: 0 }),
      evaluate: () => Promise.resolve({ loss: Infinity, top1Errors: 0, top5Errors: 0 }),
    };
    await expect(trainEpochs(parts)).rejects.toThrow('The loss became Infinity in the validation of epoch 1.');
    expect(committed).toEqual([]);
  });
});

describe('a loss that explodes', () => {
  const given = (train: readonly number[], validation: readonly number[] = []): TrainableNetwork => {
    const [left, measured] = [[...train], [...validation]];
    const result = (loss: number) => Promise.resolve({ loss, top1Errors: 0, top5Errors: 0 });
    return { train: () => result(left.shift() ?? 1), evaluate: () => result(measured.shift() ?? 1) };
  };

  it('ends the training: beyond a thousand times the first one, or that of guessing, whichever is higher', async () => {
    const { parts, committed } = trial({ network: given([2, 1, 1, 1, 1, 1999, 2001]), clipGradient: 2 });
    await expect(trainEpochs({ ...parts, dataset: { ...parts.dataset, preparation: ['a'] } })).rejects.toMatchObject({
      code: 'loss-exploded',
      message: 'The loss rose to 2.0e+3 in epoch 2, batch 2 of 5, from 2 at the start. Epoch 1 is kept.',
      hint:
        'A lower learning rate (it was 0.1) keeps it down: --learning-rate 0.01. So may --clip-gradient 0.2, or images ' +
        'of smaller values (these had a): --preparation standardise. --keep-going goes on in any case.',
    });
    expect(committed.map((record) => record.epoch)).toEqual([1]);
    const guessing = trial({ network: given([1e-9, 1000 * Math.log(2) - 1, 1000 * Math.log(2) + 1]) });
    await expect(trainEpochs(guessing.parts)).rejects.toThrow(/batch 3 of 5, from 0\.693 at the start/);
    const squares = trial({ network: given([1e-9, 249, 251]), loss: 'squared-error' });
    await expect(trainEpochs(squares.parts)).rejects.toThrow(/batch 3 of 5, from 0\.25 at the start/);
  });

  it('is let pass where it began high, and in a validation that running means are late for', async () => {
    const high = trial({ network: given([5e8, 6e8, 5e10]), epochs: 1 });
    expect(await trainEpochs(high.parts)).toBe('finished');
    const late = trial({ network: given([1], [9e5]), epochs: 1 });
    expect(await trainEpochs(late.parts)).toBe('finished');
    const lost = trial({ network: given([1], [8e29]), epochs: 1 });
    await expect(trainEpochs(lost.parts)).rejects.toThrow('The loss rose to 8.0e+29 in the validation of epoch 1');
  });

  it('is measured by the start of the run where that is gone on with', async () => {
    const { parts } = trial({ network: given([1e6]), epochsDone: 1, startLoss: 1 });
    await expect(trainEpochs(parts)).rejects.toMatchObject({ code: 'loss-exploded' });
    const lost = trial({ network: given([1e6]), epochsDone: 1, startLoss: NaN });
    await expect(trainEpochs(lost.parts)).rejects.toThrow(/from 0\.693 at the start/);
  });

  it('does not end a training that is to keep going, and is told once', async () => {
    const network = given([1, 1, NaN, 1e9, NaN], [Infinity]);
    const { parts, committed, events } = trial({ network, epochs: 2, keepGoing: true });
    expect(await trainEpochs(parts)).toBe('finished');
    expect(committed.map(({ scalars }) => scalars['loss/validation'])).toEqual([Infinity, 1]);
    expect(events.filter(({ type }) => type === 'notice')).toEqual([
      { type: 'notice', text: 'the loss became NaN in epoch 1, batch 3 of 5; the training goes on, as was asked' },
    ]);
  });
});

describe('commands', () => {
  it('stop after the epoch commits it and ends', async () => {
    const { parts, control, committed } = trial({ epochs: 5 });
    const emit = parts.emit;
    parts.emit = (event) => {
      emit(event);
      if (event.type === 'batch' && event.epoch === 2) control.handle({ type: 'stop', when: 'after-epoch' });
    };
    expect(await trainEpochs(parts)).toBe('stopped');
    expect(committed.map((record) => record.epoch)).toEqual([1, 2]);
  });

  it('stop now leaves the epoch, and commits what was handed over before', async () => {
    const { parts, control, committed, model } = trial({ epochs: 5 });
    parts.analyse = async () => {
      await pause(20);
      return { layers: { discriminability: [0], density: [0] }, neurons: [], seconds: 0 };
    };
    const train = model.train.bind(model);
    model.train = (...given) => {
      if (model.seen.length === 7) control.handle({ type: 'stop', when: 'now' });
      return train(...given);
    };
    expect(await trainEpochs(parts)).toBe('stopped');
    expect(model.seen).toHaveLength(8);
    expect(committed.map((record) => record.epoch)).toEqual([1]);
  });

  it('pause holds the loop, and its time is nobody’s', async () => {
    const { parts, control, events, committed, model } = trial({ epochs: 1 });
    let clock = 0;
    parts.now = () => clock;
    const train = model.train.bind(model);
    const paused = new Promise<void>((resolve) => {
      model.train = (...given) => {
        clock += 1000;
        if (model.seen.length === 2) {
          control.handle({ type: 'pause' });
          resolve();
        }
        return train(...given);
      };
    });
    const done = trainEpochs(parts);
    await paused;
    await pause(20);
    expect(model.seen).toHaveLength(3);
    expect(events.at(-1)).toEqual({ type: 'state', state: 'paused' });
    control.handle({ type: 'resume' });
    expect(await done).toBe('finished');
    expect(model.seen).toHaveLength(5);
    expect(events.filter((event) => event.type === 'state').map((event) => event.state)).toEqual(['paused', 'running']);
    // The control's own clock ticks a millisecond a look, so the pause took something; the batches five seconds.
    expect(committed[0].seconds).toBeLessThanOrEqual(5);
  });

  it('pauses, two in an epoch and one in the next, are left out of both epochs', async () => {
    let clock = 0;
    const now = (): number => clock;
    const control = new TrainingControl((paused) => {
      if (!paused) return;
      clock += 7000;
      control.handle({ type: 'resume' });
    }, now);
    const { parts, committed, model } = trial({ epochs: 2, now, control });
    const train = model.train.bind(model);
    model.train = (...given) => {
      clock += 1000;
      if ([1, 3, 6].includes(model.seen.length)) control.handle({ type: 'pause' });
      return train(...given);
    };
    expect(await trainEpochs(parts)).toBe('finished');
    expect(control.pausedSeconds).toBe(21);
    expect(committed.map(({ seconds }) => seconds)).toEqual([5, 5]);
  });

  it('stop ends a pause', async () => {
    const { parts, control, model } = trial();
    control.handle({ type: 'pause' });
    const done = trainEpochs(parts);
    await pause(5);
    expect(model.seen).toHaveLength(0);
    control.handle({ type: 'stop', when: 'now' });
    expect(await done).toBe('stopped');
  });
});

describe('batch events', () => {
  it('come at most ten times a second, and for the last batch of an epoch', async () => {
    let clock = 0;
    const { parts, events } = trial({
      epochs: 1,
      dataset: numberedData(2000, 10),
      now: () => clock,
    });
    parts.network = {
      train: () => ((clock += 30), Promise.resolve({ loss: 2, top1Errors: 0, top5Errors: 0 })),
      evaluate: () => Promise.resolve({ loss: 1, top1Errors: 0, top5Errors: 0 }),
    };
    await trainEpochs(parts);
    const training = events.filter((event) => event.type === 'batch' && event.phase === 'training');
    // 400 batches of 30 ms are 12 seconds.
    expect(training.length).toBeLessThanOrEqual(121);
    expect(training.length).toBeGreaterThan(90);
    expect(training.at(-1)).toMatchObject({ batch: 400, batches: 400, loss: 2 });
    const seen = training.at(-1);
    expect(seen?.type === 'batch' && seen.imagesPerSecond).toBeCloseTo(2000 / 12, 6);
  });
});

describe('strongest patches', () => {
  /** A collector that remembers what it was shown, of a model with two layers. */
  function collecting(changes: Parameters<typeof trial>[0] = {}) {
    const shown: [epoch: number, layer: number, firstImage: number, images: number][] = [];
    const stored: [epoch: number, features: number | undefined][] = [];
    const scene = trial({ dataset: numberedData(23, 1200), epochs: 4, ...changes });
    const { parts, model } = scene;
    const evaluate = model.evaluate.bind(model);
    model.evaluate = (images, labels, visit?: (layer: number, find: () => StrongestPositions) => void) => {
      for (const layer of [0, 1]) visit?.(layer, () => ({ largest: images.slice(), places: new Int32Array() }));
      return evaluate(images, labels);
    };
    const features = { neurons: 1, perNeuron: 1 } as Features;
    const due = (epoch: number) => {
      if (epoch % 2 !== 0) return undefined;
      return {
        layers: 2,
        add: (layer: number, first: number, largest: Float32Array) =>
          void shown.push([epoch, layer, first, largest.length / 2]),
        result: () => features,
      };
    };
    const commit = parts.commit;
    parts.strongestOf = due;
    parts.commit = (record, samples, metrics, state, stores) => {
      stored.push([record.number, stores?.length]);
      return commit(record, samples, metrics, state, stores);
    };
    return { ...scene, shown, stored };
  }

  it('are looked for in every validation image, at the epochs that are to have them', async () => {
    const { parts, shown, stored, committed } = collecting();
    await trainEpochs(parts);
    const ofEpoch = (epoch: number) => [
      [epoch, 0, 0, 500],
      [epoch, 1, 0, 500],
      [epoch, 0, 500, 500],
      [epoch, 1, 500, 500],
      [epoch, 0, 1000, 200],
      [epoch, 1, 1000, 200],
    ];
    expect(shown).toEqual([...ofEpoch(2), ...ofEpoch(4)]);
    expect(stored).toEqual([
      [1, undefined],
      [2, 2],
      [3, undefined],
      [4, 2],
    ]);
    const { parts: plain, committed: without } = trial({ dataset: numberedData(23, 1200), epochs: 4 });
    await trainEpochs(plain);
    expect(losses(committed)).toEqual(losses(without));
    // The time that they take is counted: the clock ticks at every look.
    expect(committed[1].monitoringShare).toBeGreaterThan(committed[0].monitoringShare ?? 1);
  });
});
