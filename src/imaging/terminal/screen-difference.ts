import type { Cell, CellGrid, ColourDepth } from '../cells/cells.ts';
import { blankCell, sameCell, sameStyle, type CellStyle } from '../cells/grid.ts';
import { mostWidthOf } from '../cells/graphemes.ts';
import { sgrBetween } from '../cells/sgr.ts';

// Moving the cursor takes about as many bytes as writing this many unchanged cells of the same style again.
const worthwhileGap = 4;

/** The number of blank cells at the end of the row. */
function trailingBlanks(row: readonly Cell[]): number {
  let count = 0;
  while (count < row.length && sameCell(row[row.length - 1 - count], blankCell)) count++;
  return count;
}

function isChanged(shown: readonly Cell[], wanted: readonly Cell[], column: number): boolean {
  if (!sameCell(shown[column], wanted[column])) return true;
  // Both halves of a wide character are one.
  return wanted[column + 1]?.text === '' && !sameCell(shown[column + 1], wanted[column + 1]);
}

/**
 * The bytes that turn the screen `shown` into `wanted` (same size), empty when they look the same: absolute cursor
 * moves, the cells that differ, erase-to-end where the rest of a line is blank. Starts and ends in the plain style;
 * the cursor is left anywhere. Never writes past the right edge.
 */
export function screenDifference(shown: CellGrid, wanted: CellGrid, depth: ColourDepth): string {
  let output = '';
  let style: CellStyle = {};
  wanted.forEach((row, index) => {
    const before = shown[index];
    if (before === row) return;
    const end = row.length - trailingBlanks(row);
    let cursor = -1;
    // Cells up to here may have been drawn over by parts of an emoji that the terminal cannot join.
    let overdrawn = 0;
    const moveTo = (column: number): void => {
      const gap = cursor < 0 ? Infinity : column - cursor;
      const canRewrite =
        gap <= worthwhileGap &&
        row.slice(cursor, column).every((cell) => cell.text !== '' && cell.text.length === 1 && sameStyle(cell, style));
      if (gap === 0) return;
      if (canRewrite) for (let place = cursor; place < column; place++) output += row[place].text;
      else output += cursor < 0 ? `\u001b[${index + 1};${column + 1}H` : `\u001b[${column + 1}G`;
    };
    for (let column = 0; column < row.length; column++) {
      const cell = row[column];
      if (cell.text === '' || (column >= overdrawn && !isChanged(before, row, column))) continue;
      moveTo(column);
      if (column >= end) {
        output += sgrBetween(style, {}, depth);
        style = {};
        output += '\u001b[K';
        break;
      }
      output += sgrBetween(style, cell, depth);
      style = cell;
      const width = row[column + 1]?.text === '' ? 2 : 1;
      const most = mostWidthOf(cell.text);
      if (most === width && !cell.text.includes('\ufe0f')) {
        output += cell.text;
        cursor = column + width;
        continue;
      }
      // Its place is cleared first, where it may be drawn narrower, and what follows is put where it belongs.
      output += `${' '.repeat(width)}\u001b[${column + 1}G${cell.text}`;
      cursor = -1;
      overdrawn = column + most;
    }
  });
  return output + sgrBetween(style, {}, depth);
}
