import type { LayerMetric } from './metric.ts';
import { requireFinite, type Samples, type SamplesOrigin } from './samples.ts';

export const densityMetric: LayerMetric = {
  id: 'density',
  symbol: 'DN',
  label: 'density',
  key: 'n',
  unit: 'share',
  range: [0, 1],
  needs: 'samples',
  of: 'neurons',
  // What is normalised lies on both sides of 0, which is not where a neuron is silent.
  emptyOf: 'normalisation',
  meaning:
    'How strongly a neuron is active: the mean of its samples, each clipped to 0..1; not for how many images it is, which is `active`.',
  source: 'section 2.2 of the paper',
  compute: densityOf,
};

/**
 * How strongly a neuron is active (section 2.2 of the paper): the mean over images of clip(s, 0, 1). A share it is of the
 * samples' possible size, not of the images.
 * @returns [neurons], 0..1
 * @throws DeepviewError `non-finite`
 */
export function density(samples: Samples, origin?: SamplesOrigin): Float64Array {
  requireFinite(samples, origin);
  return densityOf(samples);
}

function densityOf({ values, images, neurons }: Samples): Float64Array {
  const result = new Float64Array(neurons);
  for (let i = 0, at = 0; i < images; i++) {
    for (let c = 0; c < neurons; c++, at++) {
      const value = values[at];
      // Without branches, which samples on both sides of a bound would mislead: a quarter of the time.
      result[c] += Number(value >= 1) + value * (Number(value > 0) * Number(value < 1));
    }
  }
  for (let c = 0; c < neurons; c++) result[c] = images === 0 ? 0 : Math.min(1, result[c] / images);
  return result;
}
