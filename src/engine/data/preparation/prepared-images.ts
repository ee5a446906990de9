import type { ImageSet } from '../dataset.ts';
import { eachImage, type RawImages } from '../raw-images.ts';

/** Images that batches are prepared of; what is shown of one is its bytes. */
export abstract class PreparedImages implements ImageSet {
  readonly count: number;
  readonly labels: Uint16Array;
  protected readonly raw: RawImages;

  constructor(raw: RawImages) {
    this.count = raw.count;
    this.labels = raw.labels;
    this.raw = raw;
  }

  /** @throws RangeError unless there are such images and they fill the target exactly */
  fill(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.raw.imageSize;
    if (target.length !== indices.length * size) {
      throw new RangeError(`fill: ${indices.length} images of ${size} values do not fit ${target.length} values`);
    }
    for (let n = 0; n < indices.length; n++) this.#require(indices[n]);
    this.prepare(indices, target);
  }

  pixels(index: number): Uint8Array {
    this.#require(index);
    return this.raw.view(index, index + 1).slice();
  }

  /** As `fill`, of images that are there. */
  protected abstract prepare(indices: ArrayLike<number>, target: Float32Array): void;

  #require(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.count) return;
    throw new RangeError(`there is no image ${index} among ${this.count}`);
  }
}

/**
 * Writes one image as the network sees it.
 * @param pixels [H, W, C]
 * @param image its number in its part
 * @param at where in `target` its first value goes
 */
export type PrepareOne = (pixels: Uint8Array, image: number, target: Float32Array, at: number) => void;

/** Images that stay bytes; those that are asked for are prepared then. */
export class ByteImages extends PreparedImages {
  readonly #prepareOne: PrepareOne;

  constructor(images: RawImages, prepareOne: PrepareOne) {
    super(images);
    this.#prepareOne = prepareOne;
  }

  protected prepare(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.raw.imageSize;
    eachImage(this.raw, indices, (pixels, n) => this.#prepareOne(pixels, indices[n], target, n * size));
  }
}
