import fc from 'fast-check';
import { agnes } from 'ml-hclust';
import { describe, expect, it } from 'vitest';
import { agglomerate, cutTree, medoids } from '../../../src/engine/analysis/linkage.ts';
import { linkages, type Linkage } from '../../../src/engine/analysis/choices.ts';
import { clusterNeurons } from '../../../src/engine/analysis/neuron-clusters.ts';
import { neuronDistances, type DistanceMatrix } from '../../../src/engine/analysis/neuron-distances.ts';
import { Random } from '../../../src/engine/base/random.ts';
import references from './fixtures/references.json' with { type: 'json' };

function euclidean(points: readonly (readonly number[])[]): DistanceMatrix {
  const values = Float64Array.from(points.flatMap((p) => points.map((q) => Math.hypot(...p.map((v, d) => v - q[d])))));
  return { count: points.length, values };
}

async function heights(distances: DistanceMatrix, linkage: Linkage): Promise<number[]> {
  const found: number[] = [];
  (await agglomerate(distances, linkage)).traverse((cluster) => {
    if (!cluster.isLeaf) found.push(cluster.height);
  });
  return found.sort((a, b) => a - b);
}

/** Two labellings say the same when they group the same items, whatever the groups are called. */
function sameGroups(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  const there = new Map<number, number>();
  const back = new Map<number, number>();
  return Array.from(a).every((label, item) => {
    if (!there.has(label)) there.set(label, b[item]);
    if (!back.has(b[item])) back.set(b[item], label);
    return there.get(label) === b[item] && back.get(b[item]) === label;
  });
}

