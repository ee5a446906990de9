import { productsOf, productsWith } from './gram.ts';
import type { LayerMetric } from './metric.ts';
import type { Samples } from './samples.ts';

export const driftMetric: LayerMetric = {
  id: 'drift',
  symbol: 'DR',
  label: 'drift',
  unit: '',
  range: [0, 1],
  needs: 'samples',
  wants: 'before',
  of: 'layers',
  meaning:
    'How far what a layer says of the probe has moved since the record before: 1 less the linear centred kernel alignment ' +
    '(CKA) of the two. 0 where it is the same but for a rotation or a scale; a layer that has finished learning stays near it.',
  source: 'Kornblith et al. 2019, "Similarity of neural network representations revisited"',
  compute: unlikeBefore,
};

/**
 * @returns 0..1; 0 where the samples are the same for all images before and now, 1 where only once; undefined of layers too
 *   large
 */
function unlikeBefore(samples: Samples): number | undefined {
  const { values, before = values, images, neurons } = samples;
  const then: Samples = { values: before, images, neurons };
  const [own, former] = [productsOf(samples), productsOf(then)];
  if (!own || !former) return undefined;
  if (own.square === 0 || former.square === 0) return own.square === former.square ? 0 : 1;
  const alignment = productsWith(samples, then).square / Math.sqrt(own.square) / Math.sqrt(former.square);
  return Math.min(1, Math.max(0, 1 - alignment));
}
