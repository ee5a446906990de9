import type { CellGrid, Picture, Rgb } from '../cells/cells.ts';
import { sizeOf } from '../cells/grid.ts';
import { cellHeight, cellWidth, glyphMasks, isSpelled } from './glyph-atlas.ts';
import { pngFile } from './png-file.ts';
import { fitInCells, isWhole, resized } from '../pictures/fit.ts';
import { darkPicture, inkAndPaper, mix, type PictureTheme } from './picture-colours.ts';

// A picture of 1000 x 500 cells takes 400 MB of raster; no screen is that large.
const largest = 500_000;

/** Pixels as places in a list of colours, row-major [height][width]. */
interface Raster {
  width: number;
  height: number;
  pixels: Uint32Array;
  colours: Rgb[];
}

/**
 * The grid as a PNG of 20x40 pixels a cell, drawn with a font of the program's own: no font, display or terminal is
 * needed and the picture is the same everywhere. Letters that it lacks are spelled, see `isSpelled`.
 * @param theme colours of the terminal itself; by default dark
 * @param pictures drawn over the cells in their own pixels
 * @throws RangeError for an empty grid or one of more than 500 000 cells
 */
export async function pngOf(
  grid: CellGrid,
  theme: PictureTheme = darkPicture,
  pictures: readonly Picture[] = [],
): Promise<Buffer> {
  const raster = rasterOf(grid, theme, pictures);
  const { colours } = raster;
  const isIndexed = colours.length <= 256;
  const { width, height } = raster;
  return pngFile({
    width,
    height,
    scanlines: isIndexed ? indexedScanlines(raster) : rgbScanlines(raster),
    ...(isIndexed && { palette: colours }),
  });
}

/** Whether a picture of the grid spells letters by their code points, which an SVG has as they are. */
export const hasSpelled = (grid: CellGrid): boolean => grid.some((row) => row.some(({ text }) => isSpelled(text)));

function indexedScanlines({ width, height, pixels }: Raster): Buffer {
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return lines;
}

function rgbScanlines({ width, height, pixels, colours }: Raster): Buffer {
  const lines = Buffer.alloc(height * (3 * width + 1));
  let place = 0;
  for (let y = 0; y < height; y++) {
    place++;
    for (let x = 0; x < width; x++) {
      const colour = colours[pixels[y * width + x]];
      lines[place++] = colour[0];
      lines[place++] = colour[1];
      lines[place++] = colour[2];
    }
  }
  return lines;
}

function rasterOf(grid: CellGrid, theme: PictureTheme, pictures: readonly Picture[]): Raster {
  const { rows, columns } = sizeOf(grid);
  if (rows === 0 || columns === 0) throw new RangeError('a picture needs at least one cell');
  if (rows * columns > largest) throw new RangeError(`a picture of ${columns}x${rows} cells is too large`);
  const width = columns * cellWidth;
  const height = rows * cellHeight;
  const colours: Rgb[] = [];
  const places = new Map<number, number>();
  const placeOf = (colour: Rgb): number => {
    const key = (colour[0] << 16) | (colour[1] << 8) | colour[2];
    let place = places.get(key);
    if (place === undefined) {
      place = colours.push(colour) - 1;
      places.set(key, place);
    }
    return place;
  };
  // For each pair of ink and paper the colour of every coverage 0..15.
  const blends = new Map<string, readonly number[]>();
  const blendOf = (ink: Rgb, paper: Rgb): readonly number[] => {
    const key = `${ink.join()} ${paper.join()}`;
    let blend = blends.get(key);
    if (!blend) {
      blend = Array.from({ length: 16 }, (_, coverage) => placeOf(mix(paper, ink, coverage / 15)));
      blends.set(key, blend);
    }
    return blend;
  };
  const pixels = new Uint32Array(width * height).fill(placeOf(theme.background));
  grid.forEach((cells, row) => {
    // The second half of what takes two cells.
    let rest: Uint8Array | undefined;
    cells.forEach((cell, column) => {
      const { ink, paper } = inkAndPaper(cell, theme);
      const start = row * cellHeight * width + column * cellWidth;
      const isWide = cells[column + 1]?.text === '';
      const [mask, beside] =
        cell.text === '' ? [rest] : cell.text === ' ' ? [] : glyphMasks(cell.text, cell.bold === true, isWide ? 2 : 1);
      rest = beside;
      if (!mask && !cell.underline) {
        const place = placeOf(paper);
        for (let y = 0; y < cellHeight; y++) pixels.fill(place, start + y * width, start + y * width + cellWidth);
        return;
      }
      const blend = blendOf(ink, paper);
      for (let y = 0; y < cellHeight; y++) {
        const isUnderline = cell.underline && y >= 35 && y < 37;
        for (let x = 0; x < cellWidth; x++) {
          pixels[start + y * width + x] = blend[isUnderline ? 15 : (mask?.[y * cellWidth + x] ?? 0)]!;
        }
      }
    });
  });
  for (const picture of pictures) {
    if (!isWhole(picture.raster)) continue;
    const fit = fitInCells(picture.raster, picture, { width: cellWidth, height: cellHeight });
    const { pixels: from, channels, ...size } = resized(picture.raster, fit.pixels.width, fit.pixels.height);
    for (let y = 0; y < size.height; y++) {
      const row = picture.row * cellHeight + y;
      for (let x = 0; x < size.width; x++) {
        const column = picture.column * cellWidth + x;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const at = (y * size.width + x) * channels;
        const colour: Rgb = channels === 1 ? [from[at], from[at], from[at]] : [from[at], from[at + 1], from[at + 2]];
        pixels[row * width + column] = placeOf(colour);
      }
    }
  }
  return { width, height, pixels, colours };
}
