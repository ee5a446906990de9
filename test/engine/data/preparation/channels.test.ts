import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleImages, standardiseImages } from '../../../../src/engine/data/preparation/channels.ts';
import { MemoryImages } from '../../../../src/engine/data/raw-images.ts';
import { recording } from '../../transfer/support.ts';

const raw = (pixels: ArrayLike<number>, size: number): MemoryImages =>
  new MemoryImages(Uint8Array.from(pixels), new Uint16Array(pixels.length / size), size);

const all = (set: { count: number; fill(i: ArrayLike<number>, t: Float32Array): void }, size: number): number[] => {
  const target = new Float32Array(set.count * size);
  set.fill([...Array(set.count).keys()], target);
  return [...target];
};

describe('standardiseImages', () => {
  it('is (x - mean) / deviation of each channel of the training images, also for validation', async () => {
    // Two channels: 0, 2 (mean 1, deviation 1) and 10, 30 (mean 20, deviation 10).
    const { train, validation } = await standardiseImages(
      { train: raw([0, 10, 2, 30], 2), validation: raw([3, 50], 2) },
      2,
      recording().context,
    );
    expect(all(train, 2)).toEqual([-1, -1, 1, 1]);
    expect(all(validation, 2)).toEqual([2, 3]);
  });

  it('gives every channel the mean 0 and the deviation 1, or 0 where it is constant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 12, maxLength: 12 }), { minLength: 1, maxLength: 9 }),
        async (images) => {
          const set = raw(
            images.flatMap((image) => [...image]),
            12,
          );
          const values = all(
            (await standardiseImages({ train: set, validation: set }, 3, recording().context)).train,
            12,
          );
          for (let channel = 0; channel < 3; channel++) {
            const own = values.filter((_, i) => i % 3 === channel);
            const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
            const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
            const constant = own.every((value) => value === own[0]);
            expect(Math.abs(mean)).toBeLessThan(1e-5);
            expect(Math.abs(variance - (constant ? 0 : 1))).toBeLessThan(1e-4);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('scaleImages', () => {
  it('divides by 255', () => {
    const set = raw([0, 51, 255], 3);
    all(scaleImages({ train: set, validation: set }).train, 3).forEach((value, i) =>
      expect(value).toBeCloseTo([0, 0.2, 1][i], 6),
    );
  });
});
