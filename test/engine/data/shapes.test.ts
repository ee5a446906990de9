import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateShapes, shapesClasses } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { outlines } from '../../../src/engine/data/shapes/outlines.ts';

describe('generateShapes', () => {
  it('gives the same images on every machine', () => {
    const { pixels, labels } = generateShapes(200, 'train');
    const digest = createHash('sha256').update(pixels).update(Uint8Array.from(labels)).digest('hex');
    expect(digest).toMatchInlineSnapshot(`"1415a51d32666648bc51e3a67fd8b794dd77de5517e6b843018c400a82d811da"`);
  });

  it('gives the first images of a larger set for a smaller one, and others for another part or seed', () => {
    const many = generateShapes(40, 'train');
    const few = generateShapes(25, 'train');
    expect(many.pixels.subarray(0, few.pixels.length)).toEqual(few.pixels);
    expect(many.labels.subarray(0, 25)).toEqual(few.labels);
    expect(generateShapes(25, 'validation').pixels).not.toEqual(few.pixels);
    expect(generateShapes(25, 'train', 2).pixels).not.toEqual(few.pixels);
  });

  it('holds each class once in every ten images', () => {
    const { labels } = generateShapes(60, 'validation');
    for (let from = 0; from < 60; from += 10) {
      expect([...labels.subarray(from, from + 10)].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
    }
    expect(new Set(labels.subarray(0, 20)).size).toBe(shapesClasses.length);
    expect([...labels.subarray(0, 10)]).not.toEqual([...labels.subarray(10, 20)]);
  });

  it('uses the whole range without much clipping, and no image is flat', () => {
    const { pixels, count } = generateShapes(300, 'train');
    const clipped = pixels.filter((value) => value === 0 || value === 255).length / pixels.length;
    expect(clipped).toBeLessThan(0.1);
    for (let image = 0; image < count; image++) {
      const one = pixels.subarray(image * 3072, (image + 1) * 3072);
      expect(Math.max(...one) - Math.min(...one)).toBeGreaterThan(50);
    }
  });
});

describe('outlines', () => {
  const grid = [...Array(201).keys()].map((i) => (i - 100) / 80);
  const area = (contains: (u: number, v: number) => boolean): number =>
    grid.flatMap((u) => grid.map((v) => contains(u, v))).filter(Boolean).length / 80 ** 2;

  it('lie within the unit circle', () => {
    for (const { contains } of outlines) {
      expect(area((u, v) => contains(u, v) && u * u + v * v > 1)).toBe(0);
    }
  });

  // By hand: pi 0.8; pi (0.85 - 0.3); 1.4^2; 1.4^2 - 0.8^2; 3 sqrt(3) / 4; two bars of 1.9 x 0.54 less what they share;
  // three of five bands; half the square; nine discs.
  it.each([
    ['disc', Math.PI * 0.8],
    ['ring', Math.PI * 0.55],
    ['square', 1.96],
    ['frame', 1.32],
    ['triangle', (3 * Math.sqrt(3)) / 4],
    ['cross', 2 * 1.9 * 0.54 - 0.54 ** 2],
    ['horizontal stripes', 0.6 * 1.96],
    ['vertical stripes', 0.6 * 1.96],
    ['checker', 0.98],
    ['dots', 9 * Math.PI * 0.03],
  ])('%s covers %f', (name, expected) => {
    const { contains } = outlines.find((outline) => outline.name === name)!;
    expect(Math.abs(area(contains) - expected)).toBeLessThan(0.06);
  });

  it('stay themselves when mirrored, which training does', () => {
    // A checker's mirror image is its negative, which is a checker too.
    for (const { contains } of outlines.filter(({ name }) => name !== 'checker')) {
      expect(area((u, v) => contains(u, v) !== contains(-u, v))).toBeLessThan(0.06);
    }
  });
});
