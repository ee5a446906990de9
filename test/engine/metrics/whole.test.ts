import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layersOf, measureLayer, wholeMetrics } from '../../../src/engine/metrics/index.ts';

/** By numpy, of the same samples: fixtures/whole.py. */
const cases = JSON.parse(await readFile(new URL('fixtures/whole.json', import.meta.url), 'utf8')) as {
  images: number;
  neurons: number;
  samples: number[];
  before: number[];
  labels: number[];
  whole: Record<string, number>;
  saturated: number[];
}[];
const samplesOf = ({ images, neurons, samples, before }: (typeof cases)[number]) => ({
  ...{ images, neurons, values: Float64Array.from(samples), before: Float64Array.from(before) },
  range: [-1, 1] as const,
});
const rows = (...values: number[][]) => ({
  ...{ values: Float64Array.from(values.flat()), images: values.length, neurons: values[0].length },
});

test.each(cases.map((one, at) => [at, one] as const))('are those of numpy, case %d', (_, one) => {
  const samples = samplesOf(one);
  const found = wholeMetrics(samples, one.labels);
  for (const [id, value] of Object.entries(one.whole)) expect(found[id], id).toBeCloseTo(value, 10);
  expect(Array.from(measureLayer(samples, one.labels)['saturated'])).toEqual(one.saturated);
});

test('saturated is the share of samples within 5 % of the range from an end, of a layer with a range alone', () => {
  const samples = rows([0, 0.5], [0.05, 0.951], [0.051, 0.94], [1, 0.5]);
  const metrics = measureLayer({ ...samples, range: [0, 1] }, undefined);
  expect(Array.from(metrics['saturated'])).toEqual([0.75, 0.25]);
  expect(layersOf([metrics, measureLayer(samples, undefined)])['saturated']).toEqual([0.5, null]);
});

describe('separability', () => {
  const of = (labels: number[], ...values: number[][]): number => wholeMetrics(rows(...values), labels)['separability'];

  test('leaves an image out of its own class’s mean', () => {
    // Each of the first class is as far from the other one as from the class's mean, of which it is itself a half.
    expect(of([0, 0, 1, 1], [0], [4], [10], [10])).toBe(1);
    expect(of([0, 0, 1, 1], [0], [4], [5], [5])).toBe(0.75);
    expect(of([0, 1, 1], [0], [5], [5])).toBeCloseTo(2 / 3);
  });

  test('takes what rounding alone makes nearer as being as near', () => {
    expect(of([0, 1, 0, 1, 0], [9], [3], [2], [5], [-1])).toBe(0);
    expect(of([0, 1, 0, 1, 0], [12], [6], [5], [8], [2])).toBe(0);
  });

  test('is none where all images are alike', () => {
    expect(of([0, 0, 1, 1], [1, 2], [1, 2], [1, 2], [1, 2])).toBe(0);
  });
});

test('the dimension of neurons that say the same is 1, of each its own their number, of none 0', () => {
  expect(wholeMetrics(rows([1, 2, 3], [2, 4, 6], [0, 0, 0]), undefined)['dimension']).toBeCloseTo(1);
  expect(wholeMetrics(rows([1, 0], [-1, 0], [0, 1], [0, -1]), undefined)['dimension']).toBeCloseTo(2);
  expect(wholeMetrics(rows([5, 5], [5, 5]), undefined)['dimension']).toBe(0);
});

test('what rounding leaves of a layer that is the same for all images is no direction, and no drift', () => {
  const flat = rows([0.1, 0.7], [0.1, 0.7], [0.1, 0.7]);
  expect(wholeMetrics({ ...flat, before: flat.values }, undefined)).toEqual({ dimension: 0, drift: 0 });
});

