import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

/** Samples this near to zero count as zero: beyond it, half precision tells hardly any values apart. */
const nothing = 1e-7;

export const deadMetric: LayerMetric = {
  id: 'dead',
  symbol: 'dead',
  label: 'dead',
  unit: 'share',
  range: [0, 1],
  better: 'lower',
  needs: 'samples',
  of: 'neurons',
  meaning:
    'For how much of the probe a neuron is silent: the share of images whose sample is zero; of a layer, the share of ' +
    'neurons that are silent for all. The flag d (dead) says something else: the activation is the same for every image, be it ' +
    'zero or not.',
  source: 'own; the usual measure of dying rectified units',
  compute: silentShare,
  ofLayer: (neurons) => neurons.filter((share) => share === 1).length / neurons.length,
};

/** @returns the share of images for which a neuron's sample is at most 1e-7 from zero, [neurons], 0..1 */
function silentShare({ values, images, neurons }: Samples): Float64Array {
  const counts = new Uint32Array(neurons);
  for (let i = 0, at = 0; i < images; i++) {
    for (let c = 0; c < neurons; c++, at++) counts[c] += Number(Math.abs(values[at]) <= nothing);
  }
  return Float64Array.from(counts, (count) => count / images);
}
