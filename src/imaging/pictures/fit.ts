import type { Raster } from '../cells/cells.ts';

/** Pixels of one character cell. */
export interface CellSize {
  width: number;
  height: number;
}

/** What terminals mostly have, and what is taken where one does not say. */
export const usualCellSize: CellSize = { width: 8, height: 16 };

/** Width and height in pixels. */
export interface PixelSize {
  width: number;
  height: number;
}

/** Whether a raster is whole: sizes positive, 1 or 3 channels, as many values as they say. */
export const isWhole = ({ width, height, channels, pixels }: Raster): boolean =>
  Number.isInteger(width) &&
  Number.isInteger(height) &&
  width > 0 &&
  height > 0 &&
  (channels === 1 || channels === 3) &&
  pixels.length === width * height * channels;

/**
 * The size at which a picture of `width` x `height` pixels fills a box with its proportions kept. Where a whole number
 * of times its size takes nine tenths of that, it is that, so that its pixels stay equal squares.
 * @returns at least 1 x 1, unless the box is empty: then 0 x 0
 */
export function fitted({ width, height }: PixelSize, box: PixelSize): PixelSize {
  if (width < 1 || height < 1 || box.width < 1 || box.height < 1) return { width: 0, height: 0 };
  const scale = Math.min(box.width / width, box.height / height);
  const factor = Math.floor(scale) >= 0.9 * scale ? Math.floor(scale) : scale;
  return {
    width: Math.max(1, Math.min(box.width, Math.round(width * factor))),
    height: Math.max(1, Math.min(box.height, Math.round(height * factor))),
  };
}

/** How a line of `from` pixels becomes one of `to`: the old pixels that each new one covers, and their shares of it. */
interface Coverage {
  /** First old pixel of each new one. */
  first: Int32Array;
  /** Where its shares begin; one entry more than there are pixels. */
  start: Int32Array;
  shares: Float32Array;
}

function coverage(from: number, to: number): Coverage {
  const first = new Int32Array(to);
  const start = new Int32Array(to + 1);
  const shares: number[] = [];
  for (let place = 0; place < to; place++) {
    const low = (place * from) / to;
    const high = ((place + 1) * from) / to;
    first[place] = Math.min(from - 1, Math.floor(low + 1e-9));
    const end = Math.max(first[place] + 1, Math.min(from, Math.ceil(high - 1e-9)));
    for (let at = first[place]; at < end; at++) {
      shares.push((Math.min(high, at + 1) - Math.max(low, at)) / (high - low));
    }
    start[place + 1] = shares.length;
  }
  return { first, start, shares: Float32Array.from(shares) };
}

/** The lines that a new one covers as one line of weighted means, two at a time. @param y of the new line */
function shrinkDown(pixels: Uint8Array, { first, start, shares }: Coverage, y: number, line: Float32Array): void {
  const { length } = line;
  const end = start[y + 1];
  let index = start[y];
  let above = first[y] * length;
  if (end - index === 1) {
    const share = shares[index];
    for (let place = 0; place < length; place++) line[place] = share * pixels[above + place];
    return;
  }
  for (let isFirst = true; index + 1 < end; index += 2, above += 2 * length, isFirst = false) {
    const upper = shares[index];
    const lower = shares[index + 1];
    const below = above + length;
    if (isFirst)
      for (let place = 0; place < length; place++)
        line[place] = upper * pixels[above + place] + lower * pixels[below + place];
    else
      for (let place = 0; place < length; place++)
        line[place] += upper * pixels[above + place] + lower * pixels[below + place];
  }
  if (index === end) return;
  const share = shares[index];
  for (let place = 0; place < length; place++) line[place] += share * pixels[above + place];
}

/** One line of colour made as long as `across` says, each pixel a weighted mean. */
function shrinkColour(line: Float32Array, { first, start, shares }: Coverage, result: Uint8Array, at: number): void {
  let to = at;
  let index = 0;
  for (let x = 0; x < first.length; x++) {
    const end = start[x + 1];
    let from = 3 * first[x];
    let share = shares[index++];
    let red = 0.5 + share * line[from];
    let green = 0.5 + share * line[from + 1];
    let blue = 0.5 + share * line[from + 2];
    while (index < end) {
      share = shares[index++];
      from += 3;
      red += share * line[from];
      green += share * line[from + 1];
      blue += share * line[from + 2];
    }
    result[to] = red;
    result[to + 1] = green;
    result[to + 2] = blue;
    to += 3;
  }
}

/** The same of grey. */
function shrinkGrey(line: Float32Array, { first, start, shares }: Coverage, result: Uint8Array, at: number): void {
  let index = 0;
  for (let x = 0; x < first.length; x++) {
    const end = start[x + 1];
    let sum = 0.5;
    for (let from = first[x]; index < end; index++, from++) sum += shares[index] * line[from];
    result[at + x] = sum;
  }
}

