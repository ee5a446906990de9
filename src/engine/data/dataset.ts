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

/** Where images came from and how they were made, as far as the data set's name does not say it. */
export interface DataOrigin {
  /** The file or folder, absolute; absent for data sets of the catalogue. */
  readonly source?: string;
  /** What was asked for; absent where it was not. */
  readonly imageSize?: number;
  readonly fit?: 'crop' | 'stretch';
  readonly skipCorrupt?: boolean;
  readonly followLinks?: boolean;
  /** How the validation images were chosen, where the source has none of its own. */
  readonly split?: { readonly validation: number; readonly seed: number };
  /** SHA-256 over shape, classes, and each image's class and sum: the same images have the same everywhere. */
  readonly content: string;
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
