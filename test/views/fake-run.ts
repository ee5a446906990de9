import { tellsTop5, type LayerRecord, type RunHeader, type RunRecord } from '../../src/engine/run/format.ts';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import { reduce } from '../../src/views/model/reducer.ts';
import { initialState, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import type { CommandId } from '../../src/views/keys/table.ts';

/** A small seeded generator (mulberry32), so that a frame is the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const lenet: readonly (readonly [label: string, kind: LayerRecord['kind'], units: number])[] = [
  ['conv5-32', 'convolution', 32],
  ['max-pool', 'pooling', 32],
  ['relu', 'activation', 32],
  ['conv5-32', 'convolution', 32],
  ['relu', 'activation', 32],
  ['avg-pool', 'pooling', 32],
  ['conv5-64', 'convolution', 64],
  ['relu', 'activation', 64],
  ['avg-pool', 'pooling', 64],
  ['conv4-64', 'convolution', 64],
  ['relu', 'activation', 64],
  ['conv1-10', 'convolution', 10],
];

export function fakeLayers(count = lenet.length): LayerRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const [label, kind, units] = lenet[index % lenet.length] ?? ['relu', 'activation', 8];
    return {
      index: index + 1,
      name: `${kind}${index + 1}`,
      label,
      kind,
      units,
      shape: [16, 16, units],
      parameters: kind === 'convolution' ? 25 * units : 0,
      receptiveField: { size: 5 + 2 * index, stride: 1 + Math.floor(index / 4), offset: -2 - index },
    };
  });
}

const cifar10Classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export function fakeHeader(options: { layers?: number; epochs?: number; classes?: number } = {}): RunHeader {
  const epochs = options.epochs ?? 45;
  return {
    format: 2,
    clock: 'epoch',
    id: '2026-02-03-lenet-k3x9',
    createdAt: '2026-02-03T10:11:12.000Z',
    program: { name: 'deepview-tui', version: '0.1.0' },
    network: { name: 'lenet', parameters: 145_578, layers: fakeLayers(options.layers) },
    dataset: {
      name: 'cifar10',
      classes: cifar10Classes.slice(0, options.classes),
      trainImages: 50_000,
      validationImages: 10_000,
      imageShape: [32, 32, 3],
      preparation: ['mean subtraction', 'contrast normalisation'],
    },
    probe: { indices: [0, 1], labels: [0, 1] },
    training: {
      epochs,
      batch: 100,
      learningRate: Array.from({ length: epochs }, (_, epoch) => (epoch < 30 ? 0.05 : epoch < 40 ? 0.005 : 0.0005)),
      optimiser: { kind: 'sgd', momentum: 0.9 },
      weightDecay: 0.0001,
      augmentation: { mirror: 'batch' },
      loss: 'cross-entropy',
    },
    seed: 1,
    engine: { name: 'tensorflow', version: '2.9.1', device: 'cpu' },
  };
}

const top5Of = (header: RunHeader, train: number, validation: number): Record<string, number> =>
  tellsTop5(header) ? { 'error_top5/train': train, 'error_top5/validation': validation } : {};

/** An epoch as a network that learns would give it: rising discriminability, falling loss, some noise. */
export function fakeEpoch(header: RunHeader, epoch: number): RunRecord {
  const random = seeded(epoch * 7919 + 13);
  const learned = 1 - Math.exp(-epoch / 9);
  const noise = (size: number): number => (random() - 0.5) * size;
  const layers = header.network.layers;
  return {
    number: epoch,
    epoch,
    scalars: {
      'loss/train': 2.2 - 1.7 * learned + noise(0.06),
      'loss/validation': 2.15 - 1.35 * learned + noise(0.1),
      'error/train': 0.8 - 0.66 * learned + noise(0.02),
      'error/validation': 0.78 - 0.56 * learned + noise(0.03),
      ...top5Of(header, 0.3 - 0.285 * learned, 0.28 - 0.25 * learned + noise(0.01)),
      learning_rate: header.training.learningRate[epoch - 1] ?? 0.0005,
    },
    seconds: 31,
    monitoringShare: 0.021,
    layers: {
      discriminability: layers.map(({ index, kind }) => {
        const height = 0.4 + 1.9 * Math.abs(Math.sin(index * 1.7)) + (kind === 'convolution' ? 0.5 : 0);
        const dip = index === 7 && epoch > 30 ? 0.5 : 1;
        return height * (0.25 + 0.75 * learned) * dip + noise(0.12);
      }),
      density: layers.map(({ index }) => Math.min(1, Math.max(0, 0.2 + 0.06 * index * learned + noise(0.04)))),
    },
    at: '2026-02-03T10:12:00.000Z',
  };
}

export function fakeEvents(
  options: { layers?: number; epochs?: number; planned?: number; classes?: number } = {},
): RunEvent[] {
  const { epochs: _, planned, ...more } = options;
  const header = fakeHeader({ ...more, epochs: planned ?? 45 });
  return [
    { type: 'run', header, directory: '/home/ada/.local/share/deepview-tui/runs/2026-02-03-lenet-k3x9' },
    { type: 'state', state: 'running' },
    ...Array.from({ length: options.epochs ?? 12 }, (_, index): RunEvent => ({
      type: 'epoch',
      record: fakeEpoch(header, index + 1),
    })),
  ];
}

export const fakeBatch = (epoch: number): RunEvent => ({
  type: 'batch',
  epoch,
  batch: 305,
  batches: 500,
  loss: 1.1,
  imagesPerSecond: 1430,
  secondsLeft: 1120,
  phase: 'training',
});

/** The state after some actions. */
export function after(actions: readonly ViewAction[], from: ScreenState = initialState): ScreenState {
  return actions.reduce((state, action) => reduce(state, action).state, from);
}

export const press = (...ids: CommandId[]): ViewAction[] => ids.map((id) => ({ source: 'key', command: { id } }));
