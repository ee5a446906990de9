import type { Cell, CellGrid, ColourDepth, Raster, Rgb } from '../cells.ts';
import { shownColour } from '../terminal-colours.ts';
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

function colourAt({ pixels, channels }: Raster, place: number): Rgb {
  const at = place * channels;
  return channels === 1 ? [pixels[at], pixels[at], pixels[at]] : [pixels[at], pixels[at + 1], pixels[at + 2]];
}

const same = (one: Rgb, other: Rgb): boolean => one[0] === other[0] && one[1] === other[1] && one[2] === other[2];

/** The cell that shows four colours best with two: the split of the quadrants that leaves the smallest error. */
function quadrantCell(four: readonly [Rgb, Rgb, Rgb, Rgb], depth: ColourDepth): Cell {
  let best = 0;
  let bestError = Infinity;
  for (let split = 0; split < 8; split++) {
    let error = 0;
    for (let channel = 0; channel < 3; channel++) {
      let ink = 0;
      let inkSquares = 0;
      let count = 0;
      let paper = 0;
      let paperSquares = 0;
      for (let quadrant = 0; quadrant < 4; quadrant++) {
        const value = four[quadrant][channel];
        if ((split >> quadrant) & 1) {
          ink += value;
          inkSquares += value * value;
          count++;
        } else {
          paper += value;
          paperSquares += value * value;
        }
      }
      error += paperSquares - (paper * paper) / (4 - count) + (count > 0 ? inkSquares - (ink * ink) / count : 0);
    }
    // What is hardly worse but simpler stays simpler: fewer changes of colour, fewer bytes.
    if (error < bestError * 0.98 - 1) {
      best = split;
      bestError = error;
    }
  }
  const mean = (isInk: boolean): Rgb => {
    const members = four.filter((_, quadrant) => ((best >> quadrant) & 1) === (isInk ? 1 : 0));
    const channel = (index: 0 | 1 | 2): number =>
      Math.round(members.reduce((sum, colour) => sum + colour[index], 0) / members.length);
    return shownColour([channel(0), channel(1), channel(2)], depth)!;
  };
  const background = mean(false);
  if (best === 0) return { text: ' ', background };
  const foreground = mean(true);
  return same(foreground, background) ? { text: ' ', background } : { text: quadrants[best], foreground, background };
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
  const ramp = ascii ? asciiShades : shades;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column): Cell => {
      if (!isShaded) {
        const place = 2 * row * small.width + 2 * column;
        const four = [
          colourAt(small, place),
          colourAt(small, place + 1),
          colourAt(small, place + small.width),
          colourAt(small, place + small.width + 1),
        ] as const;
        return quadrantCell(four, depth);
      }
      const colour = colourAt(small, row * small.width + column);
      const light = (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255;
      const ink = isLight ? 1 - light : light;
      const text = ramp[Math.min(ramp.length - 1, Math.floor(ink * ramp.length))];
      // Letters of the picture's colour say more than letters alone.
      const foreground = shownColour(colour, depth);
      return foreground && text !== ' ' ? { text, foreground } : { text };
    }),
  );
}
