import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOrder } from '../../../src/engine/data/epoch-order.ts';
import { mirrorInPlace } from '../../../src/engine/data/augmentation/operations.ts';
import { sampleProbe } from '../../../src/engine/data/sample-probe.ts';

describe('mirrorInPlace', () => {
  it('swaps columns and leaves channels, rows and images in place', () => {
    // Two images of 2x3 with two channels: the value says image, row, column, channel.
    const at = (b: number, y: number, x: number, c: number): number => b * 1000 + y * 100 + x * 10 + c;
    const build = (column: (x: number) => number): Float32Array => {
      const values: number[] = [];
      for (let b = 0; b < 2; b++)
        for (let y = 0; y < 2; y++)
          for (let x = 0; x < 3; x++) for (let c = 0; c < 2; c++) values.push(at(b, y, column(x), c));
      return Float32Array.from(values);
    };
    const batch = build((x) => x);
    mirrorInPlace(batch, [2, 2, 3, 2]);
    expect(batch).toEqual(build((x) => 2 - x));
  });

  it('twice is nothing, for any shape', () => {
    const side = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(side, side, side, side, (b, h, w, c) => {
        const before = Float32Array.from({ length: b * h * w * c }, (_, i) => i);
        const batch = before.slice();
        mirrorInPlace(batch, [b, h, w, c]);
        if (w > 1) expect(batch).not.toEqual(before);
        mirrorInPlace(batch, [b, h, w, c]);
        expect(batch).toEqual(before);
      }),
    );
    expect(() => mirrorInPlace(new Float32Array(5), [1, 1, 2, 3])).toThrow(RangeError);
  });
});

describe('epochOrder', () => {
  it('is a permutation of its own for each epoch and seed, and the same again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 100 }),
        (count, seed, epoch) => {
          const order = epochOrder(count, seed, epoch);
          expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          expect(epochOrder(count, seed, epoch)).toEqual(order);
        },
      ),
    );
    const orders = [epochOrder(50, 1, 1), epochOrder(50, 1, 2), epochOrder(50, 2, 1)].map((order) => order.join());
    expect(new Set(orders).size).toBe(3);
  });
});

describe('sampleProbe', () => {
  const classes = ['a', 'b', 'c'];
  const set = (...labels: number[]) => ({ count: labels.length, labels: Uint16Array.from(labels) });
  const many = set(...Array.from({ length: 300 }, (_, i) => (i * 7) % 3));

  it('takes as many of each class, sorted by class, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 320 }), fc.nat(), (count, seed) => {
        const { indices, labels } = sampleProbe(many, classes, count, seed);
        const perClass = Math.min(100, Math.floor(count / 3));
        expect(new Set(indices).size).toBe(3 * perClass);
        expect([...labels]).toEqual([0, 1, 2].flatMap((label) => Array<number>(perClass).fill(label)));
        indices.forEach((image, i) => expect(many.labels[image]).toBe(labels[i]));
        expect(sampleProbe(many, classes, count, seed).indices).toEqual(indices);
      }),
      { numRuns: 50 },
    );
    expect(sampleProbe(many, classes, 60, 1).indices).not.toEqual(sampleProbe(many, classes, 60, 2).indices);
  });

  it('gives every class what the smallest has', () => {
    const uneven = set(...Array<number>(50).fill(0), ...Array<number>(12).fill(1), ...Array<number>(40).fill(2));
    const notices: string[] = [];
    const told = (text: string): unknown => notices.push(text);
    expect(sampleProbe(uneven, classes, 90, 0, told).indices).toHaveLength(36);
    expect(notices).toEqual(['the probe has 12 validation images of each class, 36 in all, not 90: b has no more']);
    sampleProbe(uneven, classes, 37, 0, told);
    expect(notices).toHaveLength(1);
    const poor = set(...Array<number>(50).fill(0), ...Array<number>(9).fill(1), ...Array<number>(40).fill(2));
    expect(() => sampleProbe(poor, classes, 90)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('Class b has 9 validation images') as string,
        // A share alone would say nothing to a set that has it already.
        hint: expect.stringContaining('--validation 0.5 keeps 10 of 20') as string,
      }),
    );
  });

  it.each([0, 29, -5, 10_001, 100.5, NaN, Infinity])('refuses a probe of %s images', (count) => {
    expect(() => sampleProbe(many, classes, count)).toThrow(
      expect.objectContaining({ code: 'probe-size', exitCode: 2, hint: expect.stringContaining('30') as string }),
    );
  });
});
