import type { ImageShape } from '../dataset.ts';

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

/**
 * Mirrors every image of a batch left-right, in place.
 * @param images [B, H, W, C] row-major
 * @param shape [B, H, W, C]
 */
export function mirrorInPlace(images: Float32Array, shape: readonly [number, number, number, number]): void {
  const [count, height, width, channels] = shape;
  if (images.length !== count * height * width * channels) {
    throw new RangeError(`mirror: ${images.length} values are not [${shape.join(', ')}]`);
  }
  const row = width * channels;
  for (let start = 0; start < images.length; start += row) {
    let left = start;
    let right = start + row - channels;
    while (left < right) {
      for (let channel = 0; channel < channels; channel++) {
        const held = images[left + channel];
        images[left + channel] = images[right + channel]!;
        images[right + channel] = held;
      }
      left += channels;
      right -= channels;
    }
  }
}

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
