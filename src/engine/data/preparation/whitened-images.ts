import { closeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { exitCodes, systemCode, unreadable } from '../../base/errors.ts';
import { fileError, openToReadSync, readFully } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { RawImages } from '../raw-images.ts';
import { PreparedImages } from './prepared-images.ts';

/** Images whose prepared values lie in a file, [count, H * W * C] single precision, one after another. */
export class WhitenedImages extends PreparedImages {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string, raw: RawImages) {
    super(raw);
    this.#path = path;
    this.#file = openToReadSync(path);
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

  protected prepare(indices: ArrayLike<number>, target: Float32Array): void {
    const size = this.raw.imageSize;
    // Neighbours in the file are read at once.
    for (let n = 0; n < indices.length;) {
      let length = 1;
      while (n + length < indices.length && indices[n + length] === indices[n] + length) length++;
      this.#read(indices[n] * size * 4, target.subarray(n * size, (n + length) * size));
      n += length;
    }
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
