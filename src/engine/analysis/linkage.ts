import { Cluster } from 'ml-hclust';
import type { DistanceMatrix } from './neuron-distances.ts';

export const linkages = ['average', 'complete', 'single', 'ward'] as const;

/** How far two clusters are apart, given the distances of their members. `ward` is scipy's `ward` (Ward 2). */
export type Linkage = (typeof linkages)[number];

/** Distance from a cluster joined of a and b (at distance `between`) to another one (Lance and Williams, 1967). */
type Update = (toA: number, toB: number, between: number, sizeA: number, sizeB: number, size: number) => number;

const updates: Record<Linkage, Update> = {
  average: (toA, toB, _between, sizeA, sizeB) => (sizeA * toA + sizeB * toB) / (sizeA + sizeB),
  complete: (toA, toB) => Math.max(toA, toB),
  single: (toA, toB) => Math.min(toA, toB),
  ward: (toA, toB, between, sizeA, sizeB, size) =>
    Math.sqrt(
      Math.max(0, (sizeA + size) * toA * toA + (sizeB + size) * toB * toB - size * between * between) /
        (sizeA + sizeB + size),
    ),
};

/**
 * Agglomerative clustering by the nearest-neighbour chain (Murtagh, 1983): O(n^2) time, where the direct method takes
 * O(n^3). All four linkages are reducible, so the chain finds the same tree.
 * @param distances at least one item, finite
 * @returns the tree, ml-hclust's; heights are those of scipy's `linkage`
 * @throws RangeError when a distance is not finite or nothing is to be clustered
 */
export function agglomerate({ count, values }: DistanceMatrix, linkage: Linkage): Cluster {
  if (count === 0) throw new RangeError('nothing to cluster');
  if (!values.every(Number.isFinite)) throw new RangeError('distances must be finite');
  const update = updates[linkage];
  const work = Float64Array.from(values);
  // Clusters live in slots 0..active-1, so that a row is scanned without gaps; `items` names a member of each.
  const items = Int32Array.from({ length: count }, (_, index) => index);
  const sizes = new Float64Array(count).fill(1);
  const merges: Merge[] = [];
  const chain: number[] = [];
  for (let active = count; active > 1; active--) {
    const between = extendChain(work, count, active, chain);
    const a = chain.pop() as number;
    const b = chain.pop() as number;
    merges.push({ a: items[a], b: items[b], height: between });
    // The joined cluster lives on in b's slot, the last one moves into a's.
    const last = active - 1;
    for (let other = 0; other < active; other++) {
      if (other === a || other === b) continue;
      const toA = work[a * count + other];
      const joined = update(toA, work[b * count + other], between, sizes[a], sizes[b], sizes[other]);
      work[b * count + other] = joined;
      work[other * count + b] = joined;
    }
    sizes[b] += sizes[a];
    if (a === last) continue;
    work.copyWithin(a * count, last * count, last * count + last);
    for (let other = 0; other < last; other++) work[other * count + a] = work[other * count + last];
    sizes[a] = sizes[last];
    items[a] = items[last];
    for (let link = 0; link < chain.length; link++) if (chain[link] === last) chain[link] = a;
  }
  return treeOf(count, merges);
}

interface Merge {
  a: number;
  b: number;
  height: number;
}

/** Goes on to nearest neighbours until two are each other's; they end the chain. @returns their distance */
function extendChain(work: Float64Array, count: number, active: number, chain: number[]): number {
  if (chain.length === 0) chain.push(0);
  for (;;) {
    const tip = chain[chain.length - 1];
    // The predecessor wins ties: otherwise equal distances could lead the chain in a circle.
    const previous = chain.length > 1 ? chain[chain.length - 2] : -1;
    const row = tip * count;
    let nearest = previous;
    let smallest = previous < 0 ? Infinity : work[row + previous];
    for (let other = 0; other < active; other++) {
      if (work[row + other] < smallest && other !== tip) {
        smallest = work[row + other];
        nearest = other;
      }
    }
    if (nearest === previous) return smallest;
    chain.push(nearest);
  }
}

/** The chain finds merges out of order; the tree is built from the lowest upwards. */
function treeOf(count: number, merges: Merge[]): Cluster {
  merges.sort((left, right) => left.height - right.height);
  const parent = Int32Array.from({ length: count }, (_, index) => index);
  const find = (item: number): number => {
    while (parent[item] !== item) {
      parent[item] = parent[parent[item]];
      item = parent[item];
    }
    return item;
  };
  const clusters = Array.from({ length: count }, (_, index) => {
    const leaf = new Cluster();
    leaf.index = index;
    leaf.isLeaf = true;
    return leaf;
  });
  for (const { a, b, height } of merges) {
    const rootA = find(a);
    const rootB = find(b);
    const joined = new Cluster();
    joined.children = [clusters[rootA], clusters[rootB]];
    joined.size = clusters[rootA].size + clusters[rootB].size;
    joined.height = height;
    parent[rootA] = rootB;
    clusters[rootB] = joined;
  }
  return clusters[find(0)];
}

/**
 * The tree cut into k clusters; fewer where there are fewer leaves, or where the rest coincide (height 0).
 * @returns a label a leaf, [count]; cluster 0 is the largest, of equals the one with the lowest item
 */
export function cutTree(tree: Cluster, k: number): Int32Array {
  const groups = tree
    .group(Math.min(k, tree.size))
    .children.map((cluster) => cluster.indices().sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || a[0] - b[0]);
  const labels = new Int32Array(tree.size);
  groups.forEach((members, label) => {
    for (const item of members) labels[item] = label;
  });
  return labels;
}

/**
 * Each cluster's medoid: the member whose distances to the other members have the smallest sum.
 * @param labels a cluster a item, 0..k-1, none empty
 * @returns an item a cluster, [k]
 */
export function medoids({ count, values }: DistanceMatrix, labels: Int32Array): Int32Array {
  const k = labels.reduce((highest, label) => Math.max(highest, label), -1) + 1;
  const best = new Int32Array(k);
  const smallest = new Float64Array(k).fill(Infinity);
  for (let item = 0; item < count; item++) {
    let sum = 0;
    for (let other = 0; other < count; other++) {
      if (labels[other] === labels[item]) sum += values[item * count + other];
    }
    if (sum < smallest[labels[item]]) {
      smallest[labels[item]] = sum;
      best[labels[item]] = item;
    }
  }
  return best;
}
