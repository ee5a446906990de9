import { describe, expect, it, test } from 'vitest';
import { kMeans } from '../../../src/engine/analysis/k-means.ts';
import { cutTree, agglomerate } from '../../../src/engine/analysis/linkage.ts';
import { requireClusterable } from '../../../src/engine/analysis/neuron-clusters.ts';
import { inSquarableUnit, neuronDistances } from '../../../src/engine/analysis/neuron-distances.ts';
import { cutPatches, nearnessWeights } from '../../../src/engine/analysis/patches.ts';
import { similarities } from '../../../src/engine/analysis/similarities.ts';
import { alignTo } from '../../../src/engine/analysis/procrustes.ts';
import { classQuantiles } from '../../../src/engine/analysis/questions/distributions.ts';
import { evolutionOf } from '../../../src/engine/analysis/questions/evolution.ts';
import { findFlags } from '../../../src/engine/analysis/questions/flags.ts';
import { LruCache } from '../../../src/engine/analysis/questions/lru-cache.ts';
import type { LayerEvolution } from '../../../src/engine/analysis/questions/messages.ts';
import { RunEpochs } from '../../../src/engine/analysis/questions/run-epochs.ts';
import { meanSilhouette } from '../../../src/engine/analysis/facets.ts';
import { generateShapes } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { findOutliers } from '../../../src/engine/metrics/index.ts';
import { commit, exploredRun, explorerOf, featuresOf } from './questions/explored-run.ts';
import { headerOf } from '../run/sample-run.ts';

test('a bounded memory forgets what was used longest ago', () => {
  const cache = new LruCache<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
  // Setting anew is a use as well, and takes no second place.
  cache.set('a', 4);
  cache.set('d', 5);
  expect(['a', 'c', 'd'].map((key) => cache.get(key))).toEqual([4, undefined, 5]);
});

test('similarities are those of Gaussians as wide as the perplexity asks, averaged over both directions', () => {
  const points = [0, 1, 3, 7, 8, 15];
  const count = points.length;
  const squared = Float64Array.from(points.flatMap((p) => points.map((q) => (p - q) ** 2)));
  // The width of each point's Gaussian by bisection of its logarithm, after the definition of perplexity.
  const shares = points.map((_, i) => {
    const of = (precision: number): number[] => {
      const raw = points.map((__, j) => (i === j ? 0 : Math.exp(-squared[i * count + j] * precision)));
      const sum = raw.reduce((one, other) => one + other);
      return raw.map((value) => value / sum);
    };
    const perplexity = (given: number[]): number =>
      Math.exp(given.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0));
    let [low, high] = [-20, 5];
    for (let step = 0; step < 200; step++) {
      const middle = (low + high) / 2;
      if (perplexity(of(Math.exp(middle))) > 2) low = middle;
      else high = middle;
    }
    return of(Math.exp(low));
  });
  const { starts, partners, weights } = similarities({ count, values: squared }, 2);
  const found = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) found[i * count + partners[at]] = weights[at];
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      expect(found[i * count + j]).toBeCloseTo((shares[i][j] + shares[j][i]) / (2 * count), 4);
    }
  }
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
});

describe('k-means', () => {
  it('numbers clusters by their size, and tells their centres and how tight they are', async () => {
    // One point, then three, then two, far apart on a line.
    const points = Float32Array.of(100, 0, 1, 2, 50, 52);
    const { k, labels, sizes, centroids, inertia } = await kMeans(points, 6, 1, { k: 3, seed: 1 });
    expect([k, ...labels]).toEqual([3, 2, 0, 0, 0, 1, 1]);
    expect([[...sizes], [...centroids]]).toEqual([
      [3, 2, 1],
      [1, 51, 100],
    ]);
    expect(inertia).toBeCloseTo(1 + 1 + 1 + 1, 6);
  });

  it('keeps the best of its starts, and of one start has what chance gives it', async () => {
    const points = Float32Array.from({ length: 120 }, (_, at) => (at % 12) * 10 + Math.sin(at));
    const inertias = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => (await kMeans(points, 120, 1, { k: 12, seed, starts: 1 })).inertia),
    );
    const { inertia } = await kMeans(points, 120, 1, { k: 12, seed: 1, starts: 40 });
    expect(inertia).toBeLessThanOrEqual(Math.min(...inertias) + 1e-6);
  });
});

test('clusters of equal size are numbered by their lowest item', async () => {
  const line = [10, 0, 11, 1];
  const values = Float64Array.from(line.flatMap((one) => line.map((other) => Math.abs(one - other))));
  expect([...cutTree(await agglomerate({ count: 4, values }, 'average'), 2)]).toEqual([0, 1, 0, 1]);
});