/** The squared Frobenius norm of X^T Y, by its definition. */
function squareOf(x: ReturnType<typeof rows>, y: ReturnType<typeof rows>): number {
  const { images, neurons } = x;
  const [one, other] = [x, y].map(({ values }) => {
    const column = (c: number) => Array.from({ length: images }, (_, image) => values[image * neurons + c]);
    return Array.from({ length: neurons }, (_, c) => {
      const mean = column(c).reduce((sum, value) => sum + value, 0) / images;
      return column(c).map((value) => value - mean);
    });
  });
  let square = 0;
  for (const a of one) {
    for (const b of other) square += a.reduce((sum, value, image) => sum + value * b[image], 0) ** 2;
  }
  return square;
}

test.each([
  [150, 131],
  [131, 150],
])('layers of more rows than are multiplied at a time: %d images of %d neurons', (images, neurons) => {
  const layer = (seed: number) =>
    rows(
      ...Array.from({ length: images }, (_, image) =>
        Array.from(
          { length: neurons },
          (_, c) => Math.sin((image + 1) * (c + seed) * 0.731) + (c % 7) * (image % 3) * 0.1,
        ),
      ),
    );
  const [now, then] = [layer(1), layer(2)];
  const alignment = squareOf(now, then) / Math.sqrt(squareOf(now, now) * squareOf(then, then));
  expect(alignment).toBeGreaterThan(0.05);
  expect(alignment).toBeLessThan(0.999);
  const { drift } = wholeMetrics({ ...now, before: then.values }, undefined, ['drift']);
  expect(drift).toBeCloseTo(1 - alignment, 10);
});

test('layers that would take seconds have no dimension and no drift', () => {
  const values = new Float32Array(600 * 2000).fill(1);
  expect(wholeMetrics({ values, before: values, images: 600, neurons: 2000 }, undefined)).toEqual({});
  const fewer = values.subarray(0, 600 * 500);
  expect(wholeMetrics({ values: fewer, images: 600, neurons: 500 }, undefined)).toEqual({ dimension: 0 });
});

describe('properties', () => {
  const given = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([images, neurons]) =>
    fc
      .tuple(
        ...[0, 1].map(() =>
          fc.array(fc.integer({ min: -9, max: 9 }), { minLength: images * neurons, maxLength: images * neurons }),
        ),
      )
      .map(([values, before]) => ({
        images,
        neurons,
        values: Float64Array.from(values),
        before: Float64Array.from(before),
      })),
  );

  test('a layer lies within its bounds, and does not feel its scale or where its zero is', () => {
    fc.assert(
      fc.property(given, fc.integer({ min: -300, max: 300 }), (samples, exponent) => {
        const labels = Array.from({ length: samples.images }, (_, image) => image % 2);
        const one = wholeMetrics(samples, labels);
        expect(one['separability']).toSatisfy((value: number) => value >= 0 && value <= 1);
        expect(one['drift']).toSatisfy((value: number) => value >= 0 && value <= 1);
        expect(one['dimension']).toBeLessThanOrEqual(Math.min(samples.neurons, samples.images) + 1e-9);
        const values = samples.values.map((value) => (value + 3) * 2 ** exponent);
        const scaled = wholeMetrics({ ...samples, values }, labels);
        for (const id of ['separability', 'dimension', 'drift']) expect(scaled[id]).toBeCloseTo(one[id], 7);
      }),
    );
  });

  test('a layer that only turned has not drifted', () => {
    fc.assert(
      fc.property(given, ({ before: _, ...samples }) => {
        const turned = samples.values.map((_, at) => {
          const column = at % samples.neurons;
          return 3 * samples.values[at - column + ((column + 1) % samples.neurons)];
        });
        expect(wholeMetrics({ ...samples, before: turned }, undefined)['drift']).toBeCloseTo(0, 7);
      }),
    );
  });

  test('a layer of one value has not drifted from itself, and all the way from anything else', () => {
    const [flat, other] = [rows([1], [1], [1]), rows([1], [2], [3])];
    expect(wholeMetrics({ ...flat, before: flat.values }, undefined)['drift']).toBe(0);
    expect(wholeMetrics({ ...flat, before: other.values }, undefined)['drift']).toBe(1);
  });
});
