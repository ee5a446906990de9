import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modifiedZScores } from '../../../src/engine/metrics/outliers.ts';
import { findOutliers, trendOf } from '../../../src/engine/metrics/index.ts';

describe('a trend', () => {
  test.each([
    [[], 'steady'],
    [[1], 'steady'],
    [[0, 0, 0], 'steady'],
    [[1, 1.2, 1.4], 'rising'],
    [[1.4, 1.2, 1], 'falling'],
    [[1, 1.001, 0.999, 1, 1.002], 'steady'],
    // One odd epoch in a rise, and in a plateau.
    [[1, 1.1, 0.2, 1.3, 1.4], 'rising'],
    [[1, 1, 9, 1, 1], 'steady'],
    // Only the last five epochs count.
    [[0.1, 0.5, 2, 2, 2, 2, 2], 'steady'],
    [[0, 0, 0, 0, 1], 'steady'],
    [[-1, -1.5, -2], 'falling'],
    // By 2 % of the magnitude over the window, and no more.
    [[100, 100.5, 101, 101.5, 102], 'steady'],
    [[100, 100.6, 101.2, 101.8, 102.4], 'rising'],
    [[100, 98], 'falling'],
    [[100, 99], 'steady'],
    // Two of six pairs rise, steeply: the slopes count, not the differences.
    [[0, 4, 3, 2.9], 'rising'],
    [[-1, 1], 'rising'],
    [[0, 0, 1, 0, 0], 'steady'],
  ] as const)('of %j is %s', (values, trend) => expect(trendOf(values)).toBe(trend));

  test('turns round with the values, and does not depend on their unit', () => {
    const opposite = { rising: 'falling', falling: 'rising', steady: 'steady' };
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { maxLength: 9 }), (values) => {
        expect(trendOf(values.map((one) => -one))).toBe(opposite[trendOf(values)]);
        expect(trendOf(values.map((one) => one * 1024))).toBe(trendOf(values));
      }),
    );
  });
});

describe('outliers', () => {
  test('are the outliers of value and of change, with their reasons', () => {
    const first = [1, 1.1, 0.9, 1, 1.05, 1, 0.95, 4];
    const last = [1.1, 1.2, 1, 1.12, 1.15, 5, 1.02, 1.1];
    const found = findOutliers([first, last]);
    expect(found.map((one) => one.index).sort()).toEqual([2, 5, 7]);
    expect(found.find((one) => one.index === 5)?.reason).toBe(
      "highest discriminability, 5.000; far above the layer's median of 1.110; changed by +4.000, where the layer's median changed by +0.100",
    );
    expect(found.find((one) => one.index === 7)?.reason).toContain('changed by -2.900');
    expect(found.find((one) => one.index === 2)?.reason).toBe('lowest discriminability, 1.000');
  });

  test('are the best and the worst where none is an outlier', () => {
    expect(findOutliers([[2, 1, 3]], { metric: 'density' })).toEqual([
      { index: 1, reason: 'lowest density, 1.000' },
      { index: 2, reason: 'highest density, 3.000' },
    ]);
    expect(findOutliers([[2, 2, 2]]).map((one) => one.index)).toEqual([0, 2]);
    expect(findOutliers([[2]])).toEqual([{ index: 0, reason: 'highest discriminability, 2.000' }]);
    expect(findOutliers([])).toEqual([]);
  });

  test('are in the order of their scores, of equals the first neuron first', () => {
    const last = [1, 1.1, 0.9, 1.05, 0.95, 1, 9, 6, -6, 6];
    const found = findOutliers([last]);
    expect(found.map(({ index }) => index)).toEqual([6, 8, 7, 9]);
    expect(found.map(({ reason }) => reason)).toEqual([
      "highest discriminability, 9.000; far above the layer's median of 1.025",
      "lowest discriminability, -6.000; far below the layer's median of 1.025",
      "discriminability 6.000 is far above the layer's median of 1.025",
      "discriminability 6.000 is far above the layer's median of 1.025",
    ]);
    expect(findOutliers([last], { maximum: 3 }).map(({ index }) => index)).toEqual([6, 8, 7]);
    expect(findOutliers([last], { maximum: 1 }).map(({ index }) => index)).toEqual([6, 8]);
    expect(findOutliers([[]])).toEqual([]);
  });

  test('of change are told with how the layer changed', () => {
    const first = [1, 1, 1, 1, 1, 1];
    const last = [1.1, 1.2, 1.3, 1.4, 1.5, 5];
    const [{ reason }] = findOutliers([first, last]);
    expect(reason).toMatch(/; changed by \+4\.000, where the layer's median changed by \+0\.350$/);
    const still = findOutliers([last, last]);
    expect(still.map((one) => one.reason).join()).not.toContain('changed');
    expect(
      findOutliers([
        [0, 0, 0, 0, 3],
        [0, 0, 0, 0, 0],
      ])[0].reason,
    ).toMatch(/changed by -3\.000, where the layer's median changed by \+0\.000$/);
  });

  test('one living neuron among dead ones is an outlier though the median deviation is zero', () => {
    const layer = new Array<number>(64).fill(0);
    layer[17] = 2;
    expect(findOutliers([layer])[0]).toMatchObject({ index: 17, reason: expect.stringContaining('far above') });
  });

  test('are two to eight, each once, best and worst among them', () => {
    const layer = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(layer, (last) => {
        const found = findOutliers([last.map(() => 0), last]).map((one) => one.index);
        expect(found.length).toBeGreaterThanOrEqual(2);
        expect(found.length).toBeLessThanOrEqual(8);
        expect(new Set(found).size).toBe(found.length);
        const values = found.map((c) => last[c]);
        expect(Math.max(...values)).toBe(Math.max(...last));
        expect(Math.min(...values)).toBe(Math.min(...last));
      }),
    );
  });

  test('scores are those of Iglewicz and Hoaglin', () => {
    // Median 3, deviations 2 1 0 1 97, their median 1.
    expect(modifiedZScores([1, 2, 3, 4, 100])[4]).toBeCloseTo(0.6745 * 97, 10);
    // More than half are the median: the mean absolute deviation, here 1, takes the place of theirs.
    expect(modifiedZScores([0, 0, 0, 0, 5])).toEqual([0, 0, 0, 0, 5 / 1.253314]);
    expect(modifiedZScores([2, 2, 2])).toEqual([0, 0, 0]);
  });
});
