import { magnitudeOf } from './magnitude.ts';
import type { LayerMetric } from './metric.ts';
import type { ClassGroups, Samples } from './samples.ts';

/** Nearer by less than this share is as near: rounding alone may make it so. */
const asNear = 1e-9;

export const separabilityMetric: LayerMetric = {
  id: 'separability',
  symbol: 'SE',
  label: 'separability',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  needs: 'labels',
  of: 'layers',
  meaning:
    "How well a layer's neurons together tell the classes apart: the share of probe images whose samples lie nearer to the " +
    "mean of their own class, the image left out of it, than to any other class's. Guessing gives one part in the number of classes.",
  source: 'nearest class mean, left one out (Tibshirani et al. 2002, without shrinkage)',
  compute: nearestOwnMean,
};

/** @returns the share of images that are nearest to their own class's mean, 0..1; an image that is its class's only one is not */
function nearestOwnMean({ values, images, neurons }: Samples, { order, starts, classes }: ClassGroups): number {
  const unit = magnitudeOf(values);
  const means = classes.map((_, place) => {
    const mean = new Float64Array(neurons);
    for (const image of order.subarray(starts[place], starts[place + 1])) {
      for (let c = 0; c < neurons; c++) mean[c] += values[image * neurons + c] / unit;
    }
    return mean.map((sum) => sum / (starts[place + 1] - starts[place]));
  });
  const distance = (image: number, mean: Float64Array): number => {
    let sum = 0;
    for (let c = 0; c < neurons; c++) sum += (values[image * neurons + c] / unit - mean[c]) ** 2;
    return sum;
  };
  let nearest = 0;
  means.forEach((own, place) => {
    const size = starts[place + 1] - starts[place];
    // Leaving an image out moves its class's mean away from it, by this factor.
    const leftOut = size > 1 ? (size / (size - 1)) ** 2 : Infinity;
    for (const image of order.subarray(starts[place], starts[place + 1])) {
      const fromOwn = distance(image, own) * leftOut * (1 + asNear);
      if (means.every((other) => other === own || fromOwn < distance(image, other))) nearest++;
    }
  });
  return nearest / images;
}
