/**
 * Clustering, projections and facets beside the JavaScript libraries there are, in this process, taking turns.
 * `npm run bench -- javascript [PART OF A TITLE] [ROUNDS]`
 */
import type * as tsne from '@keckelt/tsne';
import { createRequire } from 'node:module';
import * as druid from '@saehrimnir/druidjs';
import { agnes, type Cluster } from 'ml-hclust';
import { kmeans } from 'ml-kmeans';
import { classicalScaling } from '../src/engine/analysis/classical-scaling.ts';
import { kMeans } from '../src/engine/analysis/k-means.ts';
import { agglomerate } from '../src/engine/analysis/linkage.ts';
import { squaredDistances, type DistanceMatrix } from '../src/engine/analysis/neuron-distances.ts';
import { minimiseStress } from '../src/engine/analysis/smacof.ts';
import { Tsne } from '../src/engine/analysis/t-sne.ts';
import { Random } from '../src/engine/base/random.ts';
import { median } from './peer.ts';

/** It says that it is a module and is none. */
const { TSNE } = createRequire(import.meta.url)('@keckelt/tsne') as typeof tsne;

/** Does the work once. @returns what tells how good the result is, which is not timed */
type Work = () => (() => number) | Promise<() => number>;

const [wanted = '', asked] = process.argv.slice(2);
const rounds = Number(asked ?? 3);

/** @param measure what the results' numbers are */
async function compare(title: string, measure: string, works: Readonly<Record<string, Work>>): Promise<void> {
  if (!title.includes(wanted)) return;
  const spent = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
  const results = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      // Processor time: all of it is spent in this process, whatever else the machine does meanwhile.
      const before = process.cpuUsage();
      const result = await work();
      const { user, system } = process.cpuUsage(before);
      results.set(name, result());
      if (round > 0 || rounds === 0) spent.get(name)?.push((user + system) / 1000);
    }
  }
  console.log(`${title} (${measure})`);
  const [own] = [...spent.values()].map(median);
  for (const [name, all] of spent) {
    const middle = median(all);
    const result = (results.get(name) ?? NaN).toPrecision(5);
    console.log(
      `  ${name.padEnd(22)} ${middle.toFixed(1).padStart(9)} ms  ${(middle / own).toFixed(1).padStart(6)}x  ${result}`,
    );
  }
}

/** Seeded points around ten centres, row-major and as lists. */
function points(name: string, count: number, width: number): { values: Float32Array; rows: number[][] } {
  const random = new Random(1, name);
  const centres = Float32Array.from({ length: 10 * width }, () => random.uniform());
  const values = Float32Array.from(
    { length: count * width },
    (_, at) => centres[(Math.floor(at / width) % 10) * width + (at % width)] + 0.5 * random.uniform(),
  );
  return {
    values,
    rows: Array.from({ length: count }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]),
  };
}

const lists = ({ count, values }: DistanceMatrix): number[][] =>
  Array.from({ length: count }, (_, row) => [...values.subarray(row * count, (row + 1) * count)]);

function sumOfHeights(tree: Cluster): number {
  let sum = 0;
  tree.traverse((cluster) => (sum += cluster.height));
  return sum;
}

/** A node of druidjs' tree; leaves have no distance. */
interface Merge {
  dist: number | null;
  left: Merge | null;
  right: Merge | null;
}
const sumOfMerges = (node: Merge | null): number =>
  node ? (node.dist ?? 0) + sumOfMerges(node.left) + sumOfMerges(node.right) : 0;

/** Raw stress of a map. */
function stressOf({ count, values }: DistanceMatrix, at: (point: number, axis: 0 | 1) => number): number {
  let sum = 0;
  for (let p = 0; p < count; p++) {
    for (let q = p + 1; q < count; q++) {
      sum += (Math.hypot(at(p, 0) - at(q, 0), at(p, 1) - at(q, 1)) - values[p * count + q]) ** 2;
    }
  }
  return sum;
}

/** The share of each point's ten nearest neighbours that are among its ten nearest on the map. */
function neighboursKept({ count, values }: DistanceMatrix, at: (point: number, axis: 0 | 1) => number): number {
  const nearest = (distance: (other: number) => number, own: number): number[] =>
    Array.from({ length: count }, (_, other) => other)
      .filter((other) => other !== own)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, 10);
  let kept = 0;
  for (let p = 0; p < count; p++) {
    const there = new Set(nearest((q) => values[p * count + q], p));
    kept += nearest((q) => Math.hypot(at(p, 0) - at(q, 0), at(p, 1) - at(q, 1)), p).filter((q) => there.has(q)).length;
  }
  return kept / (10 * count);
}

