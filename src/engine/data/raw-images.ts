/** One part of a data set before preparation. Kept as bytes: prepared floats would take four times the memory. */
export interface RawImages {
  readonly count: number;
  /** [count, H, W, C] row-major, 0..255. */
  readonly pixels: Uint8Array;
  /** The class of each image: [count]. */
  readonly labels: Uint16Array;
}

/** The first images of a part; all of them when there are no more than `count`. */
export function firstImages(images: RawImages, count: number): RawImages {
  if (count >= images.count) return images;
  const size = images.pixels.length / images.count;
  // Copies, so that the rest can be given back.
  return { count, pixels: images.pixels.slice(0, count * size), labels: images.labels.slice(0, count) };
}