/** Pixels to write to: lines of `stride` values, of which the first to be written is at `at`. */
interface Target {
  values: Uint8Array;
  stride: number;
  at: number;
}

/** Writes the raster with each pixel repeated: `factor` times as wide and high. */
function enlarge({ width, height, channels, pixels }: Raster, factor: number, { values, stride, at }: Target): void {
  const length = width * factor * channels;
  for (let y = 0; y < height; y++) {
    const line = at + y * factor * stride;
    let from = y * width * channels;
    let to = line;
    if (factor === 1) values.set(pixels.subarray(from, from + length), line);
    else if (channels === 1)
      for (let x = 0; x < width; x++, to += factor) values.fill(pixels[from + x], to, to + factor);
    else {
      for (const end = from + 3 * width; from < end; from += 3) {
        const red = pixels[from];
        const green = pixels[from + 1];
        const blue = pixels[from + 2];
        for (const last = to + 3 * factor; to < last; to += 3) {
          values[to] = red;
          values[to + 1] = green;
          values[to + 2] = blue;
        }
      }
    }
    for (let repeat = 1; repeat < factor; repeat++) values.copyWithin(line + repeat * stride, line, line + length);
  }
}

// A contact sheet asks for the same again and again.
const coverages = new Map<number, Coverage>();

function coverageOf(from: number, to: number): Coverage {
  const key = from * 65_536 + to;
  let known = coverages.get(key);
  if (!known) {
    if (coverages.size >= 64) coverages.clear();
    known = coverage(from, to);
    coverages.set(key, known);
  }
  return known;
}

/** Writes {@link resized} of the raster to lines of a larger one with as many channels. */
function resizeInto(raster: Raster, width: number, height: number, target: Target): void {
  const { width: oldWidth, height: oldHeight, channels, pixels } = raster;
  if (width % oldWidth === 0 && width / oldWidth === height / oldHeight) {
    enlarge(raster, width / oldWidth, target);
    return;
  }
  const across = coverageOf(oldWidth, width);
  const down = coverageOf(oldHeight, height);
  const line = new Float32Array(oldWidth * channels);
  for (let y = 0; y < height; y++) {
    // Down first: a line of sums as long as the old ones, then across it.
    shrinkDown(pixels, down, y, line);
    (channels === 1 ? shrinkGrey : shrinkColour)(line, across, target.values, target.at + y * target.stride);
  }
}

/**
 * The raster at another size, each new pixel the mean of the area it covers (so growing by a whole number repeats
 * pixels, exactly).
 */
export function resized(raster: Raster, width: number, height: number): Raster {
  const { channels } = raster;
  if (width === raster.width && height === raster.height) return raster;
  const values = new Uint8Array(width * height * channels);
  resizeInto(raster, width, height, { values, stride: width * channels, at: 0 });
  return { width, height, channels, pixels: values };
}

/** Pixels between two tiles. */
const gap = 1;

/**
 * Many pictures of as many channels as one, row by row, with black between them and none around the whole.
 * @param tiles one at least, and as many as there are columns
 * @param tile pixels of each: one of another size is resized to it
 */
export function contactSheet(tiles: readonly Raster[], columns: number, tile: PixelSize = tiles[0]): Raster {
  const { channels } = tiles[0];
  const width = columns * (tile.width + gap) - gap;
  const height = Math.ceil(tiles.length / columns) * (tile.height + gap) - gap;
  const pixels = new Uint8Array(width * height * channels);
  tiles.forEach((one, index) => {
    const left = (index % columns) * (tile.width + gap);
    const top = Math.floor(index / columns) * (tile.height + gap);
    const at = (top * width + left) * channels;
    resizeInto(one, tile.width, tile.height, { values: pixels, stride: width * channels, at });
  });
  return { width, height, channels, pixels };
}

/** How a picture lies in a rectangle of cells, from the top left. */
export interface Fit {
  /** Of the picture. */
  pixels: PixelSize;
  /** Cells it touches, of those it may. */
  columns: number;
  rows: number;
}

/** How a picture lies in `columns` x `rows` cells of a size. */
export function fitInCells(
  picture: PixelSize,
  { columns, rows }: { columns: number; rows: number },
  cell: CellSize,
): Fit {
  const pixels = fitted(picture, { width: Math.floor(columns * cell.width), height: Math.floor(rows * cell.height) });
  return {
    pixels,
    columns: Math.min(columns, Math.ceil(pixels.width / cell.width)),
    rows: Math.min(rows, Math.ceil(pixels.height / cell.height)),
  };
}
