import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError, readFully } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { requireRange, requireTarget, type RawImages } from '../raw-images.ts';

/** Descriptors of images that nobody holds any more are closed: a data set has no end of its own. */
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
export class DiskImages implements RawImages {
  readonly count: number;
  readonly imageSize: number;
  readonly labels: Uint16Array;
  readonly onDisk = true;
  readonly #path: string;
  readonly #sums: Uint32Array;
  readonly #file: number;
  #scratch = new Uint8Array(0);

  /** @throws DeepviewError when the file cannot be opened */
  constructor({ path, labels, imageSize, sums }: DiskImagesOptions) {
    this.count = labels.length;
    this.imageSize = imageSize;
    this.labels = labels;
    this.#path = path;
    this.#sums = sums;
    try {
      this.#file = openSync(path, 'r');
    } catch (thrown) {
      throw fileError(thrown, 'read', path, exitCodes.unreadable);
    }
    abandoned.register(this, this.#file, this);
  }

  read(from: number, to: number, target: Uint8Array): void {
    requireTarget(this, from, to, target);
    this.#fill(from, target);
  }

  view(from: number, to: number): Uint8Array {
    requireRange(this, from, to);
    const bytes = (to - from) * this.imageSize;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    const target = this.#scratch.subarray(0, bytes);
    this.#fill(from, target);
    return target;
  }

  /** Nothing can be read afterwards. */
  close(): void {
    abandoned.unregister(this);
    closeSync(this.#file);
  }

  #fill(from: number, target: Uint8Array): void {
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
    return new DeepviewError('data-damaged', `${printable(this.#path, 1000)} is damaged: ${why}`, {
      hint: 'Start again: the images are then made anew from their source.',
      exitCode: exitCodes.unreadable,
    });
  }
}
