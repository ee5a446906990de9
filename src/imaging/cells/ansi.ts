import type { Cell, CellGrid, ColourDepth } from './cells.ts';
import type { CellStyle } from './grid.ts';
import { sgrBetween } from './sgr.ts';

/** One row as text with SGR sequences, equal runs merged, ending in the terminal's own style. */
export function encodeRow(row: readonly Cell[], depth: ColourDepth): string {
  let style: CellStyle = {};
  let line = '';
  for (const cell of row) {
    if (cell.text === '') continue;
    line += sgrBetween(style, cell, depth);
    line += cell.text;
    style = cell;
  }
  return line + sgrBetween(style, {}, depth);
}

/** The grid as lines of text with SGR sequences for that depth; no line end after the last. */
export function encodeGrid(grid: CellGrid, depth: ColourDepth): string {
  return grid.map((row) => encodeRow(row, depth)).join('\n');
}
