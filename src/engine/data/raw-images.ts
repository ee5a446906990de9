/**
 * One part of a data set before preparation: bytes, in memory or on disk (prepared floats would take four times the
 * room). Images follow one another, each [H, W, C] row-major, 0..255.
 */
export interface RawImages {
  readonly count: number;
  /** Bytes of one image: H * W * C. */
  readonly imageSize: number;
  /** The class of each image: [count]. */
  readonly labels: Uint16Array;
  /**
   * The images `from` to `to - 1` without a copy where they lie in memory, [to - from, H, W, C]: valid until the next
   * call, never to be written to.
   * @throws RangeError for images that are not there; DeepviewError when the disk cannot give them
   */
  view: (from: number, to: number) => Uint8Array;
  /** Whether each reading goes to the disk, so that its order matters. */
  readonly onDisk?: boolean;
}

/**
 * Hands over the images of a batch one by one: in the order asked for, or by their place on the disk where that is read.
 * @param use gets an image, valid until the next, and its place in `indices`
 * @throws as `RawImages.view`
 */
export function eachImage(
  images: RawImages,
  indices: ArrayLike<number>,
  use: (pixels: Uint8Array, place: number) => void,
): void {
  if (!images.onDisk) {
    for (let place = 0; place < indices.length; place++) use(images.view(indices[place], indices[place] + 1), place);
    return;
  }
  const places = Uint32Array.from({ length: indices.length }, (_, place) => place);
  for (const place of places.sort((a, b) => indices[a] - indices[b])) {
    use(images.view(indices[place], indices[place] + 1), place);
  }
}

/** Images in memory. */
export class MemoryImages implements RawImages {
  readonly count: number;
  readonly imageSize: number;
  readonly labels: Uint16Array;
  /** All of them: [count, H, W, C]. */
  readonly pixels: Uint8Array;

  /** @throws RangeError unless there are as many images as labels */
  constructor(pixels: Uint8Array, labels: Uint16Array, imageSize: number) {
    if (pixels.length !== labels.length * imageSize) {
      throw new RangeError(`${pixels.length} bytes are not ${labels.length} images of ${imageSize}`);
    }
    this.count = labels.length;
    this.imageSize = imageSize;
    this.labels = labels;
    this.pixels = pixels;
  }

  view(from: number, to: number): Uint8Array {
    requireRange(this, from, to);
    return this.pixels.subarray(from * this.imageSize, to * this.imageSize);
  }
}

/** Images that are made where they are asked for: a view is a copy. */
export abstract class CopiedImages implements RawImages {
  readonly count: number;
  readonly imageSize: number;
  readonly labels: Uint16Array;
  abstract readonly onDisk: boolean;
  #scratch = new Uint8Array(0);

  constructor(labels: Uint16Array, imageSize: number) {
    this.count = labels.length;
    this.imageSize = imageSize;
    this.labels = labels;
  }

  view(from: number, to: number): Uint8Array {
    requireRange(this, from, to);
    const bytes = (to - from) * this.imageSize;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    const target = this.#scratch.subarray(0, bytes);
    this.fill(from, to, target);
    return target;
  }

  /** Copies images that are there into a target that they fill exactly. */
  protected abstract fill(from: number, to: number, target: Uint8Array): void;
}

/** Some images of a part. */
export class ChosenImages extends CopiedImages {
  readonly onDisk: boolean;
  /** Their numbers in that part. */
  readonly places: Uint32Array;
  readonly #images: RawImages;

  constructor(images: RawImages, chosen: Uint32Array) {
    super(
      Uint16Array.from(chosen, (image) => images.labels[image]),
      images.imageSize,
    );
    this.onDisk = images.onDisk ?? false;
    this.places = chosen;
    this.#images = images;
  }

  override view(from: number, to: number): Uint8Array {
    if (to !== from + 1) return super.view(from, to);
    // One image alone, which is what batches ask for, needs no copy.
    requireRange(this, from, to);
    return this.#images.view(this.places[from], this.places[from] + 1);
  }

  protected fill(from: number, to: number, target: Uint8Array): void {
    const size = this.imageSize;
    eachImage(this.#images, this.places.subarray(from, to), (pixels, place) => target.set(pixels, place * size));
  }
}

/** Grey images for a network that takes colours: every value is repeated for red, green and blue. */
export class GreyAsColour extends CopiedImages {
  readonly onDisk: boolean;
  readonly #grey: RawImages;

  /** @param grey images of one channel */
  constructor(grey: RawImages) {
    super(grey.labels, grey.imageSize * 3);
    this.onDisk = grey.onDisk ?? false;
    this.#grey = grey;
  }

  protected fill(from: number, to: number, target: Uint8Array): void {
    const values = this.#grey.view(from, to);
    for (let i = 0, at = 0; i < values.length; i++) {
      target[at++] = values[i];
      target[at++] = values[i];
      target[at++] = values[i];
    }
  }
}

/** The first images of a part; all of them when there are no more than `count`. */
export function firstImages(images: RawImages, count: number): RawImages {
  if (count >= images.count) return images;
  if (!(images instanceof MemoryImages))
    return new ChosenImages(
      images,
      Uint32Array.from({ length: count }, (_, at) => at),
    );
  // A copy, so that the rest can be given back.
  const pixels = images.pixels.slice(0, count * images.imageSize);
  return new MemoryImages(pixels, images.labels.slice(0, count), images.imageSize);
}

/** @throws RangeError unless `from` to `to - 1` are images of the part */
function requireRange({ count }: Pick<RawImages, 'count'>, from: number, to: number): void {
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= count) return;
  throw new RangeError(`there are no images ${from} to ${to - 1} among ${count}`);
}
