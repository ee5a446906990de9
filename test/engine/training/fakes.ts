import type { Dataset, ImageSet } from '../../../src/engine/data/dataset.ts';
import type { RunRecord } from '../../../src/engine/run/format.ts';
import { TrainingControl } from '../../../src/engine/training/control.ts';
import type { RunEvent } from '../../../src/engine/training/messages.ts';
import type { TrainableNetwork, TrainerParts } from '../../../src/engine/training/trainer.ts';

/** Images of one row of two pixels: the image's number, and minus it. */
export function numberedSet(count: number, classes: number): ImageSet {
  return {
    count,
    labels: Uint16Array.from({ length: count }, (_, image) => image % classes),
    fill(indices, target) {
      for (let at = 0; at < indices.length; at++) {
        target[2 * at] = indices[at];
        target[2 * at + 1] = -indices[at];
      }
    },
    pixels: (index) => Uint8Array.of(index, 0),
  };
}

export function numberedData(train: number, validation: number): Dataset {
  return {
    name: 'numbers',
    classes: ['even', 'odd'],
    imageShape: [1, 2, 1],
    preparation: [],
    train: numberedSet(train, 2),
    validation: numberedSet(validation, 2),
  };
}

/**
 * A model of one weight, whose loss depends on every image, label, rate and the order they came in,
 * so that any difference in what the loop feeds shows in the numbers.
 */
export class OneWeight implements TrainableNetwork {
  weight = 1;
  readonly seen: number[][] = [];

  async train(images: Float32Array, labels: Int32Array, { learningRate }: { learningRate: number }) {
    this.seen.push(Array.from(images));
    let sum = 0;
    for (let at = 0; at < labels.length; at++) sum += Math.sin(images[2 * at] * 0.37 + this.weight) * (labels[at] + 1);
    const loss = 1 + sum / labels.length / 4;
    this.weight = Math.fround(this.weight + learningRate * loss * (1 + images[0] / 100));
    return Promise.resolve({ loss, top1Errors: 1, top5Errors: 0 });
  }

  async evaluate(_images: Float32Array, labels: Int32Array) {
    const loss = Math.abs(Math.cos(this.weight));
    return Promise.resolve({ loss, top1Errors: labels.length / 2, top5Errors: 0 });
  }
}

export interface Trial {
  parts: TrainerParts;
  model: OneWeight;
  events: RunEvent[];
  committed: RunRecord[];
  /** The weight after each committed epoch. */
  states: number[];
  control: TrainingControl;
}

/** The loop with one weight, a clock that ticks a millisecond a look, and a store in memory. */
export function trial(changes: Partial<TrainerParts> = {}): Trial {
  const model = new OneWeight();
  const events: RunEvent[] = [];
  const committed: RunRecord[] = [];
  const states: number[] = [];
  let clock = 0;
  const now = (): number => clock++;
  const control = new TrainingControl(
    (paused) => events.push({ type: 'state', state: paused ? 'paused' : 'running' }),
    now,
  );
  const parts: TrainerParts = {
    network: model,
    dataset: numberedData(23, 10),
    epochs: 3,
    batch: 5,
    learningRate: [0.1, 0.1, 0.01, 0.01, 0.01],
    augmentation: { mirror: 'batch' },
    loss: 'cross-entropy',
    seed: 7,
    epochsDone: 0,
    control,
    emit: (event) => events.push(event),
    now,
    readProbe: async () => Promise.resolve([Float32Array.of(model.weight)]),
    captureState: async () =>
      Promise.resolve(new Map([['weight', { shape: [], data: Float32Array.of(model.weight) }]])),
    analyse: async (_, [samples]) =>
      Promise.resolve({ layers: { discriminability: [samples[0]], density: [0.5] }, neurons: [], seconds: 0.001 }),
    commit: async (record, _samples, _metrics, state) => {
      const done = { ...record, at: '2026-01-01T00:00:00.000Z' };
      committed.push(done);
      states.push(state.get('weight')?.data[0] ?? NaN);
      return Promise.resolve(done);
    },
    ...changes,
  };
  return { parts, model, events, committed, states, control };
}
