import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Augmentation } from '../../../../src/engine/base/augmentation.ts';
import { augmentationOf, epochMirroring } from '../../../../src/engine/data/augmentation/augment.ts';
import { mirrorInPlace } from '../../../../src/engine/data/augmentation/operations.ts';
import { Random } from '../../../../src/engine/base/random.ts';

const shape = [6, 8, 3] as const;
const size = 6 * 8 * 3;
const epoch = { seed: 7, epoch: 3, batches: 40 };

function batchOf(count: number, seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * size }, () => 40 * random.normal());
}

const anyAugmentation: fc.Arbitrary<Augmentation> = fc.record(
  {
    mirror: fc.constantFrom('batch' as const, 'image' as const),
    shift: fc.integer({ min: 0, max: 9 }),
    crop: fc.double({ min: 0.01, max: 1, noNaN: true }),
    colour: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: [] },
);

function augmented(wanted: Augmentation, batch: number, of = epoch, count = 10): Float32Array {
  const images = batchOf(count);
  augmentationOf(wanted, shape, of)(images, batch);
  return images;
}

describe('augmentationOf', () => {
  it.each([{}, { shift: 0 }, { crop: 1 }, { colour: 0 }, { shift: 0, crop: 1, colour: 0 }])(
    'does nothing for %o',
    (wanted) => {
      expect(augmented(wanted, 1)).toEqual(batchOf(10));
    },
  );

  it('gives the same images for the same seed, epoch and batch, in whatever order batches come', () => {
    fc.assert(
      fc.property(anyAugmentation, fc.integer({ min: 1, max: 40 }), (wanted, batch) => {
        const alone = augmented(wanted, batch);
        const change = augmentationOf(wanted, shape, epoch);
        change(batchOf(5, 9), 1);
        change(batchOf(10, 8), batch === 1 ? 2 : batch - 1);
        const later = batchOf(10);
        change(later, batch);
        expect(later).toEqual(alone);
        expect(later.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('gives others for another seed, epoch, batch or place in the batch', () => {
    const wanted = { mirror: 'image', shift: 3, crop: 0.5, colour: 0.3 } as const;
    const texts = [
      augmented(wanted, 1),
      augmented(wanted, 2),
      augmented(wanted, 1, { ...epoch, seed: 8 }),
      augmented(wanted, 1, { ...epoch, epoch: 4 }),
    ].map((values) => values.join());
    expect(new Set(texts).size).toBe(4);
    const alike = new Float32Array(20 * size);
    for (let image = 0; image < 20; image++) alike.set(batchOf(1), image * size);
    augmentationOf(wanted, shape, epoch)(alike, 1);
    const images = Array.from({ length: 20 }, (_, image) => alike.subarray(image * size, (image + 1) * size).join());
    expect(new Set(images).size).toBe(20);
  });

  it('mirrors the batches that the paper’s way mirrors, as a whole', () => {
    const change = augmentationOf({ mirror: 'batch' }, shape, epoch);
    const mirrored = epochMirroring(40, 7, 3);
    // As before there was any other augmentation: runs of then can be repeated.
    expect(mirrored.slice(0, 12).map(Number).join('')).toBe('011011011101');
    mirrored.forEach((isMirrored, index) => {
      const images = batchOf(4);
      change(images, index + 1);
      const wanted = batchOf(4);
      if (isMirrored) mirrorInPlace(wanted, [4, ...shape]);
      expect(images).toEqual(wanted);
    });
  });

  it('mirrors about half of the images when each is mirrored by itself', () => {
    const before = batchOf(400);
    const images = before.slice();
    augmentationOf({ mirror: 'image' }, shape, epoch)(images, 1);
    let count = 0;
    for (let at = 0; at < images.length; at += size) {
      const other = before.slice(at, at + size);
      const isSame = other.join() === images.subarray(at, at + size).join();
      mirrorInPlace(other, [1, ...shape]);
      if (!isSame) expect(images.slice(at, at + size)).toEqual(other);
      count += isSame ? 0 : 1;
    }
    // Three standard deviations of 400 throws.
    expect(Math.abs(count - 200)).toBeLessThan(30);
  });

  it('leaves what one operation does as it is when another is added', () => {
    // A mirrored constant image is the same one, so that only the colour shows.
    const flat = new Float32Array(10 * size).map((_, at) => (at % 3) * 10);
    const alone = flat.slice();
    augmentationOf({ colour: 0.5 }, shape, epoch)(alone, 4);
    const both = flat.slice();
    augmentationOf({ colour: 0.5, mirror: 'image', shift: 2, crop: 0.3 }, shape, epoch)(both, 4);
    both.forEach((value, at) => expect(value).toBeCloseTo(alone[at], 3));
  });

  it('shifts by no more than asked, in every direction', () => {
    const seen = new Set<string>();
    const single = [5, 5, 1] as const;
    const images = new Float32Array(300 * 25);
    for (let image = 0; image < 300; image++) images[image * 25 + 12] = 1;
    augmentationOf({ shift: 2 }, single, epoch)(images, 1);
    for (let image = 0; image < 300; image++) {
      const lit = images.subarray(image * 25, (image + 1) * 25);
      const first = lit.indexOf(1);
      seen.add(`${Math.floor(first / 5)} ${first % 5}`);
    }
    expect(seen.size).toBe(25);
  });

  it('refuses values that are no whole images', () => {
    expect(() => augmentationOf({ shift: 1 }, shape, epoch)(new Float32Array(7), 1)).toThrow('7 values');
  });
});
