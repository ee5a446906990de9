import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/imaging/cells/graphemes.ts';
import { columnOf, numberAxis, ridge, shareBelow, shares } from '../../src/views/neuron/ridge.ts';

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const quantiles = fc.array(value, { minLength: 21, maxLength: 21 }).map((list) => list.sort((a, b) => a - b));

describe('the share of values below one', () => {
  it('is linear between quantiles, and jumps where many values are the same', () => {
    expect(shareBelow([0, 10, 20], 5)).toBe(0.25);
    expect(shareBelow([0, 10, 20], 20)).toBe(1);
    expect(shareBelow([0, 0, 0, 8, 8], 0)).toBe(0);
    expect(shareBelow([0, 0, 0, 8, 8], 4)).toBe(0.625);
    expect(shareBelow([0, 0, 0, 8, 8], 9)).toBe(1);
    expect(shareBelow([3], 3)).toBe(0);
    expect(shareBelow([3], 4)).toBe(1);
  });

  it('never falls', () => {
    fc.assert(
      fc.property(quantiles, value, value, (list, one, other) => {
        expect(shareBelow(list, Math.min(one, other))).toBeLessThanOrEqual(shareBelow(list, Math.max(one, other)));
      }),
    );
  });
});

describe('shares of columns', () => {
  it('are those of the values', () => {
    // Half of the values are 0, the others spread evenly up to 4.
    expect(shares([0, 0, 0, 2, 4], [0, 4], 4)).toEqual([0.625, 0.125, 0.125, 0.125]);
    expect(shares([2, 2, 2], [2, 2], 3)).toEqual([0, 1, 0]);
  });

  it('are all there, whatever the values', () => {
    fc.assert(
      fc.property(quantiles, fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 80 }), (list, below, above, width) => {
        const parts = shares(list, [(list[0] ?? 0) - below, (list[20] ?? 0) + above], width);
        expect(parts).toHaveLength(width);
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('a ridge', () => {
  it('is as high as the root of the share, over all of its rows', () => {
    expect(ridge([1, 0.25, 0, 1e-6], 1)).toEqual(['█▄ ▁']);
    expect(ridge([1, 0.25, 0, 1e-6], 2)).toEqual(['█   ', '██ ▁']);
    expect(ridge([1, 0.25, 0], 1, true)).toEqual(['@= ']);
    expect(ridge([0, 0], 1)).toEqual(['  ']);
  });

  it('fills its rows and columns with characters of one column', () => {
    const parts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 3 }), fc.boolean(), (list, rows, ascii) => {
        const texts = ridge(list, rows, ascii);
        expect(texts).toHaveLength(rows);
        for (const text of texts) {
          expect(Array.from(text)).toHaveLength(list.length);
          expect(Array.from(text).every((sign) => widthOf(sign) === 1)).toBe(true);
          if (ascii) expect(text).toMatch(/^[ -~]*$/);
        }
        list.forEach((share, column) => {
          const inked = texts.some((text) => Array.from(text)[column] !== ' ');
          expect(inked).toBe(share > 1e-9);
        });
      }),
    );
  });
});

describe('the axis of activations', () => {
  it('has round numbers under the columns they belong to', () => {
    const axis = numberAxis([0, 4], 40);
    expect(axis).toHaveLength(40);
    for (const number of axis.trim().split(/\s+/)) {
      expect(Math.abs(axis.indexOf(number) - columnOf(Number(number), [0, 4], 40))).toBeLessThanOrEqual(2);
    }
    expect(axis.trim().split(/\s+/).length).toBeGreaterThanOrEqual(4);
  });

  it('ends for a range that is nothing beside its values', () => {
    expect(numberAxis([500, 500 + 2e-13], 40)).toHaveLength(40);
    expect(numberAxis([-1e300, -1e300 + 1e285], 40)).toHaveLength(40);
  });

  it('fits any width and range', () => {
    fc.assert(
      fc.property(
        value,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 90 }),
        (low, span, width) => {
          expect(numberAxis([low, low + span], width)).toHaveLength(width);
        },
      ),
    );
  });
});
