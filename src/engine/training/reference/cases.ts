import { fileURLToPath } from 'node:url';
import { readText } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { builtFile } from '../../base/program-files.ts';
import type { Engine } from '../../backend/engine.ts';
import { findPreset } from '../../network/presets/index.ts';
import type {
  LayerSpecification,
  NetworkSpecification,
  OptimiserSpecification,
  TrainingSpecification,
} from '../../network/specification.ts';
import { buildModel, type Model } from '../model.ts';

/** Uniform in [-1, 1): the same hash of each index as make_training_steps.py's. */
export function hashed(count: number, salt: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    let x = (Math.imul(index, 2654435761) + salt * 40503) >>> 0;
    for (let i = 0; i < 2; i++) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
    x = (x ^ (x >>> 16)) >>> 0;
    return Math.fround(x / 2 ** 31 - 1) * Math.fround(scale);
  });
}

/** Every `step`th of `size` values. */
export interface Values {
  size: number;
  step: number;
  values: number[];
}

/** What the version of PyTorch that it names makes of layers: outputs, and all that one step of learning changes. */
export interface LayerCase {
  case: string;
  torch: string;
  layers: LayerSpecification[];
  start: Record<string, { salt: number; scale: number; start: number }>;
  logits: Values;
  loss: number;
  after: Record<string, { value: Values; velocity?: Values }>;
  evaluated: Values;
}

/** What PyTorch makes of a few steps of an optimiser: losses, and values and moments by parameter. */
export interface OptimiserCase {
  optimiser: 'sgd' | 'nesterov' | 'adam' | 'adamw';
  learningRate: number;
  weightDecay: number;
  clipGradient: number | null;
  squared: boolean;
  deviations: Record<string, number>;
  steps: { loss: number; norm: number }[];
  after: Record<string, Record<string, Values>>;
}

export interface ReferenceCases {
  layers: LayerCase[];
  optimisers: Record<string, OptimiserCase>;
  /** Of `lenetSteps` on TensorFlow's CPU kernels. */
  losses: number[];
}

/** The cases that the build puts together of the tests' own. */
export const referenceCases = async (): Promise<ReferenceCases> =>
  JSON.parse(await readText(fileURLToPath(builtFile('reference.json')), limits.jsonBytes)) as ReferenceCases;

const lenet = findPreset('lenet');

/** As in make_layers.py. */
const [inputShape, imageCount, classes] = [[7, 6, 3] as const, 5, 4];
export const layerImages = hashed(imageCount * inputShape[0] * inputShape[1] * inputShape[2], 1000, 2);
export const layerLabels = Array.from({ length: imageCount }, (_, image) => (image * 3) % classes);

/** The network of a case, with the weights that the case was made with. */
export async function layerModel(
  engine: Engine,
  { layers, start }: Pick<LayerCase, 'layers' | 'start'>,
): Promise<Model> {
  const training = { ...lenet.training, weightDecay: 0.01 };
  const model = buildModel(engine, { name: 'small', description: '', inputShape, layers, training }, 1);
  const state = await model.state();
  for (const [name, { salt, scale, start: offset }] of Object.entries(start)) {
    const { data } = state.get(name)!;
    data.set(hashed(data.length, salt, scale).map((value) => value + offset));
  }
  model.restore(state);
  return model;
}

const convolution = (kernel: number, channels: number, last = false): LayerSpecification => ({
  kind: 'convolution',
  kernel,
  channels,
  padding: last ? 'valid' : 'same',
  deviation: 0.05,
  learningRate: last ? { weights: 0.01, biases: 0.2 } : { weights: 0.1, biases: 2 },
});

const small = (outputs: number, training: Partial<TrainingSpecification>): NetworkSpecification => ({
  ...lenet,
  name: 'small',
  inputShape: [8, 8, 3],
  layers: [convolution(3, 6), { kind: 'relu' }, convolution(8, outputs, true)],
  training: { ...lenet.training, ...training },
});

const adam = { beta1: 0.8, beta2: 0.98, epsilon: 1e-8 };
const optimisers: Record<OptimiserCase['optimiser'], OptimiserSpecification> = {
  sgd: { kind: 'sgd', momentum: 0.9 },
  nesterov: { kind: 'sgd', momentum: 0.9, nesterov: true },
  adam: { kind: 'adam', ...adam },
  adamw: { kind: 'adamw', ...adam },
};

/** The network of a case, with the weights that the case was made with. */
export async function optimiserModel(engine: Engine, which: OptimiserCase): Promise<Model> {
  const { optimiser, weightDecay, clipGradient, squared, deviations } = which;
  const specification = small(squared ? 1 : 10, {
    optimiser: optimisers[optimiser],
    weightDecay,
    loss: squared ? 'squared-error' : 'cross-entropy',
    ...(clipGradient !== null && { clipGradient }),
  });
  const model = buildModel(engine, specification, 1);
  const state = await model.state();
  let salt = 0;
  for (const [parameter, { data }] of state) data.set(hashed(data.length, ++salt, deviations[parameter]));
  model.restore(state);
  return model;
}

const optimiserLabels = [0, 3, 6, 9, 2, 5];

/** One step of a case's optimiser, on its own images. */
export const optimiserStep = (model: Model, number: number, learningRate: number): Promise<{ loss: number }> =>
  model.train(hashed(optimiserLabels.length * 192, 500 + number, 1), optimiserLabels, {
    learningRate,
    epoch: 1,
    batch: number + 1,
  });

/** Steps of lenet, one after the other, with weights that are large enough for it to learn from the first. */
export async function* lenetSteps(engine: Engine, batch: number): AsyncGenerator<{ loss: number }, void> {
  const model = buildModel(engine, lenet, 1);
  try {
    const state = await model.state();
    let salt = 0;
    for (const [name, { data, shape }] of state) {
      const inputs = shape.slice(0, -1).reduce((product, side) => product * side, 1);
      if (name.endsWith('.weights')) data.set(hashed(data.length, ++salt, Math.sqrt(6 / inputs)));
    }
    model.restore(state);
    const labels = Array.from({ length: batch }, (_, image) => image % 10);
    const images = hashed(batch * 32 * 32 * 3, 7, 1);
    for (let step = 1; ; step++) yield model.train(images, labels, { learningRate: 0.02, epoch: 1, batch: step });
  } finally {
    model.dispose();
  }
}
