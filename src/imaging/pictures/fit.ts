import type { Raster } from '../cells.ts';

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

/** How a line of `from` pixels becomes one of `to`: for each new pixel the old ones it covers, and their shares. */
function coverage(from: number, to: number): { first: Int32Array; count: Int32Array; shares: Float32Array[] } {
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const shares: Float32Array[] = [];
  for (let place = 0; place < to; place++) {
    const start = (place * from) / to;
    const end = ((place + 1) * from) / to;
    first[place] = Math.min(from - 1, Math.floor(start + 1e-9));
    count[place] = Math.max(1, Math.min(from, Math.ceil(end - 1e-9)) - first[place]);
    const row = new Float32Array(count[place]);
    for (let index = 0; index < row.length; index++) {
      const at = first[place] + index;
      row[index] = (Math.min(end, at + 1) - Math.max(start, at)) / (end - start);
    }
    shares.push(row);
  }
  return { first, count, shares };
}

/** The raster with each pixel repeated: `factor` times as wide and high. */
function enlarged({ width, height, channels, pixels }: Raster, factor: number): Raster {
  const stride = width * factor * channels;
  const result = new Uint8Array(stride * height * factor);
  for (let y = 0; y < height; y++) {
    const line = y * factor * stride;
    let to = line;
    for (let from = y * width * channels; from < (y + 1) * width * channels; from += channels) {
      for (let repeat = 0; repeat < factor; repeat++) {
        for (let channel = 0; channel < channels; channel++) result[to++] = pixels[from + channel];
      }
    }
    for (let repeat = 1; repeat < factor; repeat++) result.copyWithin(line + repeat * stride, line, line + stride);
  }
  return { width: width * factor, height: height * factor, channels, pixels: result };
}

/**
 * The raster at another size, each new pixel the mean of the area it covers (so growing by a whole number repeats
 * pixels, exactly).
 */
export function resized(raster: Raster, width: number, height: number): Raster {
  const { width: oldWidth, height: oldHeight, channels, pixels } = raster;
  if (width === oldWidth && height === oldHeight) return raster;
  if (width % oldWidth === 0 && width / oldWidth === height / oldHeight) return enlarged(raster, width / oldWidth);
  const across = coverage(oldWidth, width);
  const down = coverage(oldHeight, height);
  const result = new Uint8Array(width * height * channels);
  const line = new Float32Array(oldWidth * channels);
  for (let y = 0; y < height; y++) {
    // Down first: a line of sums as long as the old ones, then across it.
    line.fill(0);
    for (let index = 0; index < down.count[y]; index++) {
      const share = down.shares[y][index];
      const start = (down.first[y] + index) * line.length;
      for (let place = 0; place < line.length; place++) line[place] += share * pixels[start + place];
    }
    let to = y * width * channels;
    for (let x = 0; x < width; x++) {
      const shares = across.shares[x];
      const start = across.first[x] * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let index = 0; index < shares.length; index++) {
          sum += shares[index] * line[start + index * channels + channel];
        }
        result[to++] = sum + 0.5;
      }
    }
  }
  return { width, height, channels, pixels: result };
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
