import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalsOf, formatFixed, niceTicks, verticalLabels } from '../../src/imaging/charts/axis.ts';
import { BrailleCanvas } from '../../src/imaging/charts/braille.ts';
import { ramp } from '../../src/imaging/colour/colour-maps.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { levelCells, levelOf, rangeOf } from '../../src/imaging/charts/heatmap.ts';
import { lineChart } from '../../src/imaging/charts/line-chart.ts';
import { sparkline } from '../../src/imaging/charts/sparkline.ts';

describe('heatmap', () => {
  test('has cells of the colours of the map, or shades where there is no colour', () => {
    const colours = ramp('viridis', '256');
    expect(levelCells('viridis', '256')).toEqual(colours.map((background) => ({ text: ' ', background })));
    expect(levelCells('viridis', '16')).toHaveLength(5);
    const text = (ascii: boolean): string =>
      levelCells('magma', 'none', ascii)
        .map((cell) => cell.text)
        .join('');
    expect(text(false)).toBe('░▒▓█');
    expect(text(true)).toBe(' .:-=+*#%@');
  });

  test('levels are monotone and within bounds', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        fc.integer({ min: 2, max: 32 }),
        (a, b, levels) => {
          const [one, other] = [Math.min(a, b), Math.max(a, b)];
          const [low, high] = [levelOf(one, [-1, 1], levels), levelOf(other, [-1, 1], levels)];
          return low >= 0 && high < levels && low <= high;
        },
      ),
    );
    expect(levelOf(3, [3, 3], 5)).toBe(0);
    expect(rangeOf([NaN, 3, Infinity, -2])).toEqual([-2, 3]);
    expect(rangeOf([NaN])).toBeUndefined();
  });
});

describe('line charts', () => {
  test('ink the dots of both ends and everything between', () => {
    const canvas = new BrailleCanvas(2, 1);
    canvas.line(0, 3, 3, 0);
    expect(gridToText(canvas.toGrid())).toBe('⡠⠊');
    canvas.dot(99, 99);
    expect(gridToText(canvas.toGrid())).toBe('⡠⠊');
    const dashed = new BrailleCanvas(4, 1);
    expect(dashed.line(0, 0, 7, 0, undefined, [2, 2])).toBe(7);
    expect(gridToText(dashed.toGrid())).toBe('⠉ ⠉');
  });

  test('differ without colour', () => {
    const values = [1, 1, 1, 1];
    const [solid, dashed] = [0, 1].map((place) =>
      gridToText(
        lineChart({
          series: place ? [{ values: [] }, { values }] : [{ values }],
          columns: 12,
          rows: 2,
          range: [0, 2],
          place: (step) => 4 * step,
        }),
      ),
    );
    expect(solid).not.toBe(dashed);
    expect(solid.replace(/[\s\u2800]/g, '')).toHaveLength(12);
  });

  test('stand under a heatmap’s columns, clamp to the range and leave gaps', () => {
    const place = (step: number): number => (step + 0.5) * 4;
    const grid = lineChart({ series: [{ values: [0, NaN, 99] }], columns: 12, rows: 3, range: [0, 1], place });
    expect(grid.map((row) => row.map(({ text }) => (text === ' ' ? '.' : '#')).join(''))).toEqual([
      '..........#.',
      '............',
      '..#.........',
    ]);
    expect(lineChart({ series: [], columns: 0, rows: 2, range: [0, 1], place })).toEqual([[], []]);
  });

  test('have an ASCII form without gaps', () => {
    const text = gridToText(
      lineChart({
        series: [{ values: [0, 4] }, { values: [4, 4] }],
        columns: 5,
        rows: 5,
        range: [0, 4],
        place: (step) => 4 * step,
        ascii: true,
      }),
    );
    expect(text).toBe('++++*\n   *\n  *\n *\n*');
  });
});

