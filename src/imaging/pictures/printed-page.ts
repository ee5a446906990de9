import { encodeRow } from '../cells/ansi.ts';
import type { CellGrid, Picture } from '../cells/cells.ts';
import { putCells } from '../cells/grid.ts';
import { encodePicture, type PictureMode, type PixelProtocol } from './encoder.ts';
import { isWhole } from './fit.ts';
import { firstLow, imageNumber, lows, mostHigh, placeDirectly } from './kitty.ts';

export interface PrintedPageOptions {
  mode: PictureMode;
  /**
   * The high byte of kitty's first numbers, 1..29: another one each time, for what was printed before stays on the
   * screen under its own.
   */
  high: number;
}

/**
 * Lines of text with pictures in pixels, to be printed once and scrolled away: unlike a screen's, they stay.
 * @param pictures in rows that hold nothing else, each lower than the window
 */
export async function printedPage(
  cells: CellGrid,
  pictures: readonly Picture[],
  { mode, high }: PrintedPageOptions,
): Promise<string> {
  const protocol = mode.protocol as PixelProtocol;
  const grid = cells.map((row) => [...row]);
  let before = '';
  const drawnAt = new Map<number, { rows: number; sequences: string[] }>();
  for (const [index, picture] of pictures.filter(({ raster }) => isWhole(raster)).entries()) {
    const id = imageNumber(firstLow + (index % lows), 1 + ((high - 1 + Math.floor(index / lows)) % mostHigh));
    const encoded = await encodePicture(picture, protocol, mode, id);
    before += encoded.handOver;
    if (encoded.cells) {
      encoded.cells.forEach((row, at) => putCells(grid, picture.row + at, picture.column, row));
      continue;
    }
    const draw = encoded.draw ?? mode.wrap(placeDirectly(id, 1, encoded));
    const place = drawnAt.get(picture.row) ?? { rows: 0, sequences: [] };
    place.rows = Math.max(place.rows, picture.rows);
    place.sequences.push(`\u001b[${picture.column + 1}G${draw}`);
    drawnAt.set(picture.row, place);
  }
  let page = before;
  for (let row = 0; row < grid.length; row++) {
    const place = drawnAt.get(row);
    if (!place) {
      page += `${encodeRow(grid[row], mode.depth)}\n`;
      continue;
    }
    // The window is scrolled first, so that no picture makes it scroll; each is drawn from the same saved place.
    page += `${'\n'.repeat(place.rows)}\u001b[${place.rows}A\u001b7`;
    page += place.sequences.join('\u001b8');
    page += `\u001b8\u001b[${place.rows}B\r`;
    row += place.rows - 1;
  }
  return page;
}