describe('agglomerate', () => {
  const distances = euclidean(references.points);

  it.each(linkages)('finds the heights and the clusters of scipy with %s linkage', async (linkage) => {
    const found = await heights(distances, linkage);
    const expected = [...references.heights[linkage]].sort((a, b) => a - b);
    expect(found).toHaveLength(expected.length);
    found.forEach((height, at) => {
      expect(Math.abs(height - expected[at])).toBeLessThan(1e-9);
    });
    expect(sameGroups(cutTree(await agglomerate(distances, linkage), 5), references.partition[linkage])).toBe(true);
  });

  it('agrees with the direct method of ml-hclust on any small matrix', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 14 }), fc.integer(), async (count, seed) => {
        const random = new Random(seed, 'points');
        const matrix = euclidean(Array.from({ length: count }, () => [random.uniform(), random.uniform()]));
        const rows = Array.from({ length: count }, (_, i) =>
          Array.from(matrix.values.subarray(i * count, (i + 1) * count)),
        );
        for (const method of ['average', 'complete', 'single'] as const) {
          const expected: number[] = [];
          agnes(rows, { method, isDistanceMatrix: true }).traverse((cluster) => {
            if (!cluster.isLeaf) expected.push(cluster.height);
          });
          expected.sort((a, b) => a - b);
          (await heights(matrix, method)).forEach((height, at) => {
            expect(height).toBeCloseTo(expected[at], 9);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('handles one item, duplicates and more clusters than items', async () => {
    expect(Array.from(cutTree(await agglomerate({ count: 1, values: new Float64Array(1) }, 'average'), 5))).toEqual([
      0,
    ]);
    const equal = { count: 6, values: new Float64Array(36) };
    expect(await heights(equal, 'ward')).toEqual([0, 0, 0, 0, 0]);
    expect(new Set(cutTree(await agglomerate(equal, 'average'), 5)).size).toBe(1);
    const two = euclidean([[0], [1]]);
    expect(Array.from(cutTree(await agglomerate(two, 'average'), 5))).toEqual([0, 1]);
  });

  it('survives a chain of 2 048 items without running out of stack', async () => {
    const line = { count: 2048, values: new Float64Array(2048 * 2048) };
    for (let i = 0; i < 2048; i++) for (let j = 0; j < 2048; j++) line.values[i * 2048 + j] = Math.abs(i * i - j * j);
    const labels = cutTree(await agglomerate(line, 'single'), 5);
    expect(new Set(labels).size).toBe(5);
    expect(labels.filter((label) => label === 0)).toHaveLength(2044);
  });

  it('refuses what is not finite, and nothing at all', async () => {
    await expect(agglomerate({ count: 2, values: Float64Array.of(0, NaN, NaN, 0) }, 'average')).rejects.toThrow(
      'finite',
    );
    await expect(
      agglomerate({ count: 2, values: Float64Array.of(0, Infinity, Infinity, 0) }, 'average'),
    ).rejects.toThrow('finite');
    await expect(agglomerate({ count: 0, values: new Float64Array() }, 'average')).rejects.toThrow('nothing');
  });
});

describe('cutTree and medoids', () => {
  it('number clusters by size and find the member in the middle', async () => {
    const distances = euclidean([[10], [0], [1], [2], [11]]);
    const labels = cutTree(await agglomerate(distances, 'average'), 2);
    expect(Array.from(labels)).toEqual([1, 0, 0, 0, 1]);
    expect(Array.from(medoids(distances, labels))).toEqual([2, 0]);
  });
});

describe('neuronDistances', () => {
  const { samples, labels, distances: expected } = references.neurons;
  const given = { values: Float64Array.from(samples.flat()), images: samples.length, neurons: samples[0].length };

  it('equals the sum of the classes Wasserstein distances by POT', async () => {
    const found = await neuronDistances(given, labels);
    expected.flat().forEach((distance, at) => {
      expect(found.values[at]).toBeCloseTo(distance, 5);
    });
  });

  it('refuses what its memory cannot hold', async () => {
    const neurons = 24_000;
    await expect(neuronDistances({ values: new Float32Array(neurons), images: 1, neurons }, [0])).rejects.toMatchObject(
      {
        code: 'too-much-memory',
        message: 'this takes 4.6 GB of memory; 4.3 GB is the most',
        exitCode: 4,
      },
    );
  });

  it('does not depend on the order of the images, and is zero for duplicates', async () => {
    const order = new Random(3, 'order').shuffle(labels.map((_, image) => image));
    const shuffled = order.flatMap((image) => [...samples[image], samples[image][0]]);
    const found = await neuronDistances(
      { values: Float64Array.from(shuffled), images: samples.length, neurons: 7 },
      order.map((image) => labels[image]),
    );
    expect(found.values[0 * 7 + 6]).toBe(0);
    for (let q = 0; q < 6; q++) expect(found.values[q]).toBeCloseTo(expected[0][q], 5);
  });

  it.each([
    [1, [3]],
    [9, [1, 2, 5]],
    [70, [131, 64, 300]],
  ])('equals sums in double precision: %i neurons, classes of %j images', async (neurons, sizes) => {
    const labels = sizes.flatMap((size, k) => Array<number>(size).fill(k));
    const random = new Random(7, 'answers');
    const values = Float32Array.from({ length: labels.length * neurons }, () => random.uniform() - 0.3);
    const found = await neuronDistances({ values, images: labels.length, neurons }, labels);
    const answers = (neuron: number, k: number): Float64Array =>
      Float64Array.from(
        labels.flatMap((label, image) => (label === k ? [values[image * neurons + neuron]] : [])),
      ).sort();
    for (let p = 0; p < neurons; p++) {
      for (let q = 0; q < neurons; q++) {
        const wanted = sizes.reduce((sum, size, k) => {
          const [a, b] = [answers(p, k), answers(q, k)];
          return sum + Math.sqrt(a.reduce((squares, value, at) => squares + (value - b[at]) ** 2, 0) / size);
        }, 0);
        expect(Math.abs(found.values[p * neurons + q] - wanted)).toBeLessThanOrEqual(2e-6 * wanted);
      }
    }
  });

  it('equals POT beside a large offset, of all neurons or of each its own, and with numbers beyond single precision', async () => {
    // D(a x + b) = |a| D(x); an offset of one neuron alone is the distance itself.
    const values = given.values;
    const offset = await neuronDistances({ ...given, values: values.map((value) => 1e6 + 1e-3 * value) }, labels);
    expected.flat().forEach((distance, at) => expect(Math.abs(offset.values[at] / 1e-3 - distance)).toBeLessThan(1e-6));
    const own = { ...given, neurons: 12, values: new Float64Array(12 * given.images) };
    own.values.forEach((_, at) => {
      const [image, neuron] = [Math.floor(at / 12), at % 12];
      own.values[at] = 1e8 * Math.floor(neuron / 6) + samples[image][neuron % 6];
    });
    const apart = await neuronDistances(own, labels);
    for (let p = 0; p < 6; p++) {
      for (let q = 0; q < 6; q++) {
        expect(Math.abs(apart.values[p * 12 + q] - expected[p][q])).toBeLessThan(1e-12);
        expect(Math.abs(apart.values[(p + 6) * 12 + q + 6] - expected[p][q])).toBeLessThan(1e-6);
        expect(apart.values[p * 12 + q + 6] / 3e8).toBeCloseTo(1, 6);
      }
    }
    for (const scale of [2 ** 66, 2 ** 660, 2 ** -660]) {
      const found = await neuronDistances({ ...given, values: values.map((value) => value * scale) }, labels);
      expected
        .flat()
        .forEach((distance, at) => expect(Math.abs(found.values[at] / scale - distance)).toBeLessThan(1e-12));
    }
    const single = Float32Array.from(values, (value) => value * 1e19);
    const found = await neuronDistances({ ...given, values: single }, labels);
    expected.flat().forEach((distance, at) => expect(found.values[at] / 1e19).toBeCloseTo(distance, 5));
  });

  it('says so where even double precision has no such distances', async () => {
    const values = Float64Array.of(-1.7e308, 1.7e308, -1.7e308, 1.7e308);
    await expect(neuronDistances({ values, images: 2, neurons: 2 }, [0, 1])).rejects.toMatchObject({
      code: 'distances-too-large',
      exitCode: 4,
    });
  });

  it('names neuron and image of a value that is not finite', async () => {
    const values = Float64Array.from(given.values);
    values[2 * 6 + 4] = NaN;
    await expect(neuronDistances({ ...given, values }, labels)).rejects.toThrow('neuron 4 for image 2');
  });
});

describe('clusterNeurons', () => {
  it.each([1, 2, 3, 40])('clusters and lays out %i neurons, the same each time', async (neurons) => {
    const random = new Random(5, 'samples');
    const values = Float32Array.from({ length: 30 * neurons }, () => random.uniform());
    const labels = Array.from({ length: 30 }, (_, image) => image % 3);
    const [first, second] = [
      await clusterNeurons({ values, images: 30, neurons }, labels),
      await clusterNeurons({ values, images: 30, neurons }, labels),
    ];
    expect(first.k).toBe(Math.min(5, neurons));
    expect(first.labels).toHaveLength(neurons);
    expect(first.positions).toHaveLength(2 * neurons);
    expect(first.positions.every(Number.isFinite)).toBe(true);
    expect(second).toEqual(first);
  });

  it.each([2 ** 66, 2 ** 660, 2 ** -660])('does not depend on the scale of the activations: %d', async (scale) => {
    const { samples, labels } = references.neurons;
    const given = { values: Float64Array.from(samples.flat()), images: samples.length, neurons: samples[0].length };
    const usual = await clusterNeurons(given, labels, { k: 3, linkage: 'ward' });
    const scaled = await clusterNeurons({ ...given, values: given.values.map((value) => value * scale) }, labels, {
      ...{ k: 3, linkage: 'ward' },
    });
    expect(scaled.labels).toEqual(usual.labels);
    scaled.positions.forEach((place, at) => expect(place / scale).toBeCloseTo(usual.positions[at], 6));
  });

  it('lays out neurons that all answer alike', async () => {
    const { positions } = await clusterNeurons({ values: new Float32Array(300).fill(0.5), images: 30, neurons: 10 }, [
      ...Array.from({ length: 30 }, (_, image) => image % 3),
    ]);
    expect(positions.every((value) => value === 0)).toBe(true);
  });
});
