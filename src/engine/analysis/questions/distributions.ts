import type { Samples } from '../../metrics/index.ts';
import { between } from '../../run/class-quantiles.ts';
import { classOfImages, type RunHeader } from '../../run/format.ts';

/** 0, 5, ..., 100 %. */
export const quantileCount = 21;

/**
 * The quantiles of a neuron's activations, class by class, interpolated linearly between neighbouring ones.
 * @param samples [images, neurons] row-major, in the probe's order
 * @returns [classes, quantileCount] row-major; NaN for a class without probe images. Without classes all images are one
 */
export function classQuantiles(
  samples: Samples['values'],
  neurons: number,
  neuron: number,
  header: RunHeader,
): Float64Array {
  const labels = Array.from(classOfImages(header, samples.length / neurons));
  const classes = Math.max(1, header.dataset.classes.length);
  const members: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, image) => members[label]?.push(samples[image * neurons + neuron]));
  const quantiles = new Float64Array(classes * quantileCount).fill(NaN);
  members.forEach((values, label) => {
    if (values.length === 0) return;
    const sorted = Float64Array.from(values).sort();
    for (let q = 0; q < quantileCount; q++) {
      quantiles[label * quantileCount + q] = between(sorted, q / (quantileCount - 1));
    }
  });
  return quantiles;
}
