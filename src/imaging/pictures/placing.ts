import type { Overlay, Rectangle, Size } from '../cells/cells.ts';

/** Whether two rectangles share a cell. */
export const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.row < other.row + other.rows &&
  other.row < one.row + one.rows &&
  one.column < other.column + other.columns &&
  other.column < one.column + one.columns;

/** Whether a rectangle lies on the screen with all its cells. */
export const isInside = ({ row, column, rows, columns }: Rectangle, size: Size): boolean =>
  row >= 0 && column >= 0 && row + rows <= size.rows && column + columns <= size.columns;

/** The parts of an overlay that a rectangle over it leaves visible: at most four. */
export function cutOut(overlay: Overlay, hole: Rectangle): Overlay[] {
  const top = Math.max(overlay.row, hole.row);
  const bottom = Math.min(overlay.row + overlay.rows, hole.row + hole.rows);
  const left = Math.max(overlay.column, hole.column);
  const right = Math.min(overlay.column + overlay.columns, hole.column + hole.columns);
  if (top >= bottom || left >= right) return [overlay];
  const part = (row: number, endRow: number, column: number, endColumn: number): Overlay[] =>
    row >= endRow || column >= endColumn
      ? []
      : [
          {
            row,
            column,
            rows: endRow - row,
            columns: endColumn - column,
            cells: overlay.cells
              .slice(row - overlay.row, endRow - overlay.row)
              .map((cells) => cells.slice(column - overlay.column, endColumn - overlay.column)),
          },
        ];
  const endRow = overlay.row + overlay.rows;
  const endColumn = overlay.column + overlay.columns;
  return [
    ...part(overlay.row, top, overlay.column, endColumn),
    ...part(top, bottom, overlay.column, left),
    ...part(top, bottom, right, endColumn),
    ...part(bottom, endRow, overlay.column, endColumn),
  ];
}
