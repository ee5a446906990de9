import type { ReceptiveField } from '../network/receptive-field.ts';

/** Pictures of equal size with values 0..255, as floats: averages are not whole numbers. */
export interface Patches {
  count: number;
  height: number;
  width: number;
  channels: number;
  /** [count, height, width, channels] row-major. */
  values: Float32Array;
}

/** Where one patch comes from: a position of a layer's output for one image. */
export interface PatchPlace {
  /** Into the images that `patchImagesOf` names. */
  image: number;
  /** Position in the layer's output. */
  y: number;
  x: number;
}

/** Images to cut from: whatever has pixels, in memory or not. */
export interface PixelSource {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** [H, W, C] row-major, 0..255. */
  pixels(image: number): Uint8Array;
}

/**
 * Cuts the patches of the input that positions of a layer see (section 3.2.2 of the paper, after Girshick et al. 2014).
 * All patches of a layer have the size of its receptive field, at most the image's: a field larger than the image is cut
 * to the image. What lies beyond the border is filled with the mean of what lies inside, channel by channel.
 */
export function cutPatches(source: PixelSource, field: ReceptiveField, places: readonly PatchPlace[]): Patches {
  const [imageHeight, imageWidth, channels] = source.imageShape;
  const height = Math.min(field.size, imageHeight);
  const width = Math.min(field.size, imageWidth);
  const values = new Float32Array(places.length * height * width * channels);
  const mean = new Float64Array(channels);
  places.forEach(({ image, y, x }, index) => {
    const pixels = source.pixels(image);
    const top = startOf(field, y, height, imageHeight);
    const left = startOf(field, x, width, imageWidth);
    const [firstRow, lastRow] = [Math.max(0, -top), Math.min(height, imageHeight - top)];
    const [firstColumn, lastColumn] = [Math.max(0, -left), Math.min(width, imageWidth - left)];
    const base = index * height * width * channels;
    mean.fill(0);
    for (let row = firstRow; row < lastRow; row++) {
      for (let column = firstColumn; column < lastColumn; column++) {
        const from = ((top + row) * imageWidth + left + column) * channels;
        const to = base + (row * width + column) * channels;
        for (let c = 0; c < channels; c++) {
          values[to + c] = pixels[from + c];
          mean[c] += pixels[from + c];
        }
      }
    }
    const inside = Math.max(0, lastRow - firstRow) * Math.max(0, lastColumn - firstColumn);
    if (inside === height * width) return;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        if (row >= firstRow && row < lastRow && column >= firstColumn && column < lastColumn) continue;
        const to = base + (row * width + column) * channels;
        for (let c = 0; c < channels; c++) values[to + c] = inside > 0 ? mean[c] / inside : 0;
      }
    }
  });
  return { count: places.length, height, width, channels, values };
}

/** The first input pixel of a position's patch along one axis. A field that covers the whole image is the image. */
function startOf(field: ReceptiveField, position: number, size: number, imageSize: number): number {
  return size === imageSize && field.size >= imageSize ? 0 : field.offset + position * field.stride;
}

/**
 * Weights that fall with distance: 1 / distance. What is in the centre itself counts as far as the nearest that is not,
 * since it would have all the weight; where all are in the centre, all weigh the same.
 * @param distances >= 0
 */
export function nearnessWeights(distances: readonly number[]): number[] {
  const least = Math.min(...distances.filter((distance) => distance > 0));
  // Divided by the least: the inverse of a distance next to zero would be infinite.
  return distances.map((distance) => (least < Infinity ? least / Math.max(distance, least) : 1));
}

/**
 * The weighted mean of patches, one picture.
 * @param chosen which patches
 * @param weights >= 0, one a chosen patch; all zero counts as all equal
 * @returns [height, width, channels], 0..255
 */
export function averagePatch(patches: Patches, chosen: ArrayLike<number>, weights: ArrayLike<number>): Float32Array {
  const size = patches.height * patches.width * patches.channels;
  const average = new Float32Array(size);
  let total = 0;
  for (let i = 0; i < chosen.length; i++) total += weights[i];
  for (let i = 0; i < chosen.length; i++) {
    const weight = total > 0 ? weights[i] / total : 1 / chosen.length;
    const from = chosen[i] * size;
    for (let at = 0; at < size; at++) average[at] += weight * patches.values[from + at];
  }
  return average;
}
