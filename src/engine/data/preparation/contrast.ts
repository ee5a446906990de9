import type { ImageSet, Parts } from '../dataset.ts';
import type { RawImages } from '../raw-images.ts';
import { ByteImages, type PrepareOne } from './prepared-images.ts';
import { Passes, type PassContext } from './passes.ts';

/** Below this deviation an image's contrast is not raised further: flat images would become noise. */
const leastDeviation = 40;

/** Per image: the prepared value of a pixel is `(pixel - meanImage) * scale + shift`. */
interface Contrast {
  scale: Float64Array;
  shift: Float64Array;
}

/**
 * Normalises contrasts as the paper's networks expect it (MatConvNet's `cnn_cifar`), on the 0..255 scale:
 *
 * 1. the mean image of the images trained on is subtracted from every image;
 * 2. each image's own mean over all its H * W * C values is subtracted, and the image is multiplied by
 *    `mean(n) / max(n, 40)`: n is its standard deviation (of a sample: divided by one less than the number of values)
 *    and mean(n) the average over all images of both parts.
 *
 * @throws DeepviewError `cancelled`
 */
export async function normaliseContrast(parts: Parts<RawImages>, context: PassContext): Promise<Parts<ImageSet>> {
  const { train, validation } = parts;
  const passes = new Passes('preparing images', 2 * train.count + validation.count, context);
  const sums = new Float64Array(train.imageSize);
  await passes.over(train, (from, to) => addImages(train.view(from, to), sums));
  const meanImage = sums.map((sum) => sum / train.count);

  const contrasts: Contrast[] = [];
  for (const images of [train, validation]) {
    const contrast: Contrast = { scale: new Float64Array(images.count), shift: new Float64Array(images.count) };
    await passes.over(images, (from, to) => measure(images.view(from, to), meanImage, from, contrast));
    contrasts.push(contrast);
  }
  normalise(contrasts);
  passes.finish();
  const prepare =
    ({ scale, shift }: Contrast): PrepareOne =>
    (pixels, image, target, at) =>
      fillOne(pixels, meanImage, scale[image], shift[image], target, at);
  return {
    train: new ByteImages(train, prepare(contrasts[0])),
    validation: new ByteImages(validation, prepare(contrasts[1])),
  };
}

function addImages(pixels: Uint8Array, sums: Float64Array): void {
  const size = sums.length;
  for (let start = 0; start < pixels.length; start += size) {
    for (let i = 0; i < size; i++) sums[i] += pixels[start + i];
  }
}

/**
 * Writes each image's deviation to `scale` and its mean to `shift`, both after the mean image's subtraction.
 * @param first the number of the first of the given images
 */
function measure(pixels: Uint8Array, meanImage: Float64Array, first: number, contrast: Contrast): void {
  const size = meanImage.length;
  for (let start = 0, image = first; start < pixels.length; start += size, image++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const value = pixels[start + i] - meanImage[i];
      sum += value;
      squares += value * value;
    }
    contrast.scale[image] = Math.sqrt(Math.max(0, squares - (sum * sum) / size) / (size - 1));
    contrast.shift[image] = sum / size;
  }
}

/** Turns deviations and means, as `measure` left them, into scales and shifts. */
function normalise(contrasts: readonly Contrast[]): void {
  let total = 0;
  let count = 0;
  for (const { scale } of contrasts) {
    for (const deviation of scale) total += deviation;
    count += scale.length;
  }
  const meanDeviation = total / count;
  for (const { scale, shift } of contrasts) {
    for (let image = 0; image < scale.length; image++) {
      const factor = meanDeviation / Math.max(scale[image], leastDeviation);
      scale[image] = factor;
      shift[image] = -shift[image] * factor;
    }
  }
}

/** A function of its own: the compiler optimises the loop once, with every array's kind known. */
function fillOne(
  pixels: Uint8Array,
  meanImage: Float64Array,
  scale: number,
  shift: number,
  target: Float32Array,
  to: number,
): void {
  for (let i = 0; i < meanImage.length; i++) target[to + i] = (pixels[i] - meanImage[i]) * scale + shift;
}
