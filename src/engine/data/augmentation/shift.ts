import type { ImageShape } from './shape.ts';

/**
 * Moves an image, in place; where nothing is left to come in, the edge is repeated.
 * @param image [H, W, C] row-major
 * @param down pixels, negative: up @param right pixels, negative: left
 * @param scratch at least as long as the image; overwritten
 */
export function shiftInPlace(
  image: Float32Array,
  [height, width, channels]: ImageShape,
  down: number,
  right: number,
  scratch: Float32Array,
): void {
  if (down === 0 && right === 0) return;
  scratch.set(image);
  const row = width * channels;
  // Columns of the result that come from the image itself, and where those begin in it.
  const first = Math.min(width, Math.max(0, right));
  const end = Math.max(first, Math.min(width, width + right));
  for (let y = 0; y < height; y++) {
    const from = Math.min(height - 1, Math.max(0, y - down)) * row;
    const to = y * row;
    const inner = from + (first - right) * channels;
    const last = from + row - channels;
    for (let at = 0, channel = 0; at < first * channels; at++) {
      image[to + at] = scratch[from + channel]!;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
    for (let at = first * channels, source = inner; at < end * channels; at++, source++) {
      image[to + at] = scratch[source]!;
    }
    for (let at = end * channels, channel = 0; at < row; at++) {
      image[to + at] = scratch[last + channel]!;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
  }
}
