import type { Multipliers } from '../layers/index.ts';
import type { OptimiserSpecification } from '../specification.ts';
import { check } from './check.ts';
import { Misfit, type Path } from './misfit.ts';
import type { FileTraining, OpenLayer } from './network-file.ts';
import { optimiserKinds, trainingForm } from './table.ts';

/** A checked layer as the table leaves it: what depends on other fields is still open. */
type Loose = Omit<OpenLayer, 'from' | 'learningRate' | 'stride'> & {
  from?: string | readonly string[];
  learningRate?: Multipliers;
  size?: number;
  stride?: number;
  padding?: 'same' | 'valid' | number;
};

const learning: ReadonlySet<string> = new Set(['convolution', 'dense', 'batch-normalisation', 'layer-normalisation']);

/**
 * Fills in what depends on other fields of the layer.
 * @param layer as `layerForm` lets it through
 * @throws Misfit for a pooling padded by more than half of its window
 */
export function completeLayer(layer: unknown, path: Path): OpenLayer {
  const { from, ...loose } = layer as Loose;
  const { kind, size, stride, padding } = loose;
  if (kind === 'pooling' && size !== undefined && typeof padding === 'number' && 2 * padding > size) {
    throw new Misfit([...path, 'padding'], `must be at most half of the size, ${size}; it is ${padding}`, {
      hint: 'Of a window that lies in the padding alone there is no maximum.',
    });
  }
  return {
    ...loose,
    ...(kind === 'pooling' && { stride: stride ?? size }),
    ...(learning.has(kind) && { learningRate: loose.learningRate ?? { weights: 1, biases: 1 } }),
    ...(from !== undefined && { from: typeof from === 'string' ? [from] : from }),
  } as OpenLayer;
}

/** By optimiser: the first rate of the cosine, and the weight decay, where nothing is said. */
const customs = {
  sgd: { rate: 0.05, weightDecay: 0.0001 },
  adam: { rate: 0.001, weightDecay: 0 },
  adamw: { rate: 0.001, weightDecay: 0.01 },
} as const;

/**
 * Fills in what depends on the optimiser.
 * @param given as `trainingForm` lets it through
 */
export function completeTraining(given: unknown = check({}, trainingForm, [])): FileTraining {
  const { optimiser: chosen, ...training } = given as Omit<FileTraining, 'optimiser'> & {
    optimiser: string | OptimiserSpecification;
  };
  const optimiser = (
    typeof chosen === 'string' ? check({ kind: chosen }, optimiserKinds, []) : chosen
  ) as OptimiserSpecification;
  const { rate, weightDecay } = customs[optimiser.kind];
  return {
    ...{ learningRate: { kind: 'cosine', rate, least: 0, warmUp: 0 }, weightDecay, augmentation: {} },
    ...training,
    optimiser,
  };
}
