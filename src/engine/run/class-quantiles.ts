import type { ClassGroups, Samples } from '../metrics/samples.ts';

/** Quantiles 0, 1 / (count - 1), ..., 1 of each class's samples: [classes, count, neurons] row-major. */
export interface Quantiles {
  count: number;
  neurons: number;
}

/**
 * Samples that have given quantiles: as many a class as the probe has images, ascending within each class. Whatever is
 * computed from the distributions of classes alone (distances, clusters, discriminability) comes out as of the samples
 * that the quantiles were taken of, but for what lies between two of them.
 * @param quantiles [classes, count, neurons] row-major, ascending within a class
 * @returns [images, neurons] row-major, in the probe's order, in the precision of the quantiles
 */
export function samplesOfQuantiles(
  quantiles: Samples['values'],
  { count, neurons }: Quantiles,
  groups: ClassGroups,
): Samples['values'] {
  const length = groups.order.length * neurons;
  const samples = quantiles instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  const own = new Float64Array(count);
  groups.classes.forEach((_, place) => {
    const images = groups.order.subarray(groups.starts[place], groups.starts[place + 1]);
    for (let neuron = 0; neuron < neurons; neuron++) {
      for (let q = 0; q < count; q++) own[q] = quantiles[(place * count + q) * neurons + neuron];
      images.forEach((image, rank) => {
        // The middle of a single sample; else the ends are the least and the greatest.
        const share = images.length > 1 ? rank / (images.length - 1) : 0.5;
        samples[image * neurons + neuron] = between(own, share);
      });
    }
  });
  return samples;
}

/** The value at a share (0..1) of the way through an ascending list. */
export function between(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
