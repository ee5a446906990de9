import type { Rectangle, Size } from '../../imaging/cells/cells.ts';

/** Below this the screen only says how large it must be. */
export const minimumSize: Size = { columns: 40, rows: 12 };

export const fitsMinimum = (size: Size): boolean =>
  size.columns >= minimumSize.columns && size.rows >= minimumSize.rows;

/** A part of an area, from a row and a column of its own on; none has fewer than no rows or columns. */
export const part = (
  area: Rectangle,
  row: number,
  rows: number,
  column = 0,
  columns = area.columns - column,
): Rectangle => ({
  row: area.row + row,
  column: area.column + column,
  rows: Math.max(0, rows),
  columns: Math.max(0, columns),
});

/** What every view of a run has: how far the run is, what the cursor stands on, and keys. */
export interface Shell {
  header: Rectangle;
  status: Rectangle;
  footer: Rectangle;
}

/** @returns also what is left between */
export function shellAreas({ columns, rows }: Size, headerRows: number): Shell & { body: Rectangle } {
  const all = { row: 0, column: 0, rows, columns };
  return {
    header: part(all, 0, headerRows),
    body: part(all, headerRows, rows - headerRows - 2),
    status: part(all, rows - 2, 1),
    footer: part(all, rows - 1, 1),
  };
}