test('as many neurons as can be clustered are, and one more is refused', () => {
  expect(() => requireClusterable(4096)).not.toThrow();
  expect(() => requireClusterable(4097)).toThrow(
    expect.objectContaining({
      code: 'too-many-neurons',
      exitCode: 4,
      message: expect.stringContaining('4097 neurons'),
    }),
  );
});

test('distances whose squares have no number are measured in a unit of their own', () => {
  const of = (distance: number) => inSquarableUnit({ count: 2, values: Float64Array.of(0, distance, distance, 0) });
  expect(of(3)).toMatchObject({ unit: 1 });
  for (const scale of [2 ** 600, 2 ** -600]) {
    const { unit, distances } = of(3 * scale);
    expect(distances.values[1] * unit).toBeCloseTo(3 * scale, 6);
    expect(distances.values[1] ** 2).toBeGreaterThan(0);
    expect(distances.values[1] ** 2).toBeLessThan(Infinity);
  }
});

test('patches keep their colours apart, and those that lie outside the image altogether are black', () => {
  const source = {
    imageShape: [2, 3, 3] as const,
    pixels: (image: number) => Uint8Array.from({ length: 18 }, (_, at) => 100 * image + at),
  };
  const field = { size: 2, stride: 1, offset: 0 };
  const [first, second] = [{ image: 0, y: 0, x: 1 }, { image: 1, y: 0, x: 0 }]; // prettier-ignore
  const { height, width, channels, values } = cutPatches(source, field, [first, second]);
  expect([height, width, channels]).toEqual([2, 2, 3]);
  expect([...values]).toEqual([
    ...[3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17],
    ...[100, 101, 102, 103, 104, 105, 109, 110, 111, 112, 113, 114],
  ]);
  // One column beyond the border: the mean of each colour.
  const edge = cutPatches(source, field, [{ image: 0, y: 0, x: 2 }]);
  expect([...edge.values]).toEqual([6, 7, 8, 10.5, 11.5, 12.5, 15, 16, 17, 10.5, 11.5, 12.5]);
  expect([...cutPatches(source, field, [{ image: 1, y: 5, x: 5 }]).values]).toEqual(Array(12).fill(0));
});

test('what is nearer weighs more: by the inverse of its distance', () => {
  expect(nearnessWeights([1, 2, 4])).toEqual([1, 0.5, 0.25]);
  expect(nearnessWeights([0, 2, 4])).toEqual([1, 1, 0.5]);
  expect(nearnessWeights([0, 0])).toEqual([1, 1]);
  expect(nearnessWeights([])).toEqual([]);
});

test('a map of one place, or of none, stays where the other was', () => {
  const positions = Float64Array.of(5, 5, 5, 5);
  alignTo(positions, Float64Array.of(1, 2, 3, 4));
  expect([...positions]).toEqual([2, 3, 2, 3]);
  const none = new Float64Array();
  alignTo(none, none);
  expect(none).toHaveLength(0);
});

test('the silhouette of an item that is alone is 0, of two pairs far apart nearly 1', () => {
  const of = (line: number[], labels: number[], sizes: number[]): number =>
    meanSilhouette(
      { count: line.length, values: Float64Array.from(line.flatMap((a) => line.map((b) => Math.abs(a - b)))) },
      Int32Array.from(labels),
      Int32Array.from(sizes),
    );
  // By hand: 0 and 1 lie 1 apart and 10 and 9 from the third; (10 - 1) / 10, (9 - 1) / 9 and 0.
  expect(of([0, 1, 10], [0, 0, 1], [2, 1])).toBeCloseTo((0.9 + 8 / 9) / 3, 12);
  expect(of([0, 0, 5, 5], [0, 0, 1, 1], [2, 2])).toBe(1);
  expect(of([3, 3], [0, 0], [2])).toBe(0);
});

test('a class without images has no quantiles', () => {
  const header = { ...headerOf(), dataset: { ...headerOf().dataset, classes: ['a', 'b', 'c'] } };
  const samples = Float32Array.from([0, 9, 1, 9, 2, 9, 10, 9, 20, 9, 30, 9]);
  const quantiles = classQuantiles(samples, 2, 0, header);
  expect(quantiles).toHaveLength(63);
  expect([quantiles[0], quantiles[10], quantiles[20], quantiles[21], quantiles[31], quantiles[41]]).toEqual([
    ...[0, 1, 2, 10, 20, 30],
  ]);
  expect(quantiles.subarray(42).every(Number.isNaN)).toBe(true);
});

