import { defaultFacets } from './choices.ts';
import { kMeans } from './k-means.ts';
import { squaredDistances, type DistanceMatrix, type Pause } from './neuron-distances.ts';
import { averagePatch, nearnessWeights, type Patches } from './patches.ts';
import { Tsne } from './t-sne.ts';

/** Patches that make a facet's picture. */
const averagedPatches = 20;

/** One of the things a neuron responds to. */
export interface Facet {
  /** Patches in it. */
  size: number;
  /** Its patches, nearest to the centroid first. */
  patches: Int32Array;
  /** [height, width, channels], 0..255: the mean of the 20 nearest patches, weighted by 1 / distance. */
  average: Float32Array;
}

export interface Facets {
  facets: Facet[];
  /** A facet a patch, [patches]. */
  labels: Int32Array;
  /** The map that places patches and, behind them, centroids: [patches + facets] points; advance it to refine it. */
  map: Tsne;
}

/**
 * The facets of a neuron (section 3.3 of the paper): its patches grouped by k-means on pixels, patches and centroids
 * together laid out by t-SNE, each facet drawn as an average.
 * @param k facets wanted; fewer are found where there are fewer distinct patches
 * @throws RangeError without patches
 */
export async function findFacets(
  patches: Patches,
  { k = defaultFacets, seed, pause }: { k?: number; seed: number; pause?: Pause },
): Promise<Facets> {
  if (patches.count === 0) throw new RangeError('a neuron without patches has no facets');
  const width = patches.height * patches.width * patches.channels;
  const clusters = await kMeans(patches.values, patches.count, width, { k, seed, ...(pause && { pause }) });
  const total = patches.count + clusters.k;
  const together = new Float32Array(total * width);
  together.set(patches.values);
  together.set(clusters.centroids, patches.count * width);
  const distances = await squaredDistances(together, total, width, pause);
  const facets = Array.from({ length: clusters.k }, (_, facet) => {
    const toCentroid = (patch: number): number => distances.values[(patches.count + facet) * total + patch];
    const members = Int32Array.from(clusters.labels.keys())
      .filter((patch) => clusters.labels[patch] === facet)
      .sort((a, b) => toCentroid(a) - toCentroid(b) || a - b);
    const nearest = members.subarray(0, averagedPatches);
    const weights = nearnessWeights(Array.from(nearest, (patch) => Math.sqrt(toCentroid(patch))));
    return { size: members.length, patches: members, average: averagePatch(patches, nearest, weights) };
  });
  return { facets, labels: clusters.labels, map: await Tsne.of(distances, { seed }) };
}

/**
 * A suggested number of facets: the k with the largest mean silhouette (Rousseeuw 1987).
 * It compares each patch's mean distance to its own facet with that to the nearest other one, needs no reference data
 * and is bounded, -1..1. It cannot suggest a single facet: a best value below 0.1 or so means that there are none.
 */
export async function suggestFacets(
  patches: Patches,
  { seed, maximum = 20, pause }: { seed: number; maximum?: number; pause?: Pause },
): Promise<{ k: number; silhouette: number }> {
  const width = patches.height * patches.width * patches.channels;
  const squared = await squaredDistances(patches.values, patches.count, width, pause);
  const distances = { count: squared.count, values: squared.values.map(Math.sqrt) };
  let best = { k: 1, silhouette: 0 };
  for (let k = 2; k <= Math.min(maximum, patches.count - 1); k++) {
    const clusters = await kMeans(patches.values, patches.count, width, {
      k,
      seed,
      starts: 3,
      squared,
      ...(pause && { pause }),
    });
    await pause?.();
    if (clusters.k < k) break;
    const silhouette = meanSilhouette(distances, clusters.labels, clusters.sizes);
    if (silhouette > best.silhouette) best = { k, silhouette };
  }
  return best;
}

/** The mean over items of (b - a) / max(a, b): a to the own cluster, b to the nearest other one; 0 for a lone item. */
export function meanSilhouette({ count, values }: DistanceMatrix, labels: Int32Array, sizes: Int32Array): number {
  const sums = new Float64Array(sizes.length);
  let total = 0;
  for (let item = 0; item < count; item++) {
    sums.fill(0);
    for (let other = 0; other < count; other++) sums[labels[other]] += values[item * count + other];
    const own = labels[item];
    if (sizes[own] < 2) continue;
    const inside = sums[own] / (sizes[own] - 1);
    let outside = Infinity;
    for (let cluster = 0; cluster < sizes.length; cluster++) {
      if (cluster !== own) outside = Math.min(outside, sums[cluster] / sizes[cluster]);
    }
    const larger = Math.max(inside, outside);
    if (larger > 0 && larger < Infinity) total += (outside - inside) / larger;
  }
  return total / count;
}
