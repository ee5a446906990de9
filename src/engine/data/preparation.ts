import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StepContext } from '../progress.ts';
import { ProgressMeter } from '../transfer/progress-meter.ts';
import { cancelled } from '../transfer/cancelled.ts';
import type { ImageSet } from './dataset.ts';
import type { RawImages } from './raw-images.ts';

/** Below this deviation an image's contrast is not raised further: flat images would become noise. */
const leastDeviation = 40;
/** Images between two looks at the caller's signal. */
const stride = 2500;

/** What `prepareImages` does, for the run's header. */
export const preparationSteps = ['mean subtraction', 'contrast normalisation'] as const;

/** Per image: the prepared value of a pixel is `(pixel - meanImage) * scale + shift`. */
interface Contrast {
  scale: Float64Array;
  shift: Float64Array;
}

/**
 * Prepares a data set as the paper's networks expect it (MatConvNet's `cnn_cifar`), on the 0..255 scale:
 *
 * 1. the mean image of the images trained on is subtracted from every image;
 * 2. each image's own mean over all its H * W * C values is subtracted, and the image is multiplied by
 *    `mean(n) / max(n, 40)`: n is its standard deviation (of a sample: divided by one less than the number of values)
 *    and mean(n) the average over all images of both parts.
 *
 * Pixels stay bytes in memory; `ImageSet.fill` prepares those it is asked for.
 * @param imageSize values of one image: H * W * C, at least 2
 * @throws DeepviewError `cancelled`
 */
export async function prepareImages(
  parts: { train: RawImages; validation: RawImages },
  imageSize: number,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): Promise<{ train: ImageSet; validation: ImageSet }> {
  const { train, validation } = parts;
  const meter = new ProgressMeter({
    label: 'preparing images',
    unit: 'items',
    total: 2 * train.count + validation.count,
    onProgress: context.onProgress,
  });
  const inSteps = async (images: RawImages, work: (from: number, to: number) => void): Promise<void> => {
    for (let from = 0; from < images.count; from += stride) {
      const to = Math.min(from + stride, images.count);
      work(from, to);
      meter.advance(to - from);
      await nextTurn();
      if (context.signal.aborted) throw cancelled('preparing images');
    }
  };

  const sums = new Float64Array(imageSize);
  await inSteps(train, (from, to) => addImages(train.view(from, to), imageSize, sums));
  const meanImage = sums.map((sum) => sum / train.count);

  const contrasts: Contrast[] = [];
  for (const images of [train, validation]) {
    const contrast: Contrast = { scale: new Float64Array(images.count), shift: new Float64Array(images.count) };
    await inSteps(images, (from, to) => measure(images.view(from, to), meanImage, from, contrast));
    contrasts.push(contrast);
  }
  normalise(contrasts);
  meter.finish();
  return {
    train: new PreparedImages(train, meanImage, contrasts[0]),
    validation: new PreparedImages(validation, meanImage, contrasts[1]),
  };
}

function addImages(pixels: Uint8Array, size: number, sums: Float64Array): void {
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

class PreparedImages implements ImageSet {
  readonly count: number;
  readonly labels: Uint16Array;
  readonly #images: RawImages;
  readonly #meanImage: Float64Array;
  readonly #contrast: Contrast;

  constructor(images: RawImages, meanImage: Float64Array, contrast: Contrast) {
    this.count = images.count;
    this.labels = images.labels;
    this.#images = images;
    this.#meanImage = meanImage;
    this.#contrast = contrast;
  }

  fill(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.#meanImage.length;
    if (target.length !== indices.length * size) {
      throw new RangeError(`fill: ${indices.length} images of ${size} values do not fit ${target.length} values`);
    }
    for (let n = 0; n < indices.length; n++) {
      const image = this.#checked(indices[n]);
      fillOne(
        this.#images.view(image, image + 1),
        this.#meanImage,
        this.#contrast.scale[image],
        this.#contrast.shift[image],
        target,
        n * size,
      );
    }
  }

  pixels(index: number): Uint8Array {
    const image = this.#checked(index);
    return this.#images.view(image, image + 1).slice();
  }

  #checked(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.count) return index;
    throw new RangeError(`there is no image ${index} among ${this.count}`);
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
