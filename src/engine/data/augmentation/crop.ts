import type { ImageShape } from './shape.ts';

/** A part of an image, in pixels; its borders may lie between pixels. */
export interface CropWindow {
  top: number;
  left: number;
  /** More than 0; the window lies within the image. */
  height: number;
  width: number;
}

/**
 * Enlarges a part of an image to the whole, in place: bilinear between the centres of pixels, as PyTorch's
 * `grid_sample(align_corners=False, padding_mode="border")` and Pillow's `resize(BILINEAR, box=...)`.
 * @param image [H, W, C] row-major
 * @param scratch at least as long as the image; overwritten
 */
export function cropInPlace(
  image: Float32Array,
  [height, width, channels]: ImageShape,
  window: CropWindow,
  scratch: Float32Array,
): void {
  if (window.height === height && window.width === width) return;
  const row = width * channels;
  const columns = samples(window.left, window.width, width);
  const rows = samples(window.top, window.height, height);
  scratch.set(image);
  // One row of the window, between two of the image; then its pixels between two of that.
  const blended = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    const upper = rows.before[y] * row;
    const lower = rows.after[y] * row;
    const down = rows.share[y];
    for (let at = 0; at < row; at++) {
      const value = scratch[upper + at];
      blended[at] = value + (scratch[lower + at] - value) * down;
    }
    let to = y * row;
    for (let x = 0; x < width; x++) {
      const left = columns.before[x] * channels;
      const right = columns.after[x] * channels;
      const across = columns.share[x];
      for (let channel = 0; channel < channels; channel++) {
        const value = blended[left + channel];
        image[to++] = value + (blended[right + channel] - value) * across;
      }
    }
  }
}

/** For every position of the result the two pixels it lies between, and how far it is on the way to the second. */
function samples(
  start: number,
  length: number,
  count: number,
): { before: Uint32Array; after: Uint32Array; share: Float64Array } {
  const before = new Uint32Array(count);
  const after = new Uint32Array(count);
  const share = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const place = Math.min(count - 1, Math.max(0, start + ((index + 0.5) * length) / count - 0.5));
    before[index] = Math.floor(place);
    after[index] = Math.min(count - 1, before[index] + 1);
    share[index] = place - before[index];
  }
  return { before, after, share };
}
