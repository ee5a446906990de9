import { groupByClass, magnitudeOf, type Samples } from '../metrics/index.ts';
import { clusterCount } from './linkage.ts';
import type { Pause } from './neuron-distances.ts';

/**
 * How far each neuron is from the centre of its cluster, by the distance of neurons (equation 3 of the paper). The centre
 * is the Wasserstein barycentre of the cluster's neurons: class by class the mean of their quantile functions, which is
 * exact for distributions on a line (Agueh and Carlier 2011). It is no neuron itself.
 * @param samples finite
 * @param classOf the class of each image, [images]
 * @param labels a cluster per neuron, 0..k-1
 * @returns [neurons], >= 0, in the unit of the activations
 */
export async function distancesFromCentres(
  { values, images, neurons }: Samples,
  classOf: ArrayLike<number>,
  labels: Int32Array,
  pause?: Pause,
): Promise<Float64Array> {
  const { order, starts } = groupByClass(classOf);
  const unit = magnitudeOf(values);
  const ascending = new Float64Array(images);
  /** A neuron's samples by class, ascending: its quantile functions, since all neurons saw the same images. */
  const quantiles = (neuron: number): Float64Array => {
    for (let place = 0; place < images; place++) ascending[place] = values[order[place] * neurons + neuron] / unit;
    for (let k = 0; k + 1 < starts.length; k++) ascending.subarray(starts[k], starts[k + 1]).sort();
    return ascending;
  };
  const clusters = clusterCount(labels);
  const centres = Array.from({ length: clusters }, () => new Float64Array(images));
  const sizes = new Int32Array(clusters);
  for (const label of labels) sizes[label]++;
  for (let neuron = 0; neuron < neurons; neuron++) {
    const centre = centres[labels[neuron]];
    quantiles(neuron).forEach((value, place) => (centre[place] += value / sizes[labels[neuron]]));
    await pause?.();
  }
  const distances = new Float64Array(neurons);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const [own, centre] = [quantiles(neuron), centres[labels[neuron]]];
    for (let k = 0; k + 1 < starts.length; k++) {
      let sum = 0;
      for (let place = starts[k]; place < starts[k + 1]; place++) sum += (own[place] - centre[place]) ** 2;
      distances[neuron] += Math.sqrt(sum / (starts[k + 1] - starts[k])) * unit;
    }
    await pause?.();
  }
  return distances;
}