describe('what deserves attention', () => {
  /** Neurons with these activations, [neurons][images], the density and discriminability that are said of them. */
  const flagsOf = (neurons: number[][], metrics: Record<string, number[]>, range?: readonly [number, number]) => {
    const count = neurons.length;
    const images = neurons[0].length;
    return findFlags({
      layer: range ? { range } : {},
      samples: {
        values: Float32Array.from({ length: images * count }, (_, at) => neurons[at % count][Math.floor(at / count)]),
        images,
        neurons: count,
      },
      metrics: Object.fromEntries(Object.entries(metrics).map(([id, values]) => [id, Float64Array.from(values)])),
      distances: {
        count,
        values: Float64Array.from({ length: count * count }, (_, at) =>
          Math.abs(Math.floor(at / count) - (at % count)),
        ),
      },
      history: [],
    }).map(({ neuron, kind, like }) => [neuron, kind, like]);
  };

  it('names a neuron that a duplicate is like', () => {
    const found = findFlags({
      layer: {},
      samples: { values: Float32Array.from([1, 1, 5, 2, 2, 6, 3, 3, 9]), images: 3, neurons: 3 },
      metrics: {},
      distances: { count: 3, values: Float64Array.of(0, 0, 4, 0, 0, 4, 4, 4, 0) },
      history: [],
    });
    expect(found).toEqual([{ neuron: 1, kind: 'duplicate', reason: 'activations like those of neuron 0', like: 0 }]);
  });

  it('is a neuron at the ends for 95 % of the images, within a twentieth of the range', () => {
    const atEnds = (count: number): number[] =>
      Array.from({ length: 20 }, (_, image) => (image < count ? 0.03125 : 0.3));
    const beyond = Array.from({ length: 20 }, (_, image) => (image < 19 ? 0.0313 : 0.3));
    const upper = Array.from({ length: 20 }, (_, image) => (image < 19 ? 0.59375 : 0.3));
    expect(flagsOf([atEnds(19), atEnds(18), beyond, upper], {}, [0, 0.625])).toEqual([
      [0, 'saturated', undefined],
      [3, 'saturated', undefined],
    ]);
  });

  it('is a neuron that is active for 99 % and tells classes apart by a tenth of the median', () => {
    const active = [1, 2, 3, 4];
    const all = (density: number[], discriminability: number[]) =>
      flagsOf(Array<number[]>(5).fill(active), { density, discriminability });
    expect(all([0.99, 0.98, 1, 1, 1], [0.1, 0.1, 1, 1, 1])).toEqual([[0, 'saturated', undefined]]);
    expect(all([1, 1, 1, 1, 1], [0.1, 0.11, 1, 1, 1])).toEqual([[0, 'saturated', undefined]]);
    // Without classes nothing can be said of that.
    expect(flagsOf(Array<number[]>(3).fill(active), { density: [1, 1, 1] })).toEqual([]);
  });

  it('is a neuron whose activations span less than a millionth of the largest of its layer', () => {
    const spanned = (span: number) => flagsOf([[1, 1 + span], [0, 1000]], {}); // prettier-ignore
    expect(spanned(0.0009)).toEqual([[0, 'dead', undefined]]);
    expect(spanned(0.002)).toEqual([]);
  });
});

