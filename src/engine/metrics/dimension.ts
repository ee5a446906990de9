import { productsOf } from './gram.ts';
import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

export const dimensionMetric: LayerMetric = {
  id: 'dimension',
  symbol: 'dim',
  label: 'dimension',
  unit: '',
  needs: 'samples',
  of: 'layers',
  meaning:
    "In how many directions a layer's samples spread: the participation ratio of their covariance, the square of its trace " +
    'by the square of its Frobenius norm. 1 where all neurons say the same, as many as there are neurons where each says its own.',
  source: 'Gao et al. 2017, "A theory of multineuronal dimensionality, dynamics and measurement"',
  compute: participationRatio,
};

/** @returns 1 to the number of neurons; 0 where the samples are the same for all images, undefined of layers too large */
function participationRatio(samples: Samples): number | undefined {
  const products = productsOf(samples);
  return products && (products.trace === 0 ? 0 : products.trace ** 2 / products.square);
}
