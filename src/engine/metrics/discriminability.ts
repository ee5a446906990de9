import { requireFinite, groupsOf, type ClassGroups, type Samples, type SamplesOrigin } from './samples.ts';
import { openKernels } from '../kernels/kernels.ts';
import { blockWidth, handedOver, placeSamples, sortingScratch } from '../kernels/sort-samples.ts';
import { magnitudesOf } from './magnitude.ts';
import type { LayerMetric } from './metric.ts';

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

/** Samples that are sorted at a time, of all the images: they take at most 512 MB of the kernels' memory. */
const sortedTogether = 2 ** 26;

function discriminabilityOfGroups({ values, images, neurons }: Samples, groups: ClassGroups): Float64Array {
  const { order, starts } = groups;
  const m = groups.classes.length;
  const pairs = (m * (m - 1)) / 2;
  const type = values instanceof Float32Array ? 'f32' : 'f64';
  const blocks = Math.ceil(neurons / blockWidth);
  const together = Math.min(blocks, Math.max(1, Math.floor(sortedTogether / (blockWidth * images))));
  const width = together * blockWidth;
  const kernels = openKernels({
    activations: [type, width * images],
    rows: [type, Math.max(handedOver, width + blockWidth)],
    places: ['i32', images],
    starts: ['i32', m + 1],
    scratch: ['f64', sortingScratch(images)],
    sums: ['f64', width],
  });
  const { call, at } = kernels;
  at.starts.set(starts);
  const [sort, sum] =
    type === 'f32' ? [call.sortActivations, call.classDistances] : [call.sortDoubles, call.classDistancesOfDoubles];
  const result = new Float64Array(neurons);
  for (let first = 0; first < neurons; first += width) {
    const end = Math.min(first + width, neurons);
    // Squares of single precision are numbers in double, whatever their size.
    const units = type === 'f64' ? magnitudesOf(values, neurons, first, end) : undefined;
    placeSamples(
      kernels,
      values,
      order,
      at,
      [first, end],
      units?.map((unit) => 1 / unit),
    );
    const some = Math.ceil((end - first) / blockWidth);
    sort(at.activations, at.starts, m, at.scratch, 0, some);
    sum(at.activations, at.starts, m, at.sums, 0, some);
    for (let c = 0; c < end - first; c++) result[first + c] = (at.sums[c] / pairs) * (units ? units[c] : 1);
  }
  return result;
}
