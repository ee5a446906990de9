import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classicalScaling } from '../../../src/engine/analysis/classical-scaling.ts';
import { kMeans } from '../../../src/engine/analysis/k-means.ts';
import { squaredDistances } from '../../../src/engine/analysis/neuron-distances.ts';
import { alignTo } from '../../../src/engine/analysis/procrustes.ts';
import { minimiseStress, smacof } from '../../../src/engine/analysis/smacof.ts';
import { Tsne } from '../../../src/engine/analysis/t-sne.ts';
import { Random } from '../../../src/engine/base/random.ts';
import references from './fixtures/references.json' with { type: 'json' };

const flat = (points: number[][]): [Float32Array, number, number] => [
  Float32Array.from(points.flat()),
  points.length,
  points[0].length,
];
const seededPoints = (count: number, width: number, seed: number): Float32Array => {
  const random = new Random(seed, 'points');
  return Float32Array.from({ length: count * width }, () => random.uniform());
};
const mapDistance = (positions: Float64Array, i: number, j: number): number =>
  Math.hypot(positions[2 * i] - positions[2 * j], positions[2 * i + 1] - positions[2 * j + 1]);

describe('classicalScaling', () => {
  it.each([5, 60, 300])('gives %i points of a plane back, whatever the method', async (count) => {
    const { values } = await squaredDistances(seededPoints(count, 2, count), count, 2);
    const positions = classicalScaling(values, count);
    for (let i = 1; i < count; i++) expect(mapDistance(positions, 0, i)).toBeCloseTo(Math.sqrt(values[i]), 4);
  });

  it('finds both vectors where the leading eigenvalues are equal', () => {
    // A regular simplex has one eigenvalue, as often as it has dimensions.
    const count = 400;
    const squared = new Float64Array(count * count).fill(1);
    for (let i = 0; i < count; i++) squared[i * count + i] = 0;
    const positions = classicalScaling(squared, count);
    const sums = [0, 1].map((axis) => positions.reduce((sum, v, at) => (at % 2 === axis ? sum + v * v : sum), 0));
    expect(sums[0]).toBeCloseTo(0.5, 6);
    expect(sums[1]).toBeCloseTo(0.5, 6);
  });

  it.each([10, 400])('puts %i equal points into one place', (count) => {
    expect(classicalScaling(new Float64Array(count * count), count).every((value) => Math.abs(value) < 1e-12)).toBe(
      true,
    );
  });
});

describe('smacof', () => {
  it('reaches the stress of scikit-learn', async () => {
    const [points, count, width] = flat(references.points);
    const squared = await squaredDistances(points, count, width);
    const distances = { count, values: squared.values.map(Math.sqrt) };
    const positions = classicalScaling(squared.values, count);
    const stress = await minimiseStress(distances, positions, { maximumSteps: 2000, tolerance: 1e-9 });
    expect(stress).toBeLessThanOrEqual(references.stress * 1.001);
    let direct = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) direct += (mapDistance(positions, i, j) - distances.values[i * count + j]) ** 2;
    }
    expect(stress).toBeCloseTo(direct, 6);
  });

  it('never raises the stress', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer(), async (count, seed) => {
        const random = new Random(seed, 'distances');
        const values = new Float64Array(count * count);
        for (let i = 0; i < count; i++) {
          for (let j = 0; j < i; j++) values[i * count + j] = values[j * count + i] = random.uniform();
        }
        const start = Float64Array.from({ length: count * 2 }, () => random.uniform());
        const scale = values.reduce((sum, value) => sum + value * value, 0);
        let previous = Infinity;
        for (const stress of await smacof({ count, values }, start)) {
          // Near a stress of zero rounding decides, relative to that of all points in one place.
          expect(stress).toBeLessThanOrEqual(previous * (1 + 1e-12) + 1e-28 * scale);
          previous = stress;
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('alignTo', () => {
  it('undoes any turn, mirroring and shift', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 7, noNaN: true }), fc.boolean(), fc.integer(), (angle, mirrored, seed) => {
        const random = new Random(seed, 'map');
        const reference = Float64Array.from({ length: 24 }, () => random.uniform());
        const turned = reference.slice();
        for (let at = 0; at < turned.length; at += 2) {
          const [x, y] = [reference[at], mirrored ? -reference[at + 1] : reference[at + 1]];
          turned[at] = Math.cos(angle) * x - Math.sin(angle) * y + 3;
          turned[at + 1] = Math.sin(angle) * x + Math.cos(angle) * y - 1;
        }
        alignTo(turned, reference);
        turned.forEach((value, at) => {
          expect(value).toBeCloseTo(reference[at], 9);
        });
      }),
    );
  });
});

describe('kMeans', () => {
  const [points, count, width] = flat(references.points);

  it('reaches the inertia of scikit-learn within 1 %', async () => {
    const { inertia, labels, sizes } = await kMeans(points, count, width, { k: 5, seed: 0 });
    expect(inertia).toBeLessThanOrEqual(references.inertia * 1.01);
    sizes.forEach((size, cluster) => {
      expect(labels.filter((label) => label === cluster)).toHaveLength(size);
    });
  });

  it('gives the same clusters for the same seed', async () => {
    const twice = [1, 2].map(() => kMeans(points, count, width, { k: 4, seed: 7 }));
    expect(await twice[0]).toEqual(await twice[1]);
  });

  it('finds no more clusters than there are distinct points, and leaves none empty', async () => {
    const two = Float32Array.from({ length: 20 * 3 }, (_, at) => (at < 30 ? 1 : 2));
    const found = await kMeans(two, 20, 3, { k: 10, seed: 0 });
    expect([found.k, found.inertia, [...found.sizes]]).toEqual([2, 0, [10, 10]]);
    expect((await kMeans(Float32Array.of(1, 2), 1, 2, { k: 3, seed: 0 })).k).toBe(1);
  });

  it('refuses what is not finite', async () => {
    await expect(kMeans(Float32Array.of(1, NaN), 2, 1, { k: 1, seed: 0 })).rejects.toThrow('finite');
    await expect(kMeans(Float32Array.of(1, 2), 2, 1, { k: 0, seed: 0 })).rejects.toThrow('positive integer');
  });
});

describe('Tsne', () => {
  it('reaches a divergence not above that of scikit-learn', async () => {
    const squared = await squaredDistances(...flat(references.tsne.points));
    const map = await Tsne.of(squared, { seed: 0 });
    map.advance(1000);
    expect(map.divergence()).toBeLessThanOrEqual(references.tsne.divergence);
  });

  it('is the same for the same seed, however it is advanced', async () => {
    const squared = await squaredDistances(seededPoints(50, 4, 1), 50, 4);
    const [once, pieces] = await Promise.all([1, 2].map(() => Tsne.of(squared, { seed: 3 })));
    once.advance(60);
    for (let piece = 0; piece < 6; piece++) pieces.advance(10);
    expect(pieces.positions()).toEqual(once.positions());
    expect(pieces.steps).toBe(60);
  });

  it.each([1, 2, 3, 12])('lays out %i equal points without a value that is not finite', async (count) => {
    const map = await Tsne.of({ count, values: new Float64Array(count * count) }, { seed: 0 });
    map.advance(100);
    expect(map.positions().every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(map.divergence())).toBe(true);
  });
});
