import type { ImageShape } from './shape.ts';

/** How an image's colours change; 0, 1, 1 is not at all. */
export interface ColourChange {
  /** Added to every value, in standard deviations of the image. */
  brightness: number;
  /** Factor on each value's distance from the image's mean. */
  contrast: number;
  /** Factor on each value's distance from the mean of its pixel's channels; nothing to an image of one channel. */
  saturation: number;
}

/**
 * Changes brightness, contrast and saturation of a prepared image, in place. With m and s the mean and the deviation of
 * all its values and g the mean of a pixel's channels, a value v becomes
 * `m + brightness * s + contrast * (g + saturation * (v - g) - m)`.
 *
 * It works on what the network gets, not on the pixels before: the paper's preparation takes every image's own mean and
 * contrast away, and would undo just this. Since prepared values have no black and no white, brightness is measured by
 * the image's own deviation, and a pixel's grey is the plain mean of its channels.
 * @param image [H, W, C] row-major
 */
export function colourInPlace(
  image: Float32Array,
  [height, width, channels]: ImageShape,
  { brightness, contrast, saturation }: ColourChange,
): void {
  const count = height * width * channels;
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < count; at++) {
    const value = image[at];
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  const base = mean + brightness * deviation - contrast * mean;
  const own = contrast * saturation;
  const grey = contrast - own;
  for (let pixel = 0; pixel < count; pixel += channels) {
    let total = 0;
    for (let channel = 0; channel < channels; channel++) total += image[pixel + channel];
    const shared = base + (grey * total) / channels;
    for (let channel = 0; channel < channels; channel++) {
      image[pixel + channel] = shared + own * image[pixel + channel];
    }
  }
}
