import type { Cell, CellGrid, Overlay, Rgb, Size } from './cells.ts';
import { graphemesOf, widthOf } from './graphemes.ts';

/** How a cell looks, without its text. */
export type CellStyle = Omit<Cell, 'text' | 'stamp'>;

/** The cell a cleared screen is made of; shared, never changed. */
export const blankCell: Readonly<Cell> = Object.freeze({ text: ' ' });

/** A grid of blank cells, [rows][columns]. */
export function blankGrid({ rows, columns }: Size): CellGrid {
  return Array.from({ length: rows }, () => new Array<Cell>(columns).fill(blankCell));
}

function sameColour(one: Rgb | undefined, other: Rgb | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && one[0] === other[0] && one[1] === other[1] && one[2] === other[2];
}

/** Whether two cells are drawn in the same style. */
export function sameStyle(one: CellStyle, other: CellStyle): boolean {
  return (
    one === other ||
    (sameColour(one.foreground, other.foreground) &&
      sameColour(one.background, other.background) &&
      Boolean(one.bold) === Boolean(other.bold) &&
      Boolean(one.dim) === Boolean(other.dim) &&
      Boolean(one.italic) === Boolean(other.italic) &&
      Boolean(one.underline) === Boolean(other.underline) &&
      Boolean(one.inverse) === Boolean(other.inverse) &&
      one.imageId === other.imageId)
  );
}

/** Whether two cells look the same. */
export function sameCell(one: Cell, other: Cell): boolean {
  return one === other || (one.text === other.text && one.stamp === other.stamp && sameStyle(one, other));
}

/** Cells of a single line of text; a wide character gets its empty second cell, control characters none. */
export function cellsOf(text: string, style: CellStyle = {}): Cell[] {
  const cells: Cell[] = [];
  for (const grapheme of graphemesOf(text)) {
    const width = widthOf(grapheme);
    if (width > 0) cells.push({ ...style, text: grapheme });
    if (width === 2) cells.push({ ...style, text: '' });
  }
  return cells;
}

/**
 * Puts a cell into a row, in place; what is left of a wide character that it cuts in half becomes blank.
 * Outside the row nothing happens, and half a wide character at the right edge becomes blank.
 */
export function putCell(row: Cell[], column: number, cell: Cell): void {
  if (column < 0 || column >= row.length) return;
  if (row[column].text === '' && column > 0 && cell.text !== '') row[column - 1] = blankCell;
  if (row[column + 1]?.text === '') row[column + 1] = blankCell;
  row[column] = cell;
}

/** Puts a line of cells into the grid, in place, clipped to it. */
export function putCells(grid: CellGrid, row: number, column: number, cells: readonly Cell[]): void {
  const target = grid[row];
  if (!target) return;
  cells.forEach((cell, index) => {
    const place = column + index;
    const isCut =
      cell.text === '' ? place <= 0 && index > 0 : cells[index + 1]?.text === '' && place + 1 >= target.length;
    putCell(target, place, isCut ? { ...cell, text: ' ' } : cell);
  });
}

/** Writes a line of text into the grid, in place, clipped to it. */
export function putText(grid: CellGrid, row: number, column: number, text: string, style: CellStyle = {}): void {
  putCells(grid, row, column, cellsOf(text, style));
}

/** The first cells of a row; half a wide character at the end becomes blank. */
export function clip(row: readonly Cell[], columns: number): Cell[] {
  const cells = row.slice(0, Math.max(0, columns));
  if (row[columns]?.text === '' && cells.length > 0) cells[columns - 1] = { ...cells[columns - 1], text: ' ' };
  return cells;
}

/** A copy of `base` with the overlays over it, the last on top, each clipped to its rectangle and to the base. */
export function compose(base: CellGrid, overlays: readonly Overlay[]): CellGrid {
  const result = base.map((row) => [...row]);
  for (const overlay of overlays) {
    overlay.cells.slice(0, overlay.rows).forEach((cells, index) => {
      putCells(result, overlay.row + index, overlay.column, clip(cells, overlay.columns));
    });
  }
  return result;
}

/** The grid's text, a line a row, without trailing blanks. */
export function gridToText(grid: CellGrid): string {
  return grid
    .map((row) =>
      row
        .map((cell) => cell.text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** The size of a grid; columns are those of the longest row. */
export function sizeOf(grid: CellGrid): Size {
  return { rows: grid.length, columns: grid.reduce((most, row) => Math.max(most, row.length), 0) };
}
