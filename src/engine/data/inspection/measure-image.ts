/** Cells of a thumbnail along each axis, at most: with 64 cells a hash takes 64 bits. */
const grid = 8;

/** What one look at an image yields; kept for all images of a data set at once. */
export interface ImageMeasures {
  /** The image made small: [height, width, channels], means of its parts, 0..255; valid until the next look. */
  readonly thumbnail: Float32Array;
  /** Sums over all pixels, one per channel. */
  readonly sums: Float64Array;
  /** Sums of squares, one per channel. */
  readonly squares: Float64Array;
  /** Whether all pixels have the same colour. */
  isConstant: boolean;
}

/** Measures one image after another of the same shape, without taking memory for each. */
export class ImageMeter {
  readonly measures: ImageMeasures;
  /** Cells of the thumbnail. */
  readonly cells: number;
  readonly #shape: readonly [height: number, width: number, channels: number];
  /** For each row and each column of pixels the place that its cell begins at, in the thumbnail. */
  readonly #rows: Uint32Array;
  readonly #columns: Uint32Array;
  /** Pixels of each cell. */
  readonly #pixels: Float32Array;

  /** @param shape [height, width, channels] */
  constructor(shape: readonly [number, number, number]) {
    const [height, width, channels] = shape;
    const tall = Math.min(grid, height);
    const wide = Math.min(grid, width);
    this.#shape = shape;
    this.cells = tall * wide;
    this.#rows = Uint32Array.from({ length: height }, (_, y) => Math.floor((y * tall) / height) * wide * channels);
    this.#columns = Uint32Array.from({ length: width }, (_, x) => Math.floor((x * wide) / width) * channels);
    this.#pixels = new Float32Array(this.cells * channels);
    for (const row of this.#rows) {
      for (const column of this.#columns) {
        for (let channel = 0; channel < channels; channel++) this.#pixels[row + column + channel]++;
      }
    }
    this.measures = {
      thumbnail: new Float32Array(this.cells * channels),
      sums: new Float64Array(channels),
      squares: new Float64Array(channels),
      isConstant: false,
    };
  }

  /** @param pixels [H, W, C] row-major, 0..255 @returns `measures`, written anew */
  look(pixels: Uint8Array): ImageMeasures {
    const { measures } = this;
    const { thumbnail, sums, squares } = measures;
    const channels = this.#shape[2];
    thumbnail.fill(0);
    squares.fill(0);
    sums.fill(0);
    if (channels === 3) this.#addColour(pixels, thumbnail, squares);
    else this.#add(pixels, thumbnail, squares);
    for (let at = 0; at < thumbnail.length; at++) {
      sums[at % channels] += thumbnail[at];
      thumbnail[at] /= this.#pixels[at];
    }
    measures.isConstant = isConstant(pixels, channels);
    return measures;
  }

  #add(pixels: Uint8Array, cells: Float32Array, squares: Float64Array): void {
    const channels = this.#shape[2];
    let at = 0;
    for (const row of this.#rows) {
      for (const column of this.#columns) {
        for (let channel = 0; channel < channels; channel++, at++) {
          const value = pixels[at];
          cells[row + column + channel] += value;
          squares[channel] += value * value;
        }
      }
    }
  }

  /** The same for three channels: the case that takes the time. */
  #addColour(pixels: Uint8Array, cells: Float32Array, squares: Float64Array): void {
    const rows = this.#rows;
    const columns = this.#columns;
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = 0;
    for (let y = 0; y < rows.length; y++) {
      const row = rows[y];
      for (let x = 0; x < columns.length; x++, at += 3) {
        const cell = row + columns[x];
        const r = pixels[at];
        const g = pixels[at + 1];
        const b = pixels[at + 2];
        cells[cell] += r;
        cells[cell + 1] += g;
        cells[cell + 2] += b;
        red += r * r;
        green += g * g;
        blue += b * b;
      }
    }
    squares.set([red, green, blue]);
  }
}

function isConstant(pixels: Uint8Array, channels: number): boolean {
  for (let at = channels; at < pixels.length; at++) if (pixels[at] !== pixels[at - channels]) return false;
  return true;
}

/** Parts of a hash; two hashes that differ in less bits than there are parts have an equal one. */
export const hashParts = 4;

/**
 * The perceptual hash of a thumbnail: for every cell whether it is lighter than the median of all cells (block mean
 * value hashing: Yang, Gu and Niu 2006). Brightness, contrast, compression and size of an image hardly change it.
 * Neighbouring cells go to different parts, so that a plain sky does not fill one.
 * @param thumbnail [cells, channels], at most 64 cells
 * @param parts `hashParts` numbers of 16 bits to write
 */
export function blockHash(thumbnail: Float32Array, channels: number, parts: Uint16Array): void {
  const cells = thumbnail.length / channels;
  const greys = new Float32Array(cells);
  for (let at = 0; at < thumbnail.length; at++) greys[(at / channels) | 0] += thumbnail[at];
  const sorted = greys.slice().sort();
  const median = (sorted[(cells - 1) >> 1] + sorted[cells >> 1]) / 2;
  parts.fill(0);
  for (let cell = 0; cell < cells; cell++) {
    if (greys[cell] > median) parts[cell % hashParts] |= 1 << ((cell / hashParts) | 0);
  }
}

/** Bits that two hashes differ in; the hashes begin at those places of `parts`. */
export function hashDistance(parts: Uint16Array, one: number, other: number): number {
  const low = (parts[one] ^ parts[other]) | ((parts[one + 1] ^ parts[other + 1]) << 16);
  const high = (parts[one + 2] ^ parts[other + 2]) | ((parts[one + 3] ^ parts[other + 3]) << 16);
  return ones(low) + ones(high);
}

/** Bits that are set in 32. */
function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
