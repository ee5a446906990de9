import { requireRange, requireTarget, type RawImages } from './raw-images.ts';

/** Grey images for a network that takes colours: every value is repeated for red, green and blue. */
export class GreyAsColour implements RawImages {
  readonly count: number;
  readonly imageSize: number;
  readonly labels: Uint16Array;
  readonly onDisk: boolean;
  readonly #grey: RawImages;
  #scratch = new Uint8Array(0);

  /** @param grey images of one channel */
  constructor(grey: RawImages) {
    this.count = grey.count;
    this.imageSize = grey.imageSize * 3;
    this.labels = grey.labels;
    this.onDisk = grey.onDisk ?? false;
    this.#grey = grey;
  }

  read(from: number, to: number, target: Uint8Array): void {
    requireTarget(this, from, to, target);
    const values = this.#grey.view(from, to);
    for (let i = 0, at = 0; i < values.length; i++) {
      target[at++] = values[i];
      target[at++] = values[i];
      target[at++] = values[i];
    }
  }

  view(from: number, to: number): Uint8Array {
    requireRange(this, from, to);
    const bytes = (to - from) * this.imageSize;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    const target = this.#scratch.subarray(0, bytes);
    this.read(from, to, target);
    return target;
  }
}
