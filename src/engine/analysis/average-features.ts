import {
  averagePatch,
  cutPatches,
  nearnessWeights,
  type Patches,
  type PatchPlace,
  type PixelSource,
} from './patches.ts';
import { clusterCount } from './linkage.ts';
import type { ReceptiveField } from '../network/receptive-field.ts';
import type { Features } from '../base/features.ts';

/** The paper's k0: patches that make a neuron's average (section 3.2.2). */
export const averagedPatches = 20;
/** The paper's k1: neurons that make a cluster's average. */
const averagedNeurons = 4;

/** A neuron's strongest patches, up to `count`. */
export function placesOf(features: Features, neuron: number, count = features.perNeuron): PatchPlace[] {
  const places: PatchPlace[] = [];
  const start = neuron * features.perNeuron;
  for (let at = start; at < start + Math.min(count, features.perNeuron) && features.image[at] >= 0; at++) {
    places.push({ image: features.image[at], y: features.y[at], x: features.x[at] });
  }
  return places;
}

/**
 * A neuron's average feature: the mean of its 20 strongest patches weighted by activation (negative ones count as zero).
 * @returns [height, width, channels], 0..255; undefined for a neuron without patches
 */
export function neuronAverage(
  features: Features,
  neuron: number,
  source: PixelSource,
  field: ReceptiveField,
): Float32Array | undefined {
  const patches = cutPatches(source, field, placesOf(features, neuron, averagedPatches));
  if (patches.count === 0) return undefined;
  const start = neuron * features.perNeuron;
  const weights = Array.from({ length: patches.count }, (_, k) => Math.max(0, features.activation[start + k]));
  return averagePatch(patches, range(patches.count), weights);
}

/**
 * Each cluster's average feature: the mean of the averages of its 4 members nearest to its centre, weighted by
 * 1 / distance.
 * @param labels a cluster per neuron, 0..k-1, none empty
 * @param fromCentre each neuron's distance from the centre of its cluster, [neurons]
 * @param averages one picture a neuron, undefined where it has none
 * @returns a picture a cluster
 */
export function clusterAverages(
  labels: Int32Array,
  fromCentre: Float64Array,
  averages: readonly (Float32Array | undefined)[],
  shape: Omit<Patches, 'count' | 'values'>,
): (Float32Array | undefined)[] {
  return range(clusterCount(labels)).map((cluster) => {
    const nearest = range(labels.length)
      .filter((neuron) => labels[neuron] === cluster && averages[neuron])
      .sort((a, b) => fromCentre[a] - fromCentre[b] || a - b)
      .slice(0, averagedNeurons);
    if (nearest.length === 0) return undefined;
    const size = shape.height * shape.width * shape.channels;
    const values = new Float32Array(nearest.length * size);
    nearest.forEach((neuron, place) => values.set(averages[neuron] ?? [], place * size));
    const weights = nearnessWeights(nearest.map((neuron) => fromCentre[neuron]));
    return averagePatch({ ...shape, count: nearest.length, values }, range(nearest.length), weights);
  });
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
