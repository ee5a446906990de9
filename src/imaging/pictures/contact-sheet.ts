import type { Raster, Rgb } from '../cells/cells.ts';
import { resized, resizeInto } from './fit.ts';

export interface ContactSheetOptions {
  /** Tiles in a row. */
  columns: number;
  /** Pixels between two tiles; default 1. */
  gap?: number;
  /** Colour of the gaps and of what the last row leaves over; default black. */
  background?: Rgb;
  /** Pixels of a tile; default those of the largest. A tile of another size is resized to it. */
  tile?: { width: number; height: number };
}

/** Where the tile with that index begins, in pixels of the sheet. */
export function tilePlace(
  index: number,
  { columns, gap = 1 }: Pick<ContactSheetOptions, 'columns' | 'gap'>,
  tile: { width: number; height: number },
): { x: number; y: number } {
  return { x: (index % columns) * (tile.width + gap), y: Math.floor(index / columns) * (tile.height + gap) };
}

/**
 * Many pictures as one, row by row, no gap around the whole. Grey when all tiles and the background are.
 * @throws RangeError for no tiles, or a number of columns that is not a whole one from 1
 */
export function contactSheet(tiles: readonly Raster[], options: ContactSheetOptions): Raster {
  const { gap = 1, background = [0, 0, 0] } = options;
  if (tiles.length === 0) throw new RangeError('a contact sheet needs at least one tile');
  if (!Number.isInteger(options.columns) || options.columns < 1) throw new RangeError('a contact sheet needs columns');
  const columns = Math.min(options.columns, tiles.length);
  const tile = options.tile ?? {
    width: tiles.reduce((most, { width }) => Math.max(most, width), 1),
    height: tiles.reduce((most, { height }) => Math.max(most, height), 1),
  };
  const width = columns * (tile.width + gap) - gap;
  const height = Math.ceil(tiles.length / columns) * (tile.height + gap) - gap;
  const isGrey = background[0] === background[1] && background[1] === background[2];
  const channels = isGrey && tiles.every((one) => one.channels === 1) ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  // New memory is black already.
  if (isGrey && background[0] !== 0) pixels.fill(background[0]);
  else if (!isGrey) for (let place = 0; place < pixels.length; place++) pixels[place] = background[place % 3];
  tiles.forEach((one, index) => {
    const { x, y } = tilePlace(index, { columns, gap }, tile);
    if (one.channels === channels) {
      const at = (y * width + x) * channels;
      resizeInto(one, tile.width, tile.height, { values: pixels, stride: width * channels, at });
      return;
    }
    const grey = resized(one, tile.width, tile.height).pixels;
    for (let row = 0; row < tile.height; row++) {
      const to = ((y + row) * width + x) * 3;
      for (let column = 0; column < tile.width; column++) {
        pixels.fill(grey[row * tile.width + column], to + 3 * column, to + 3 * column + 3);
      }
    }
  });
  return { width, height, channels, pixels };
}
