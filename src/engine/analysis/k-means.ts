import { loadKernels, padToVector } from '../kernels/kernels.ts';
import { Random } from '../base/random.ts';
import { squaredDistances, type DistanceMatrix, type Pause } from './neuron-distances.ts';

/** Lloyd steps a start. */
const maximumSteps = 300;

export interface KMeansOptions {
  k: number;
  seed: number;
  /** Independent starts; the one with the least inertia is kept. */
  starts?: number;
  /** The points' squared distances, where the caller has them already. */
  squared?: DistanceMatrix;
  /** Awaited between steps. */
  pause?: Pause;
}

export interface KMeans {
  /** Clusters found: fewer than asked for where there are fewer distinct points. */
  k: number;
  /** A cluster a point, [count]; cluster 0 is the largest. */
  labels: Int32Array;
  /** [k, width] row-major. */
  centroids: Float32Array;
  /** Points of each cluster, [k], none zero. */
  sizes: Int32Array;
  /** The sum over points of the squared distance to their centroid. */
  inertia: number;
}

/**
 * k-means (Lloyd 1982) from greedy k-means++ starts (Arthur and Vassilvitskii 2007), for up to a few thousand points:
 * the starts draw from the full matrix of squared distances.
 * An emptied cluster takes over the point that lies farthest from its centroid.
 * @param points [count, width] row-major, finite
 * @throws RangeError when a point is not finite, or k is not a positive integer
 */
export async function kMeans(
  points: Float32Array,
  count: number,
  width: number,
  { k: wanted, seed, starts = 10, squared, pause }: KMeansOptions,
): Promise<KMeans> {
  if (!Number.isInteger(wanted) || wanted < 1) throw new RangeError(`k is ${wanted}; it must be a positive integer`);
  if (!points.every(Number.isFinite)) throw new RangeError('points must be finite');
  const distances = squared ?? (await squaredDistances(points, count, width, pause));
  const random = new Random(seed, 'k-means');
  const seeds = Array.from({ length: starts }, () => plusPlus(distances, Math.min(wanted, count), random));
  const k = Math.min(...seeds.map((chosen) => chosen.length));

  const stride = padToVector(width);
  const k4 = padToVector(k);
  const { call, at } = await loadKernels({
    points: ['f32', count * stride],
    centroids: ['f32', k4 * stride],
    norms: ['f32', k4],
    labels: ['i32', count],
    gaps: ['f32', count],
    sums: ['f32', k4 * stride],
    counts: ['i32', k4],
  });
  const [rows, centres] = [at.points, at.centroids];
  for (let i = 0; i < count; i++) rows.set(points.subarray(i * width, (i + 1) * width), i * stride);
  const lengths = Float64Array.from({ length: count }, (_, i) => squaredLength(rows, i * stride, width));

  const step = (): number => {
    at.norms.fill(Infinity);
    for (let c = 0; c < k; c++) at.norms[c] = squaredLength(centres, c * stride, width);
    at.sums.fill(0);
    at.counts.fill(0);
    const changed = call.assignPoints(
      at.points,
      count,
      stride,
      at.centroids,
      k4,
      at.norms,
      at.labels,
      at.gaps,
      at.sums,
      at.counts,
    );
    reseedEmpty();
    for (let c = 0; c < k; c++) {
      for (let d = 0; d < width; d++) {
        centres[c * stride + d] = at.sums[c * stride + d] / at.counts[c];
      }
    }
    return changed;
  };

  const reseedEmpty = (): void => {
    for (let c = 0; c < k; c++) {
      if (at.counts[c] > 0) continue;
      let farthest = -1;
      for (let i = 0; i < count; i++) {
        if (at.counts[at.labels[i]] < 2) continue;
        if (farthest < 0 || lengths[i] + at.gaps[i] > lengths[farthest] + at.gaps[farthest]) farthest = i;
      }
      const from = at.labels[farthest];
      for (let d = 0; d < width; d++) {
        at.sums[from * stride + d] -= rows[farthest * stride + d];
        at.sums[c * stride + d] = rows[farthest * stride + d];
      }
      at.counts[from]--;
      at.counts[c] = 1;
      at.labels[farthest] = c;
      at.gaps[farthest] = -lengths[farthest];
    }
  };

  let best: KMeans | undefined;
  for (const chosen of seeds) {
    centres.fill(0);
    chosen.slice(0, k).forEach((point, c) => {
      centres.set(rows.subarray(point * stride, (point + 1) * stride), c * stride);
    });
    at.labels.fill(-1);
    for (let steps = 0; steps < maximumSteps && step() > 0; steps++) await pause?.();
    const found = bySize(at.labels, k, centres, stride, rows, width);
    if (!best || found.inertia < best.inertia) best = found;
  }
  return best as KMeans;
}

/** Greedy k-means++: of a few candidates drawn by squared distance, the one that lowers the potential most. */
function plusPlus({ count, values }: DistanceMatrix, k: number, random: Random): number[] {
  const chosen = [random.below(count)];
  const nearest = values.slice(chosen[0] * count, (chosen[0] + 1) * count);
  const candidates = 2 + Math.floor(Math.log(k));
  while (chosen.length < k) {
    const potential = nearest.reduce((sum, value) => sum + value, 0);
    // Only duplicates of the chosen points are left.
    if (potential <= 0) break;
    let best = -1;
    let least = Infinity;
    for (let trial = 0; trial < candidates; trial++) {
      let target = random.uniform() * potential;
      let candidate = 0;
      for (let i = 0; i < count; i++) {
        if (nearest[i] <= 0) continue;
        candidate = i;
        target -= nearest[i];
        if (target <= 0) break;
      }
      let remaining = 0;
      const row = candidate * count;
      for (let i = 0; i < count; i++) remaining += Math.min(nearest[i], values[row + i]);
      if (remaining < least) [least, best] = [remaining, candidate];
    }
    chosen.push(best);
    for (let i = 0; i < count; i++) nearest[i] = Math.min(nearest[i], values[best * count + i]);
  }
  return chosen;
}

/** The result with its clusters renumbered, the largest first, and the inertia in double precision. */
function bySize(
  labels: Int32Array,
  k: number,
  centres: Float32Array,
  stride: number,
  rows: Float32Array,
  width: number,
): KMeans {
  const tally = new Int32Array(k);
  for (const label of labels) tally[label]++;
  const order = Array.from(tally.keys()).sort((a, b) => tally[b] - tally[a] || a - b);
  const rank = new Int32Array(k);
  order.forEach((cluster, place) => (rank[cluster] = place));
  const centroids = new Float32Array(k * width);
  order.forEach((cluster, place) => {
    centroids.set(centres.subarray(cluster * stride, cluster * stride + width), place * width);
  });
  let inertia = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let d = 0; d < width; d++) {
      const difference = rows[i * stride + d] - centres[labels[i] * stride + d];
      inertia += difference * difference;
    }
  }
  return {
    k,
    labels: labels.map((label) => rank[label]),
    centroids,
    sizes: tally.map((_, c) => tally[order[c]]),
    inertia,
  };
}

function squaredLength(values: Float32Array, from: number, width: number): number {
  let sum = 0;
  for (let d = 0; d < width; d++) sum += values[from + d] * values[from + d];
  return sum;
}
