import type { DataOrigin } from '../base/data-origin.ts';

/** One part (training or validation) of a data set: images with their classes. */
export interface ImageSet {
  readonly count: number;
  /** The class of each image: [count], 0..classes-1. */
  readonly labels: Uint16Array;
  /**
   * Writes prepared images, as the network sees them, one after another.
   * @param target [indices.length, H, W, C] row-major
   */
  fill(indices: ArrayLike<number>, target: Float32Array): void;
  /** An image as it was, [H, W, C] row-major, 0..255; what is shown of it. */
  pixels(index: number): Uint8Array;
}

export interface Dataset {
  readonly name: string;
  readonly origin?: DataOrigin;
  readonly classes: readonly string[];
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  /** What was done to the pixels, in order. */
  readonly preparation: readonly string[];
  readonly train: ImageSet;
  readonly validation: ImageSet;
}

/** [height, width, channels] of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Something of both parts of a data set. */
export type Parts<Images> = { train: Images; validation: Images };
