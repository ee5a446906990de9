import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/base/random.ts';

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, on any machine', () => {
    expect(draw(new Random(1, 'weights'), 4)).toEqual(draw(new Random(1, 'weights'), 4));
    expect(draw(new Random(42), 3)).toMatchInlineSnapshot(`
      [
        1170360694,
        1417613717,
        489738077,
      ]
    `);
  });

  it('gives other numbers for another seed, another stream, another order of streams', () => {
    const all = [
      new Random(1),
      new Random(2),
      new Random(-1),
      new Random(1.5),
      new Random(1 + 2 ** 32),
      new Random(1, 0),
      new Random(1, 'a', 'b'),
      new Random(1, 'b', 'a'),
      new Random(1, 'ab'),
    ].map((random) => draw(random, 2).join());
    expect(new Set(all).size).toBe(all.length);
  });

  it('is uniform: mean, variance and every bit', () => {
    const random = new Random(7);
    const count = 100_000;
    const bits = new Array<number>(32).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const value = random.uniform();
      sum += value;
      squares += value * value;
      const word = random.next();
      for (let bit = 0; bit < 32; bit++) bits[bit] += (word >>> bit) & 1;
    }
    // Five standard errors each.
    expect(Math.abs(sum / count - 1 / 2)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(count));
    expect(Math.abs(squares / count - 1 / 3)).toBeLessThan((5 * Math.sqrt(4 / 45)) / Math.sqrt(count));
    for (const ones of bits) expect(Math.abs(ones / count - 1 / 2)).toBeLessThan(2.5 / Math.sqrt(count));
  });

  it('draws integers below a bound, each about equally often', () => {
    const random = new Random(3);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.below(7)] += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(10_000));
    expect(new Random(1).below(1)).toBe(0);
  });

  it('shuffles: the same items in another order', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer(), { maxLength: 50 }), (seed, items) => {
        expect(new Random(seed).shuffle([...items]).sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
    expect(new Random(1).shuffle(Uint32Array.from({ length: 100 }, (_, i) => i))).not.toEqual(
      Uint32Array.from({ length: 100 }, (_, i) => i),
    );
  });
});

it('normal numbers have mean 0, deviation 1, and as many beyond two deviations as they should', () => {
  const random = new Random(1, 'normal');
  const values = Array.from({ length: 100_000 }, () => random.normal());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  expect(Math.abs(values.filter((value) => Math.abs(value) > 2).length / values.length - 0.0455)).toBeLessThan(0.003);
});