test('sparklines show the last values', () => {
  expect(sparkline([9, 0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([0, NaN, 7], 5)).toBe('▁ █');
  expect(sparkline([0, 7], 5, { ascii: true })).toBe('_@');
  expect(sparkline([1], 0)).toBe('');
  expect(sparkline([9, 9, 1, 2], 2)).toBe('▁█');
  expect(sparkline([3, 3], 20)).toBe('▄▄');
  expect(sparkline([], 20)).toBe('');
});

describe('axes', () => {
  test('ticks are round, within the range, evenly apart and not too many', () => {
    expect(niceTicks([0, 2.31], 5)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(niceTicks([1, 45], 5)).toEqual([10, 20, 30, 40]);
    expect(niceTicks([0.1, 0.3], 3)).toEqual([0.1, 0.2, 0.3]);
    expect(niceTicks([5, 5], 3)).toEqual([5]);
    expect(niceTicks([NaN, 5], 3)).toEqual([]);
    // Denormal numbers, and a span that overflows.
    expect(niceTicks([-1.5e-323, 5e-324], 9)).toEqual([]);
    expect(niceTicks([0, 1e-310], 2)).toEqual([]);
    expect(niceTicks([-1e308, 1e308], 3)).toEqual([]);
    const any = fc.double({ noNaN: true });
    fc.assert(
      fc.property(any, any, fc.integer({ min: 1, max: 20 }), (a, b, most) => niceTicks([a, b], most).length <= most),
    );
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.integer({ min: 1, max: 20 }), ([low, span], most) => {
        const ticks = niceTicks([low, low + span], most);
        // A step may be several times the range, and a billionth of it is forgiven.
        const slack = (Math.abs(low) + span) * 1e-8;
        return (
          ticks.length <= most &&
          ticks.every(
            (tick, index) =>
              tick >= low - slack && tick <= low + span + slack && (index === 0 || tick > ticks[index - 1]),
          )
        );
      }),
    );
  });

  test('numbers keep their width', () => {
    expect(formatFixed(3.14159, 2, 7)).toBe('   3.14');
    expect(formatFixed(-0.001, 2)).toBe('0.00');
    expect(formatFixed(123456.789, 2, 7)).toBe(' 123457');
    expect(formatFixed(1234567, 2, 5)).toBe('1.2e6');
    expect(formatFixed(NaN, 2, 4)).toBe('   –');
    expect(formatFixed(-Infinity, 2, 5, true)).toBe(' -inf');
  });

  test('numbers in columns are the value, rounded as far as they show it, or no number', () => {
    const magnitude = fc
      .tuple(fc.double({ min: 1, max: 10, maxExcluded: true, noNaN: true }), fc.integer({ min: -320, max: 306 }))
      .map(([digits, exponent]) => digits * 10 ** exponent);
    const value = fc
      .tuple(
        fc.oneof(magnitude, fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, 309_361_296, Infinity)),
        fc.boolean(),
      )
      .map(([size, isNegative]) => (isNegative ? -size : size));
    fc.assert(
      fc.property(value, fc.nat(6), fc.nat(12), fc.boolean(), (number, decimals, width, ascii) => {
        const text = formatFixed(number, decimals, width, ascii);
        if (width > 0) expect(text).toHaveLength(width);
        const shown = text.trim();
        if (/^#+$/.test(shown)) expect(width).toBeLessThan(String(number.toExponential(0)).length);
        else if (!Number.isFinite(number)) expect(shown).toBe(`${number < 0 ? '-' : ''}${ascii ? 'inf' : '∞'}`);
        else {
          const [, places = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e(-?\d+))?$/.exec(shown) ?? [];
          const half = 10 ** (Number(exponent) - places.length) / 2;
          expect(Math.abs(Number(shown) - number)).toBeLessThanOrEqual(half * (1 + 1e-6));
        }
      }),
      { numRuns: 2000 },
    );
    expect(formatFixed(309_361_296, 0, 6)).toBe('3.09e8');
    expect(formatFixed(1.9e15, 0)).toBe('1.900e15');
    expect(formatFixed(-1e100, 2, 5)).toBe('#####');
    expect(formatFixed(NaN, 2, 1)).toBe('–');
  });

  test('labels', () => {
    expect(decimalsOf(0.25)).toBe(2);
    expect(decimalsOf(20)).toBe(0);
    expect(verticalLabels([0, 2], 5).map(({ at, text }) => `${at}:${text}`)).toEqual(['0:2', '2:1', '4:0']);
  });
});
