import type { ImageSet } from '../dataset.ts';
import type { RawImages } from '../raw-images.ts';

/**
 * Writes one image as the network sees it.
 * @param pixels [H, W, C]
 * @param image its number in its part
 * @param at where in `target` its first value goes
 */
export type PrepareOne = (pixels: Uint8Array, image: number, target: Float32Array, at: number) => void;

/** Images that stay bytes; those that are asked for are prepared then. */
export class ByteImages implements ImageSet {
  readonly count: number;
  readonly labels: Uint16Array;
  readonly #images: RawImages;
  readonly #prepareOne: PrepareOne;

  constructor(images: RawImages, prepareOne: PrepareOne) {
    this.count = images.count;
    this.labels = images.labels;
    this.#images = images;
    this.#prepareOne = prepareOne;
  }

  fill(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.#images.imageSize;
    requireRoom(indices, size, target);
    for (let n = 0; n < indices.length; n++) {
      const image = requireImage(this, indices[n]);
      this.#prepareOne(this.#images.view(image, image + 1), image, target, n * size);
    }
  }

  pixels(index: number): Uint8Array {
    const image = requireImage(this, index);
    return this.#images.view(image, image + 1).slice();
  }
}

/** @throws RangeError unless the images fill the target exactly */
export function requireRoom(indices: ArrayLike<number>, size: number, target: Float32Array): void {
  if (target.length === indices.length * size) return;
  throw new RangeError(`fill: ${indices.length} images of ${size} values do not fit ${target.length} values`);
}

/** @throws RangeError unless there is such an image */
export function requireImage({ count }: { count: number }, index: number): number {
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  throw new RangeError(`there is no image ${index} among ${count}`);
}
