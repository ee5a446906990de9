import { requireFinite, groupsOf, type ClassGroups, type Samples, type SamplesOrigin } from './samples.ts';
import { magnitudeOf } from './magnitude.ts';
import type { LayerMetric } from './metric.ts';
import { squaredDistance, squaredDistanceEqual } from './wasserstein.ts';

export const discriminabilityMetric: LayerMetric = {
  id: 'discriminability',
  symbol: 'D',
  label: 'discriminability',
  key: 'd',
  unit: 'activation',
  better: 'higher',
  needs: 'labels',
  of: 'neurons',
  meaning: 'How well a neuron tells the classes apart: the mean 2-Wasserstein distance over all pairs of classes.',
  source: 'section 2.1 of the paper',
  compute: discriminabilityOfGroups,
};

/**
 * How well each neuron tells the classes apart (section 2.1 of the paper):
 * the mean of the 2-Wasserstein distance over all pairs of classes that occur.
 * Does not depend on the images' order; D(a x) = |a| D(x); adding a constant changes nothing.
 * @param classOf the class of each image, [images]
 * @returns [neurons], >= 0, in the unit of the activations
 * @throws DeepviewError `non-finite`, `one-class`
 */
export function discriminability(samples: Samples, classOf: ArrayLike<number>, origin?: SamplesOrigin): Float64Array {
  requireFinite(samples, origin);
  return discriminabilityOfGroups(samples, groupsOf(samples, classOf));
}

function discriminabilityOfGroups({ values, neurons }: Samples, groups: ClassGroups): Float64Array {
  const { order, starts, equalSize } = groups;
  const m = groups.classes.length;
  const pairs = (m * (m - 1)) / 2;
  const result = new Float64Array(neurons);
  const column = new Float64Array(order.length);
  const classes = Array.from({ length: m }, (_, k) => column.subarray(starts[k], starts[k + 1]));
  for (let c = 0; c < neurons; c++) {
    for (let i = 0; i < order.length; i++) column[i] = values[order[i] * neurons + c];
    const unit = magnitudeOf(column);
    for (let i = 0; i < order.length; i++) column[i] /= unit;
    for (const one of classes) one.sort();
    let sum = 0;
    for (let k = 0; k < m; k++) {
      for (let l = k + 1; l < m; l++) {
        sum += Math.sqrt(
          equalSize === undefined
            ? squaredDistance(column, starts[k], classes[k].length, column, starts[l], classes[l].length)
            : squaredDistanceEqual(column, starts[k], starts[l], equalSize),
        );
      }
    }
    result[c] = (sum / pairs) * unit;
  }
  return result;
}
