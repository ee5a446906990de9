import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseContrast } from '../../../../src/engine/data/preparation/contrast.ts';
import { firstImages, MemoryImages } from '../../../../src/engine/data/raw-images.ts';
import { recording } from '../../transfer/support.ts';

interface Fixture {
  shape: [number, number, number];
  train: number[];
  validation: number[];
  deviations: number[];
  preparedTrain: number[];
  preparedValidation: number[];
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/contrast.json', import.meta.url), 'utf8')) as Fixture;

const raw = (pixels: ArrayLike<number>, size: number): MemoryImages =>
  new MemoryImages(Uint8Array.from(pixels), new Uint16Array(pixels.length / size), size);

const filled = (set: { fill(i: ArrayLike<number>, t: Float32Array): void }, indices: number[], size: number) => {
  const target = new Float32Array(indices.length * size);
  set.fill(indices, target);
  return target;
};

const deviation = (values: number[]): number => {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1));
};

const all = (count: number): number[] => [...Array(count).keys()];
const size = 5 * 4 * 3;

describe('normaliseContrast', () => {
  it('is what numpy computes, flat and constant images included', async () => {
    expect(Math.min(...fixture.deviations)).toBeLessThan(40);
    const { train, validation } = await normaliseContrast(
      { train: raw(fixture.train, size), validation: raw(fixture.validation, size) },
      recording().context,
    );
    const close = (found: Float32Array, expected: number[]): void =>
      found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-5));
    close(filled(train, all(train.count), size), fixture.preparedTrain);
    close(filled(validation, all(validation.count), size), fixture.preparedValidation);
    expect(fixture.preparedTrain).toHaveLength(train.count * size);
  });

  it('fills in the order asked for, repeats included, and refuses what does not fit', async () => {
    const { train } = await normaliseContrast(
      { train: raw(fixture.train, size), validation: raw(fixture.validation, size) },
      recording().context,
    );
    const one = (i: number): number[] => [...filled(train, [i], size)];
    expect([...filled(train, [3, 0, 3], size)]).toEqual([...one(3), ...one(0), ...one(3)]);
    expect(() => train.fill([0], new Float32Array(size - 1))).toThrow(RangeError);
    expect(() => train.fill([9], new Float32Array(size))).toThrow('no image 9');
    expect(() => train.fill([-1], new Float32Array(size))).toThrow(RangeError);
    expect(() => train.fill([0.5], new Float32Array(size))).toThrow(RangeError);
    expect(() => train.pixels(9)).toThrow(RangeError);
    expect([...train.pixels(2)]).toEqual(fixture.train.slice(2 * size, 3 * size));
    // A copy: whoever draws on it must not change the data.
    train.pixels(2).fill(0);
    expect([...train.pixels(2)]).toEqual(fixture.train.slice(2 * size, 3 * size));
  });

  const images = fc.array(fc.uint8Array({ minLength: 12, maxLength: 12 }), { minLength: 1, maxLength: 8 });
  const flat = (each: readonly Uint8Array[]): number[] => each.flatMap((image) => [...image]);

  it('gives every image the mean 0, and a deviation of mean(n) unless it was flat', async () => {
    await fc.assert(
      fc.asyncProperty(images, images, async (train, validation) => {
        const prepared = await normaliseContrast(
          { train: raw(flat(train), 12), validation: raw(flat(validation), 12) },
          recording().context,
        );
        const mean = [...Array(12).keys()].map((i) => train.reduce((sum, image) => sum + image[i], 0) / train.length);
        const before = [...train, ...validation].map((image) =>
          deviation([...image].map((value, i) => value - mean[i])),
        );
        const average = before.reduce((sum, each) => sum + each, 0) / before.length;
        const after = [prepared.train, prepared.validation].flatMap((set) =>
          all(set.count).map((i) => {
            const values = [...filled(set, [i], 12)];
            expect(Math.abs(values.reduce((sum, each) => sum + each, 0) / 12)).toBeLessThan(1e-4);
            return deviation(values);
          }),
        );
        after.forEach((each, i) => {
          if (before[i] >= 40) expect(Math.abs(each - average)).toBeLessThan(1e-3);
          else expect(each).toBeLessThan(average + 1e-3);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does not see brightness: all pixels of all images raised alike change nothing', async () => {
    const half = fc.array(fc.array(fc.nat(200), { minLength: 12, maxLength: 12 }), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(half, fc.nat(55), async (train, more) => {
        const both = await Promise.all(
          [0, more].map((lift) => {
            const set = raw(
              train.flat().map((value) => value + lift),
              12,
            );
            return normaliseContrast({ train: set, validation: firstImages(set, 1) }, recording().context);
          }),
        );
        const [plain, lifted] = both.map((each) => filled(each.train, all(train.length), 12));
        plain.forEach((value, i) => expect(Math.abs(value - lifted[i])).toBeLessThan(1e-3));
      }),
      { numRuns: 40 },
    );
  });

  it('reports its progress to the end and can be cancelled', async () => {
    const set = raw(new Uint8Array(6000 * 12), 12);
    const { context, progress, abort } = recording();
    await normaliseContrast({ train: set, validation: set }, context);
    expect(progress.at(-1)).toMatchObject({ label: 'preparing images', done: 18_000, total: 18_000 });
    abort.abort();
    await expect(normaliseContrast({ train: set, validation: set }, context)).rejects.toMatchObject({
      code: 'cancelled',
      exitCode: 130,
    });
  });
});
