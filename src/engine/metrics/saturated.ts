import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

/** Within this share of the range from one of its ends a sample is at that end. */
const endShare = 0.05;

export const saturatedMetric: LayerMetric = {
  id: 'saturated',
  symbol: 'sat',
  label: 'saturated',
  unit: 'share',
  range: [0, 1],
  better: 'lower',
  needs: 'samples',
  wants: 'range',
  of: 'neurons',
  meaning:
    'For how much of the probe a neuron is at an end of its activation function: the share of images whose sample lies ' +
    'within 5 % of the range from an end, where the gradient is nearly 0. Only layers with a range (sigmoid, tanh) have it.',
  source: 'own; after Glorot and Bengio (2010), section 3',
  compute: endsShare,
};

/** @returns the share of images for which a neuron's sample is at an end of the range, [neurons], 0..1 */
function endsShare({ values, images, neurons, range: [low, high] = [-Infinity, Infinity] }: Samples): Float64Array {
  const margin = endShare * (high - low);
  const result = new Float64Array(neurons);
  for (let at = 0; at < values.length; at++) {
    if (values[at] <= low + margin || values[at] >= high - margin) result[at % neurons]++;
  }
  return result.map((count) => count / images);
}
