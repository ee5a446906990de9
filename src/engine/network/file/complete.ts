import { check, ValidationError, type Path, type Value } from '../../base/schema/index.ts';
import type { FileTraining, OpenLayer } from './network-file.ts';
import { optimiserKinds, trainingForm, type layerForm } from './table.ts';

const learning: ReadonlySet<string> = new Set(['convolution', 'dense', 'batch-normalisation', 'layer-normalisation']);

/**
 * Fills in what depends on other fields of the layer.
 * @throws ValidationError for a pooling padded by more than half of its window
 */
export function completeLayer({ from, ...layer }: Value<typeof layerForm>, path: Path): OpenLayer {
  if (layer.kind === 'pooling' && typeof layer.padding === 'number' && 2 * layer.padding > layer.size) {
    const problem = `must be at most half of the size, ${layer.size}; it is ${layer.padding}`;
    throw new ValidationError([...path, 'padding'], problem, {
      hint: 'Of a window that lies in the padding alone there is no maximum.',
    });
  }
  return {
    ...(learning.has(layer.kind) && { learningRate: { weights: 1, biases: 1 } }),
    ...(layer.kind === 'pooling' && { stride: layer.size }),
    ...layer,
    ...(from !== undefined && { from: typeof from === 'string' ? [from] : from }),
  } as OpenLayer;
}

/** By optimiser: the first rate of the cosine, and the weight decay, where nothing is said. */
const customs = {
  sgd: { rate: 0.05, weightDecay: 0.0001 },
  adam: { rate: 0.001, weightDecay: 0 },
  adamw: { rate: 0.001, weightDecay: 0.01 },
} as const;

/** Fills in what depends on the optimiser. */
export function completeTraining(given: Value<typeof trainingForm> = check(trainingForm, {})): FileTraining {
  const { optimiser: chosen, ...training } = given;
  const optimiser = typeof chosen === 'string' ? check(optimiserKinds, { kind: chosen }) : chosen;
  const { rate, weightDecay } = customs[optimiser.kind];
  return {
    ...{ learningRate: { kind: 'cosine', rate, least: 0, warmUp: 0 }, weightDecay, augmentation: {} },
    ...training,
    optimiser,
  };
}
