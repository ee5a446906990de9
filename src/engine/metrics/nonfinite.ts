import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

/** Takes the place of the other metrics of a layer that has some: nothing can be computed of samples that are not numbers. */
export const nonfiniteMetric: LayerMetric = {
  id: 'nonfinite',
  symbol: 'NF',
  label: 'non-finite samples',
  unit: 'samples',
  better: 'lower',
  needs: 'samples',
  of: 'neurons',
  meaning: "How many of a neuron's samples are NaN or infinite; a layer that has some has no other metrics.",
  source: 'this program',
  compute: nonfiniteOf,
  ofLayer: (neurons) => neurons.reduce((sum, count) => sum + count, 0),
};

/** @returns [neurons] */
export function nonfiniteOf({ values, neurons }: Samples): Float64Array {
  const result = new Float64Array(neurons);
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) result[at % neurons]++;
  });
  return result;
}