describe('a run that is explored', () => {
  test('has layers from 1 and neurons from 0', async () => {
    const { directory } = await exploredRun([{ units: 3 }, { units: 4 }], { features: false });
    const run = await RunEpochs.open(directory);
    expect([run.layer(1).units, run.layer(2, 3).units]).toEqual([3, 4]);
    for (const [layer, neuron] of [
      [1, 3],
      [1, -1],
      [1, 0.5],
    ]) {
      expect(() => run.layer(layer, neuron)).toThrow(expect.objectContaining({ code: 'unknown-neuron', exitCode: 2 }));
    }
    for (const layer of [0, 3])
      expect(() => run.layer(layer)).toThrow(expect.objectContaining({ code: 'unknown-layer', exitCode: 2 }));
  });

  test('draws a map whose stress, merges and outliers are those of its distances and of both its epochs', async () => {
    const { directory } = await exploredRun([{ units: 40 }], { perNeuron: 1 });
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'map', layer: 1, epoch: 2, k: 5, linkage: 'average' });
    const { stress, mergeHeights, mergeParts, positions, flags, medoids } = last('map').map;
    const run = await RunEpochs.open(directory);
    await run.refresh();
    const layer = run.layer(1);
    const samples = { values: await run.samples(2, layer), images: 40, neurons: 40 };
    const distances = await neuronDistances(samples, run.header.probe.labels!);
    let [missed, total] = [0, 0];
    for (let p = 0; p < 40; p++) {
      for (let q = p + 1; q < 40; q++) {
        const wanted = distances.values[p * 40 + q];
        const drawn = Math.hypot(positions[2 * p] - positions[2 * q], positions[2 * p + 1] - positions[2 * q + 1]);
        missed += (drawn - wanted) ** 2;
        total += wanted ** 2;
      }
    }
    expect(stress).toBeCloseTo(missed / total, 6);
    expect(medoids).toHaveLength(5);
    const heights: number[] = [];
    (await agglomerate(distances, 'average')).traverse((node) => {
      if (!node.isLeaf) heights.push(node.height);
    });
    // Of 39 merges the highest 29 are told; what lies below them has no place.
    const highest = heights.sort((a, b) => b - a).slice(0, 29);
    expect(mergeHeights).toHaveLength(29);
    mergeHeights.forEach((height, at) => expect(height).toBeCloseTo(highest[at], 9));
    expect(mergeParts).toHaveLength(58);
    expect(mergeParts.every((part) => part >= -1 && part < 29)).toBe(true);
    const both = [await run.neurons(1, layer), await run.neurons(2, layer)].map((one) => one['discriminability']);
    const expected = findOutliers(both).sort((a, b) => a.index - b.index);
    expect(expected.length).toBeGreaterThan(0);
    expect(flags.filter(({ kind }) => kind === 'outlier')).toEqual(
      expected.map(({ index, reason }) => ({ neuron: index, kind: 'outlier', reason })),
    );
  });

  test('has patches as they are in the images, and no average of a neuron without any', async () => {
    const { directory, header } = await exploredRun([{ units: 3 }], { silent: [1], perNeuron: 4 });
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'patches', layer: 1, neuron: 1, epoch: 2, first: 0, count: 4 });
    expect(last('patches').patches).toMatchObject({ patches: [], average: undefined, pictured: [], pictures: [] });
    await asked({ type: 'rows', layer: 1, neurons: [2], epoch: 2, count: 3 });
    await asked({ type: 'patches', layer: 1, neuron: 2, epoch: 2, first: 1, count: 2 });
    const { pictures, pictured, average } = last('patches').patches;
    const [{ pictures: row }] = last('rows').rows;
    expect([pictured, row.length, average?.pixels.length]).toEqual([[1, 2], 3, 75]);
    const shapes = generateShapes(1000, 'validation');
    const source = {
      imageShape: [32, 32, 3] as const,
      pixels: (image: number) => shapes.pixels.subarray(image * 3072, (image + 1) * 3072),
    };
    const [layer] = header.network.layers;
    const { image, y, x } = featuresOf(layer, 4, [1]);
    [0, 1, 2].forEach((rank) => {
      const place = { image: image[8 + rank], y: y[8 + rank], x: x[8 + rank] };
      const cut = cutPatches(source, layer.receptiveField, [place]).values;
      const rounded = Uint8Array.from(Uint8ClampedArray.from(cut));
      expect(row[rank].pixels).toEqual(rounded);
      if (rank > 0) expect(pictures[rank - 1].pixels).toEqual(rounded);
    });
  });

  test('refuses facets that cannot be', async () => {
    const { directory } = await exploredRun([{ units: 2 }]);
    const { asked } = explorerOf(directory);
    for (const k of [0, -1, 1.5]) {
      expect(await asked({ type: 'facets', layer: 1, neuron: 0, epoch: 2, k })).toMatchObject([
        { about: 'facets', error: { code: 'bad-facets' } },
      ]);
    }
  });

  test('has its epochs in their order, however they were read', async () => {
    const { directory, writer } = await exploredRun([{ units: 2 }], { features: false });
    await commit(writer, 10);
    const run = await RunEpochs.open(directory);
    await run.refresh();
    const layer = run.layer(1);
    const memory = new Map([[10, await run.neurons(10, layer)]]);
    const shown: LayerEvolution[] = [];
    await evolutionOf(
      run,
      layer,
      memory,
      (evolution) => shown.push(evolution),
      () => Promise.resolve(),
    );
    expect(shown.at(-1)).toMatchObject({ layer: 1, epochs: [1, 2, 10], neurons: 2 });
    const ten = await run.neurons(10, layer);
    expect(shown.at(-1)?.metrics['density'].subarray(4)).toEqual(ten['density']);
  });
});
