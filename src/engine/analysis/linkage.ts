import { Cluster } from 'ml-hclust';
import { loadKernels } from '../kernels/kernels.ts';
import { linkages, type Linkage } from './choices.ts';
import type { DistanceMatrix } from './neuron-distances.ts';

/**
 * Agglomerative clustering by the nearest-neighbour chain (Murtagh, 1983): O(n^2) time, where the direct method takes
 * O(n^3). All four linkages are reducible, so the chain finds the same tree.
 * @param distances at least one item, finite
 * @returns the tree, ml-hclust's; heights are those of scipy's `linkage`
 * @throws RangeError when a distance is not finite or nothing is to be clustered
 */
export async function agglomerate({ count, values }: DistanceMatrix, linkage: Linkage): Promise<Cluster> {
  if (count === 0) throw new RangeError('nothing to cluster');
  // An odd number of the cache's lines, of eight values each.
  const width = 8 * (Math.ceil(count / 8) | 1);
  const { call, at } = await loadKernels({
    work: ['f64', count * width],
    heights: ['f64', count],
    sizes: ['f64', count],
    items: ['i32', count],
    chain: ['i32', count],
    firsts: ['i32', count],
    seconds: ['i32', count],
  });
  for (let row = 0; row < count; row++) at.work.set(values.subarray(row * count, (row + 1) * count), row * width);
  if (!call.areFinite(at.work, at.work.length)) throw new RangeError('distances must be finite');
  call.linkClusters(
    at.work,
    width,
    count,
    linkages.indexOf(linkage),
    at.sizes,
    at.items,
    at.chain,
    at.firsts,
    at.seconds,
    at.heights,
  );
  const merges = Array.from({ length: count - 1 }, (_, merge) => ({
    a: at.firsts[merge],
    b: at.seconds[merge],
    height: at.heights[merge],
  }));
  return treeOf(count, merges);
}

interface Merge {
  a: number;
  b: number;
  height: number;
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

/** How many clusters labels 0..k-1 tell apart: k. */
export const clusterCount = (labels: Int32Array): number =>
  labels.reduce((highest, label) => Math.max(highest, label), -1) + 1;

/**
 * Each cluster's medoid: the member whose distances to the other members have the smallest sum.
 * @param labels a cluster a item, 0..k-1, none empty
 * @returns an item a cluster, [k]
 */
export function medoids({ count, values }: DistanceMatrix, labels: Int32Array): Int32Array {
  const k = clusterCount(labels);
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
