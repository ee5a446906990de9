import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  colourInPlace,
  cropInPlace,
  shiftInPlace,
  type ColourChange,
  type CropWindow,
} from '../../../../src/engine/data/augmentation/operations.ts';
import type { ImageShape } from '../../../../src/engine/data/dataset.ts';
import { Random } from '../../../../src/engine/base/random.ts';

type Case<Arguments> = Arguments & { result: number[] };
const { shape, image, crops, shifts, colours } = JSON.parse(
  readFileSync(new URL('./fixtures/augmentation.json', import.meta.url), 'utf8'),
) as {
  shape: ImageShape;
  image: number[];
  crops: Case<CropWindow>[];
  shifts: Case<{ down: number; right: number }>[];
  colours: Case<ColourChange>[];
};

const scratchFor = (values: Float32Array): Float32Array => new Float32Array(values.length).fill(NaN);

function expectClose(values: Float32Array, wanted: readonly number[]): void {
  expect(values).toHaveLength(wanted.length);
  const worst = wanted.reduce((most, value, at) => Math.max(most, Math.abs(value - values[at])), 0);
  // Float32 keeps values up to 128 to 8e-6.
  expect(worst).toBeLessThan(2e-5);
}

/** Any image, of any values, with its shape. */
const anyImage = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.nat())
  .map(([height, width, channels, seed]) => {
    const random = new Random(seed);
    const values = Float32Array.from({ length: height * width * channels }, () => 50 * random.normal() + 10);
    return { shape: [height, width, channels] as ImageShape, values };
  });

const range = (values: Float32Array): [least: number, most: number] => [Math.min(...values), Math.max(...values)];

describe('cropInPlace', () => {
  it.each(crops)('makes of window $top, $left, $height x $width what PyTorch and Pillow make of it', (window) => {
    const values = Float32Array.from(image);
    cropInPlace(values, shape, window, scratchFor(values));
    expectClose(values, window.result);
  });

  it('leaves everything as it is when the window is the whole image', () => {
    fc.assert(
      fc.property(anyImage, ({ shape: [height, width, channels], values }) => {
        const before = values.slice();
        cropInPlace(values, [height, width, channels], { top: 0, left: 0, height, width }, scratchFor(values));
        expect(values).toEqual(before);
      }),
    );
  });

  it('invents no values beyond those of the image', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyImage, share, share, share, ({ shape: own, values }, side, down, right) => {
        const [least, most] = range(values);
        const [height, width] = [own[0] * side, own[1] * side];
        const window = { height, width, top: (own[0] - height) * down, left: (own[1] - width) * right };
        cropInPlace(values, own, window, scratchFor(values));
        for (const value of values) expect(value >= least - 1e-4 && value <= most + 1e-4).toBe(true);
      }),
    );
  });
});

describe('shiftInPlace', () => {
  it.each(shifts)('moves by $down, $right as numpy does, the edge repeated', ({ down, right, result }) => {
    const values = Float32Array.from(image);
    shiftInPlace(values, shape, down, right, scratchFor(values));
    expectClose(values, result);
  });

  it('by nothing is nothing, and there and back keeps what stayed inside', () => {
    const steps = fc.integer({ min: -12, max: 12 });
    fc.assert(
      fc.property(anyImage, steps, steps, ({ shape: own, values }, down, right) => {
        const [height, width, channels] = own;
        const before = values.slice();
        shiftInPlace(values, own, 0, 0, scratchFor(values));
        expect(values).toEqual(before);
        shiftInPlace(values, own, down, right, scratchFor(values));
        const known = new Set(before);
        expect(values.every((value) => known.has(value))).toBe(true);
        shiftInPlace(values, own, -down, -right, scratchFor(values));
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const stayed = y + down >= 0 && y + down < height && x + right >= 0 && x + right < width;
            if (!stayed) continue;
            const at = (y * width + x) * channels;
            expect(values.slice(at, at + channels)).toEqual(before.slice(at, at + channels));
          }
        }
      }),
    );
  });
});

describe('colourInPlace', () => {
  it.each(colours)(
    'brightness $brightness, contrast $contrast, saturation $saturation as numpy computes them',
    ({ result, ...change }) => {
      const values = Float32Array.from(image);
      colourInPlace(values, shape, change);
      expectClose(values, result);
    },
  );

  it('changes nothing by 0, 1, 1, and only the mean by brightness', () => {
    fc.assert(
      fc.property(anyImage, fc.double({ min: -1, max: 1, noNaN: true }), ({ shape: own, values }, brightness) => {
        const before = values.slice();
        colourInPlace(values, own, { brightness: 0, contrast: 1, saturation: 1 });
        values.forEach((value, at) => expect(value).toBeCloseTo(before[at], 3));
        const changed = before.slice();
        colourInPlace(changed, own, { brightness, contrast: 1, saturation: 1 });
        const moved = changed[0] - before[0];
        changed.forEach((value, at) => expect(value - before[at]).toBeCloseTo(moved, 3));
      }),
    );
  });

  it('takes the colours away by saturation 0, and does nothing of it to grey images', () => {
    fc.assert(
      fc.property(anyImage, ({ shape: [height, width, channels], values }) => {
        const before = values.slice();
        colourInPlace(values, [height, width, channels], { brightness: 0, contrast: 1, saturation: 0 });
        for (let at = 0; at < values.length; at += channels) {
          for (let channel = 1; channel < channels; channel++) expect(values[at + channel]).toBe(values[at]);
        }
        if (channels === 1) values.forEach((value, at) => expect(value).toBeCloseTo(before[at], 3));
      }),
    );
  });
});
