import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { exitCodes, unreadable, type DeepviewError } from '../../base/errors.ts';
import { fileError, openToReadSync, readFully } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { CopiedImages } from '../raw-images.ts';

/** Descriptors of images that are no longer held are closed: a data set has no end of its own. */
const abandoned = new FinalizationRegistry((file: number) => closeSync(file));

export interface DiskImagesOptions {
  /** A file that begins with the images, [count, H, W, C]. */
  path: string;
  labels: Uint16Array;
  imageSize: number;
  /** The CRC-32 of each image: [count]. */
  sums: Uint32Array;
}

/** Images that stay in their file: read where they are asked for, each checked against its sum. */
export class DiskImages extends CopiedImages {
  readonly onDisk = true;
  readonly #path: string;
  readonly #sums: Uint32Array;
  readonly #file: number;

  /** @throws DeepviewError when the file cannot be opened */
  constructor({ path, labels, imageSize, sums }: DiskImagesOptions) {
    super(labels, imageSize);
    this.#path = path;
    this.#sums = sums;
    try {
      this.#file = openToReadSync(path);
    } catch (thrown) {
      throw fileError(thrown, 'read', path, exitCodes.unreadable);
    }
    abandoned.register(this, this.#file, this);
  }

  /** Nothing can be read afterwards. */
  close(): void {
    abandoned.unregister(this);
    closeSync(this.#file);
  }

  protected fill(from: number, _to: number, target: Uint8Array): void {
    const size = this.imageSize;
    try {
      if (!readFully(this.#file, target, from * size)) throw this.#damaged('it became shorter');
    } catch (thrown) {
      throw fileError(thrown, 'read', this.#path, exitCodes.unreadable);
    }
    for (let at = 0, image = from; at < target.length; at += size, image++) {
      if (crc32(target.subarray(at, at + size)) !== this.#sums[image]) {
        throw this.#damaged(`image ${image} does not match its sum`);
      }
    }
  }

  #damaged(why: string): DeepviewError {
    return unreadable(
      'data-damaged',
      `${printable(this.#path, 1000)} is damaged: ${why}`,
      'Start again: the images are then made anew from their source.',
    );
  }
}
