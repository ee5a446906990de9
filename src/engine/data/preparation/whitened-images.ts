import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { exitCodes, systemCode, unreadable } from '../../base/errors.ts';
import { fileError, readFully } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { ImageSet } from '../dataset.ts';
import type { RawImages } from '../raw-images.ts';
import { requireImage, requireRoom } from './byte-images.ts';

/** Images whose prepared values lie in a file, [count, H * W * C] single precision, one after another. */
export class WhitenedImages implements ImageSet {
  readonly count: number;
  readonly labels: Uint16Array;
  readonly #raw: RawImages;
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string, raw: RawImages) {
    this.count = raw.count;
    this.labels = raw.labels;
    this.#raw = raw;
    this.#path = path;
    this.#file = openSync(path, 'r');
  }

  /**
   * @param raw the same images before preparation
   * @returns nothing when there is no such file or it has another size
   * @throws DeepviewError when the file cannot be read for another reason
   */
  static async open(path: string, raw: RawImages): Promise<WhitenedImages | undefined> {
    try {
      return (await stat(path)).size === raw.count * raw.imageSize * 4 ? new WhitenedImages(path, raw) : undefined;
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw fileError(thrown, 'read', path);
    }
  }

  fill(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.#raw.imageSize;
    requireRoom(indices, size, target);
    // Neighbours in the file are read at once.
    for (let n = 0; n < indices.length;) {
      const first = requireImage(this, indices[n]);
      let length = 1;
      while (n + length < indices.length && indices[n + length] === first + length) length++;
      requireImage(this, first + length - 1);
      this.#read(first * size * 4, target.subarray(n * size, (n + length) * size));
      n += length;
    }
  }

  pixels(index: number): Uint8Array {
    const image = requireImage(this, index);
    return this.#raw.view(image, image + 1).slice();
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(position: number, { buffer, byteOffset, byteLength }: Float32Array): void {
    let complete: boolean;
    try {
      complete = readFully(this.#file, new Uint8Array(buffer, byteOffset, byteLength), position);
    } catch (thrown) {
      throw fileError(thrown, 'read', this.#path, exitCodes.unreadable);
    }
    if (complete) return;
    throw unreadable(
      'data-damaged',
      `${printable(this.#path, 1000)} became shorter while it was in use.`,
      'Start again: whitened images are made anew when they are damaged.',
    );
  }
}
