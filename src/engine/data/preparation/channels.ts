import type { ImageSet, Parts } from '../dataset.ts';
import type { RawImages } from '../raw-images.ts';
import { ByteImages, type PrepareOne } from './prepared-images.ts';
import { Passes, type PassContext } from './passes.ts';

/** Divides all pixels by 255. */
export function scaleImages(parts: Parts<RawImages>): Parts<ImageSet> {
  return eachBy(parts, [0], [1 / 255]);
}

/**
 * Brings every channel to mean 0 and deviation 1 over the pixels of all training images. A channel that is the same
 * everywhere becomes 0.
 * @param channels C; images are [H, W, C]
 * @throws DeepviewError `cancelled`
 */
export async function standardiseImages(
  parts: Parts<RawImages>,
  channels: number,
  context: PassContext,
): Promise<Parts<ImageSet>> {
  const { train } = parts;
  const passes = new Passes('preparing images', train.count, context);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  await passes.over(train, (from, to) => addPixels(train.view(from, to), channels, sums, squares));
  passes.finish();
  const pixels = (train.count * train.imageSize) / channels;
  const means = Array.from(sums, (sum) => sum / pixels);
  const factors = means.map((mean, channel) => {
    const variance = squares[channel] / pixels - mean * mean;
    return variance > 0 ? 1 / Math.sqrt(variance) : 0;
  });
  return eachBy(parts, means, factors);
}

/** Sums of bytes and of their squares are whole numbers, exact in double precision for 10^11 pixels. */
function addPixels(pixels: Uint8Array, channels: number, sums: Float64Array, squares: Float64Array): void {
  for (let at = 0; at < pixels.length; at += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const value = pixels[at + channel];
      sums[channel] += value;
      squares[channel] += value * value;
    }
  }
}

/** Channel by channel: `(pixel - mean) * factor`. */
function eachBy(
  { train, validation }: Parts<RawImages>,
  means: readonly number[],
  factors: readonly number[],
): Parts<ImageSet> {
  const prepare: PrepareOne = (pixels, _image, target, at) => {
    for (let i = 0, channel = 0; i < pixels.length; i++) {
      target[at + i] = (pixels[i] - means[channel]) * factors[channel];
      if (++channel === means.length) channel = 0;
    }
  };
  return { train: new ByteImages(train, prepare), validation: new ByteImages(validation, prepare) };
}
