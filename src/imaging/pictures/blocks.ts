import type { Cell, CellGrid, ColourDepth, Raster, Rgb } from '../cells/cells.ts';
import { xtermColours } from '../colour/terminal-colours.ts';
import { Dithered } from './dither.ts';
import { resized, usualCellSize, type CellSize } from './fit.ts';

export interface BlocksOptions {
  /** Of the rectangle that it may take. */
  columns: number;
  rows: number;
  depth: ColourDepth;
  /** Only ASCII characters. */
  ascii?: boolean;
  /** Proportions of a cell; default 8 x 16. */
  cell?: CellSize;
  /** Whether ink is dark on light paper: what shades mean where there are no colours. */
  isLight?: boolean;
}

// Bit 0 top left, 1 top right, 2 bottom left, 3 bottom right: what the ink covers. Those with bit 3 are the others with
// ink and paper exchanged.
const quadrants = [' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛'];
const shades = Array.from(' ░▒▓█');
const asciiShades = Array.from(' .:-=+*#%@');

/** Cells of the rectangle that the picture fills, at least one each way. */
function cellsFor(raster: Raster, { columns, rows, cell = usualCellSize }: BlocksOptions): [number, number] {
  // Whole factors are for pixels that are seen as such; a picture in blocks takes the room there is.
  const scale = Math.min((columns * cell.width) / raster.width, (rows * cell.height) / raster.height);
  const across = Math.max(1, Math.min(columns, Math.round((raster.width * scale) / cell.width)));
  const down = Math.max(1, Math.min(rows, Math.round((raster.height * scale) / cell.height)));
  return [across, down];
}

/** The mean of those of four colours that are (or are not) in a set of quadrants. */
function meanOf(four: Float64Array, split: number, isInk: boolean): Rgb {
  let red = 0;
  let green = 0;
  let blue = 0;
  let count = 0;
  for (let quadrant = 0; quadrant < 4; quadrant++) {
    if (((split >> quadrant) & 1) !== (isInk ? 1 : 0)) continue;
    red += four[3 * quadrant];
    green += four[3 * quadrant + 1];
    blue += four[3 * quadrant + 2];
    count++;
  }
  return [Math.round(red / count), Math.round(green / count), Math.round(blue / count)];
}

/** How far four colours, red, green, blue each, are from two means when split in that way. */
function errorOf(four: Float64Array, split: number): number {
  let error = 0;
  for (let channel = 0; channel < 3; channel++) {
    let ink = 0;
    let count = 0;
    let paper = 0;
    let squares = 0;
    for (let quadrant = 0; quadrant < 4; quadrant++) {
      const value = four[3 * quadrant + channel];
      squares += value * value;
      if ((split >> quadrant) & 1) {
        ink += value;
        count++;
      } else paper += value;
    }
    error += squares - (paper * paper) / (4 - count) - (count > 0 ? (ink * ink) / count : 0);
  }
  return error;
}

const same = (one: Rgb, other: Rgb): boolean => one[0] === other[0] && one[1] === other[1] && one[2] === other[2];

/** The cell that shows four colours best with two: the split of the quadrants that leaves the smallest error. */
function quadrantCell(four: Float64Array): Cell {
  let best = 0;
  let bestError = errorOf(four, 0);
  for (let split = 1; split < 8 && bestError > 1; split++) {
    const error = errorOf(four, split);
    // What is hardly worse but simpler stays simpler: fewer changes of colour, fewer bytes.
    if (error < bestError * 0.98 - 1) {
      best = split;
      bestError = error;
    }
  }
  const background = meanOf(four, best, false);
  if (best === 0) return { text: ' ', background };
  const foreground = meanOf(four, best, true);
  return same(foreground, background) ? { text: ' ', background } : { text: quadrants[best], foreground, background };
}

/** The two of some colours with which four quadrants, each in the nearer one, come nearest to what they should be. */
function bestPair(picture: Dithered, places: readonly number[], colours: readonly number[]): number[] {
  let best: number[] = [];
  let leastError = Infinity;
  for (const [index, one] of colours.entries()) {
    for (const other of colours.slice(index + 1)) {
      let error = 0;
      for (const place of places) error += Math.min(picture.distance(place, one), picture.distance(place, other));
      if (error >= leastError) continue;
      leastError = error;
      best = [one, other];
    }
  }
  return best;
}

/** The cell of four quadrants of a picture in few colours: of two of them, where there is an edge of its sides'. */
function ditheredCell(picture: Dithered, places: readonly number[]): Cell {
  const used = bestPair(picture, places, [...new Set(places.map((place) => picture.nearest(place)))]);
  const chosen = places.map((place) => {
    let colour = picture.nearest(place);
    if (used.length < 2) {
      if (!used.includes(colour)) used.push(colour);
    } else colour = picture.distance(place, used[1]) < picture.distance(place, used[0]) ? used[1] : used[0];
    picture.choose(place, colour);
    return colour;
  });
  const [paper] = chosen.slice(-1);
  const background = xtermColours[paper];
  const ink = chosen.find((colour) => colour !== paper);
  if (ink === undefined) return { text: ' ', background };
  const split = chosen.reduce((bits, colour, quadrant) => bits | (Number(colour === ink) << quadrant), 0);
  return { text: quadrants[split], foreground: xtermColours[ink], background };
}

/** Copies a pixel's colour, red, green, blue. */
function readColour({ pixels, channels }: Raster, place: number, to: Float64Array, at: number): void {
  const from = place * channels;
  to[at] = pixels[from];
  to[at + 1] = pixels[channels === 1 ? from : from + 1];
  to[at + 2] = pixels[channels === 1 ? from : from + 2];
}

/**
 * A picture made of characters, for every terminal: quarters of cells in the colours there are, shades where there are
 * none. Fitted into the rectangle with its proportions kept; the grid has the cells it fills and no more.
 */
export function blocksOf(raster: Raster, options: BlocksOptions): CellGrid {
  const { depth, ascii = false, isLight = false } = options;
  if (options.columns < 1 || options.rows < 1) return [];
  const [columns, rows] = cellsFor(raster, options);
  const isShaded = ascii || depth === 'none';
  const per = isShaded ? 1 : 2;
  const small = resized(raster, columns * per, rows * per);
  // Red, green and blue of a cell's four quarters, in turn for every cell.
  const four = new Float64Array(12);
  const ramp = ascii ? asciiShades : shades;
  const dithered = depth === '256' || depth === '16' ? new Dithered(small, depth) : undefined;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column): Cell => {
      const place = per * (row * small.width + column);
      const places = [place, place + 1, place + small.width, place + small.width + 1];
      if (dithered && !isShaded) return ditheredCell(dithered, places);
      if (!isShaded) {
        places.forEach((at, quadrant) => readColour(small, at, four, 3 * quadrant));
        return quadrantCell(four);
      }
      readColour(small, place, four, 0);
      const [red, green, blue] = four;
      const light = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
      const ink = isLight ? 1 - light : light;
      const text = ramp[Math.min(ramp.length - 1, Math.floor(ink * ramp.length))];
      // Letters of the picture's colour say more than letters alone.
      const colour = dithered?.nearest(place);
      if (colour !== undefined) dithered?.choose(place, colour);
      const foreground: Rgb = colour === undefined ? [red, green, blue] : xtermColours[colour];
      return depth !== 'none' && text !== ' ' ? { text, foreground } : { text };
    }),
  );
}
