import { check, type Path, type Value } from '../../base/schema/index.ts';
import { definitionOf, type LayerSpecification } from '../layers/index.ts';
import type { FileTraining, OpenLayer } from './network-file.ts';
import { networkTrainingForm, optimiserForm } from '../../base/training-settings.ts';
import type { layerForm } from './table.ts';

/**
 * Fills in what depends on other fields of the layer.
 * @throws ValidationError for values that do not go together
 */
export function completeLayer({ from, ...given }: Value<typeof layerForm>, path: Path): OpenLayer {
  const layer = given as LayerSpecification;
  return {
    ...(definitionOf(layer).complete?.(layer, path) ?? layer),
    ...(from !== undefined && { from: typeof from === 'string' ? [from] : from }),
  };
}

/** By optimiser: the first rate of the cosine, and the weight decay, where nothing is said. */
const customs = {
  sgd: { rate: 0.05, weightDecay: 0.0001 },
  adam: { rate: 0.001, weightDecay: 0 },
  adamw: { rate: 0.001, weightDecay: 0.01 },
} as const;

/** Fills in what depends on the optimiser. */
export function completeTraining(
  given: Value<typeof networkTrainingForm> = check(networkTrainingForm, {}),
): FileTraining {
  const { optimiser: chosen, ...training } = given;
  const optimiser = typeof chosen === 'string' ? check(optimiserForm, { kind: chosen }) : chosen;
  const { rate, weightDecay } = customs[optimiser.kind];
  return {
    ...{ learningRate: { kind: 'cosine', rate, least: 0, warmUp: 0 }, weightDecay, augmentation: {} },
    ...training,
    optimiser,
  };
}
