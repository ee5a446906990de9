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

  test('is none where all images are alike', () => {
    expect(of([0, 0, 1, 1], [1, 2], [1, 2], [1, 2], [1, 2])).toBe(0);
  });
});

test('the dimension of neurons that say the same is 1, of each its own their number, of none 0', () => {
  expect(wholeMetrics(rows([1, 2, 3], [2, 4, 6], [0, 0, 0]), undefined)['dimension']).toBeCloseTo(1);
  expect(wholeMetrics(rows([1, 0], [-1, 0], [0, 1], [0, -1]), undefined)['dimension']).toBeCloseTo(2);
  expect(wholeMetrics(rows([5, 5], [5, 5]), undefined)['dimension']).toBe(0);
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