for (const count of [256, 512]) {
  const { values } = points(`linkage-${count}`, count, 16);
  const squared = await squaredDistances(values, count, 16);
  const distances = { count, values: squared.values.map(Math.sqrt) };
  const matrix = lists(distances);
  await compare(`average linkage, ${count}`, 'sum of heights', {
    own: async () => {
      const tree = await agglomerate(distances, 'average');
      return () => sumOfHeights(tree);
    },
    'ml-hclust agnes': () => {
      const tree = agnes(matrix, { method: 'average', isDistanceMatrix: true });
      return () => sumOfHeights(tree);
    },
    druidjs: () => {
      const { root } = new druid.HierarchicalClustering(matrix, { linkage: 'average', metric: 'precomputed' });
      return () => sumOfMerges(root);
    },
  });
  const place = (map: number[][] | Float64Array[]) => (point: number, axis: 0 | 1) => map[point][axis];
  await compare(`metric multidimensional scaling, ${count}`, 'raw stress', {
    own: async () => {
      const stress = await minimiseStress(distances, classicalScaling(squared.values, count));
      return () => stress;
    },
    'druidjs SMACOF': () => {
      const map = druid.SMACOF.transform(matrix, { metric: 'precomputed', seed: 0 });
      return () => stressOf(distances, place(map));
    },
  });
  await compare(`classical scaling, ${count}`, 'raw stress', {
    own: () => {
      const map = classicalScaling(squared.values, count);
      return () => stressOf(distances, (point, axis) => map[2 * point + axis]);
    },
    'druidjs MDS': () => {
      const map = druid.MDS.transform(matrix, { metric: 'precomputed', seed: 0 });
      return () => stressOf(distances, place(map));
    },
  });
}

for (const width of [75, 1024]) {
  const count = 1000;
  const { values, rows } = points(`patches-${width}`, count, width);
  const starts = Array.from({ length: 10 }, (_, seed) => seed);
  const inertiaOf = (labels: ArrayLike<number>, centres: ArrayLike<ArrayLike<number>>): number => {
    let sum = 0;
    rows.forEach((row, at) => row.forEach((value, d) => (sum += (value - centres[labels[at]][d]) ** 2)));
    return sum;
  };
  await compare(`k-means, 10 starts, ${count} x ${width}`, 'least inertia', {
    own: async () => {
      const { inertia } = await kMeans(values, count, width, { k: 10, seed: 0 });
      return () => inertia;
    },
    'ml-kmeans': () => {
      const options = { initialization: 'kmeans++', maxIterations: 300 } as const;
      const found = starts.map((seed) => kmeans(rows, 10, { ...options, seed }));
      return () => Math.min(...found.map(({ clusters, centroids }) => inertiaOf(clusters, centroids)));
    },
    druidjs: () => {
      const found = starts.map((seed) => new druid.KMeans(rows, { K: 10, seed }));
      return () => Math.min(...found.map((one) => inertiaOf(one.get_cluster_list(), one.centroids)));
    },
  });
}

{
  const [count, width] = [500, 75];
  const { values, rows } = points('t-sne', count, width);
  const squared = await squaredDistances(values, count, width);
  await compare(`t-SNE, 1000 steps, ${count} x ${width}`, 'share of 10 neighbours kept', {
    own: async () => {
      const map = await Tsne.of(await squaredDistances(values, count, width), { seed: 0 });
      map.advance(1000);
      const positions = map.positions();
      return () => neighboursKept(squared, (point, axis) => positions[2 * point + axis]);
    },
    '@keckelt/tsne': () => {
      const map = new TSNE({ dim: 2, perplexity: 30, epsilon: 10 });
      map.initDataRaw(rows);
      for (let step = 0; step < 1000; step++) map.step();
      const positions = map.getSolution() as number[][];
      return () => neighboursKept(squared, (point, axis) => positions[point][axis]);
    },
    'druidjs TSNE': () => {
      const positions = new druid.TSNE(rows, { perplexity: 30, seed: 0 }).transform(1000);
      return () => neighboursKept(squared, (point, axis) => positions[point][axis]);
    },
  });
}
