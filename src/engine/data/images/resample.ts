import type { ImageToStore } from '../store/write-store.ts';
import type { Fit, ImageShape } from './image-options.ts';

/** A picture's rectangle in pixels, fractions of them included. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** For each place of the result: where its neighbours begin, and how much each counts. */
interface Taps {
  first: Int32Array;
  /** [size, width], zeros where fewer count. */
  weights: Float64Array;
  width: number;
}

const lobes = 3;
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (x: number): number => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0);

/** The filter is widened where the picture shrinks, so that every pixel counts (as Pillow's resize does). */
function tapsFor(start: number, length: number, sides: { from: number; to: number }): Taps {
  const scale = length / sides.to;
  const stretch = Math.max(1, scale);
  const reach = lobes * stretch;
  const width = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(sides.to);
  const weights = new Float64Array(sides.to * width);
  for (let place = 0; place < sides.to; place++) {
    const centre = start + (place + 0.5) * scale;
    const low = Math.max(0, Math.round(centre - reach));
    const high = Math.min(sides.from, Math.round(centre + reach));
    first[place] = low;
    let sum = 0;
    for (let i = low; i < high; i++) {
      const weight = lanczos((i - centre + 0.5) / stretch);
      weights[place * width + i - low] = weight;
      sum += weight;
    }
    for (let i = 0; i < width; i++) weights[place * width + i] /= sum;
  }
  return { first, weights, width };
}

/**
 * A function that brings pictures of one shape to another size by Lanczos filters of three lobes, along rows and then
 * along columns.
 * @param shape [H, W, C] of what it is given
 * @param box the part of the picture that is used
 * @returns [size, size, C] of its own each time
 */
export function resampler(
  [height, width, channels]: readonly [number, number, number],
  box: Box,
  size: number,
): (pixels: Uint8Array) => Uint8Array {
  const across = tapsFor(box.left, box.width, { from: width, to: size });
  const down = tapsFor(box.top, box.height, { from: height, to: size });
  // A byte between the passes too: the same as when they were two resizings.
  const rows = new Uint8ClampedArray(height * size * channels);
  return (pixels) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < size; x++) {
        const low = across.first[x];
        const count = Math.min(across.width, width - low);
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let i = 0; i < count; i++) {
            sum += across.weights[x * across.width + i] * pixels[(y * width + low + i) * channels + c];
          }
          rows[(y * size + x) * channels + c] = sum;
        }
      }
    }
    const result = new Uint8ClampedArray(size * size * channels);
    const line = size * channels;
    for (let y = 0; y < size; y++) {
      const low = down.first[y];
      const count = Math.min(down.width, height - low);
      for (let at = 0; at < line; at++) {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += down.weights[y * down.width + i] * rows[(low + i) * line + at];
        result[y * line + at] = sum;
      }
    }
    return new Uint8Array(result.buffer);
  };
}

/**
 * Images brought to another size. Small ones come by the ten thousand, and the library of images takes a millisecond
 * to be asked; what they need is done here.
 * @param shape theirs
 * @returns [size, size, C] in the same order
 */
export async function* fitImages(
  images: Iterable<ImageToStore> | AsyncIterable<ImageToStore>,
  shape: ImageShape,
  { size, fit }: { size: number; fit: Fit },
): AsyncGenerator<ImageToStore> {
  const [height, width] = shape;
  const side = Math.min(height, width);
  const box =
    fit === 'stretch'
      ? { top: 0, left: 0, height, width }
      : { top: (height - side) / 2, left: (width - side) / 2, height: side, width: side };
  const resize = resampler(shape, box, size);
  for await (const image of images) yield { ...image, pixels: resize(image.pixels) };
}
