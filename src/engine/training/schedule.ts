import type { TrainingSpecification } from '../network/specification.ts';

/**
 * The learning rate of each epoch: the network's own schedule from its start, whose last rate goes on if more epochs
 * are asked for.
 * @param epochs at least 1
 */
export function learningRates(
  { learningRate }: Pick<TrainingSpecification, 'learningRate'>,
  epochs = learningRate.length,
): number[] {
  return Array.from({ length: epochs }, (_, epoch) => learningRate[Math.min(epoch, learningRate.length - 1)]);
}

/** A run whose rates are all zero: the network is measured and stays as it is, statistics of normalisation included. */
export const onlyMeasures = ({ learningRate }: { learningRate: readonly number[] }): boolean =>
  learningRate.length > 0 && learningRate.every((rate) => rate === 0);
