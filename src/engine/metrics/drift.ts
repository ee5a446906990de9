import { centredRows, squaredProduct } from './gram.ts';
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

/** @returns 0..1; 0 where the samples are the same for all images before and now, 1 where only once */
function unlikeBefore(samples: Samples): number {
  const { before = samples.values, images, neurons } = samples;
  const byNeuron = neurons <= images;
  const [now, then] = [samples.values, before].map((values) => centredRows({ values, images, neurons }));
  const sizes = [now, then].map((rows) => Math.sqrt(squaredProduct(rows, rows, byNeuron)));
  if (sizes.includes(0)) return sizes[0] === sizes[1] ? 0 : 1;
  const alignment = squaredProduct(now, then, byNeuron) / sizes[0] / sizes[1];
  return Math.min(1, Math.max(0, 1 - alignment));
}
