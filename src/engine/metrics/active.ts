import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

export const activeMetric: LayerMetric = {
  id: 'active',
  symbol: 'act',
  label: 'active',
  unit: 'share',
  range: [0, 1],
  needs: 'samples',
  of: 'neurons',
  meaning: 'For how much of the probe a neuron is active: the share of images whose sample is above zero.',
  source: 'own; what density does not say, which weighs samples by their size',
  compute: activeShare,
};

/**
 * Of a rectified neuron the complement of `dead`, but for samples that half precision hardly tells from zero.
 * @returns the share of images for which a neuron's sample is above zero, [neurons], 0..1
 */
function activeShare({ values, images, neurons }: Samples): Float64Array {
  const counts = new Uint32Array(neurons);
  for (let i = 0, at = 0; i < images; i++) {
    for (let c = 0; c < neurons; c++, at++) counts[c] += Number(values[at] > 0);
  }
  return Float64Array.from(counts, (count) => count / images);
}
