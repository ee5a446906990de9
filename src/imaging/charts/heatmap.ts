import type { Cell, CellGrid, ColourDepth } from '../cells/cells.ts';
import { asciiShades, ramp, shades, type ColourMapName } from '../colour/colour-maps.ts';
import { contrastingColour } from '../colour/oklab.ts';

/** Values that get the lowest and the highest level. */
export type Range = readonly [minimum: number, maximum: number];

export interface HeatmapOptions {
  /** [rows][columns]; NaN is missing. Rows may differ in length: what a row lacks is missing. */
  values: readonly ArrayLike<number>[];
  map: ColourMapName;
  depth: ColourDepth;
  /** Draw with ASCII characters alone (only looked at without colour, and for marks). */
  ascii?: boolean;
  /** One range for all, or one a row. By default that of all finite values. */
  range?: Range | readonly Range[];
  /** Cells a value is wide (1 by default). */
  cellWidth?: number;
  /** Values marked as under the cursor. */
  highlights?: readonly { row: number; column: number }[];
}

/** The finite minimum and maximum; undefined when no value is finite. */
export function rangeOf(values: Iterable<number>): Range | undefined {
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return minimum <= maximum ? [minimum, maximum] : undefined;
}

/** The level 0..levels-1 of a value, infinities at the ends; in an empty range (minimum = maximum) the lowest. */
export function levelOf(value: number, [minimum, maximum]: Range, levels: number): number {
  if (!(maximum > minimum)) return 0;
  const place = Math.floor(((value - minimum) / (maximum - minimum)) * levels);
  return Math.min(levels - 1, Math.max(0, place));
}

/** The cells of each level, dark to light (or thin to dense), as {@link heatmap} uses them: also for its legend. */
export function levelCells(map: ColourMapName, depth: ColourDepth, ascii = false): readonly Cell[] {
  if (depth === 'none') return (ascii ? asciiShades : shades).map((text) => ({ text }));
  return ramp(map, depth).map((background) => ({ text: ' ', background }));
}

/** How a missing value is drawn: unlike any level. */
export function missingCell(ascii = false): Cell {
  return { text: ascii ? '?' : '·', dim: true };
}

function highlighted(cell: Cell, text: string): Cell {
  return cell.background
    ? { text, background: cell.background, foreground: contrastingColour(cell.background), bold: true }
    : { text, bold: true, inverse: true };
}

/**
 * A heatmap of rows.length x (columns * cellWidth) cells: coloured blanks where there is colour (so that neighbours
 * join and runs encode shortly), shade characters where there is none.
 */
export function heatmap(options: HeatmapOptions): CellGrid {
  const { values, depth, ascii = false, cellWidth = 1 } = options;
  const columns = values.reduce((most, row) => Math.max(most, row.length), 0);
  const levels = levelCells(options.map, depth, ascii);
  const missing = missingCell(ascii);
  const ranges = options.range ?? commonRange(values);
  const marked = new Set(options.highlights?.map(({ row, column }) => row * columns + column));
  return values.map((row, index) => {
    const range = isRange(ranges) ? ranges : ranges[index];
    const cells: Cell[] = [];
    for (let column = 0; column < columns; column++) {
      const value = column < row.length ? row[column] : NaN;
      const cell = Number.isNaN(value) ? missing : levels[levelOf(value, range, levels.length)];
      if (marked.has(index * columns + column)) {
        const text = cellWidth === 1 ? (ascii ? 'X' : '◆') : `[${' '.repeat(cellWidth - 2)}]`;
        for (const character of text) cells.push(highlighted(cell, character));
      } else for (let repeat = 0; repeat < cellWidth; repeat++) cells.push(cell);
    }
    return cells;
  });
}

function isRange(ranges: Range | readonly Range[]): ranges is Range {
  return typeof ranges[0] === 'number';
}

function commonRange(values: readonly ArrayLike<number>[]): Range {
  let found: Range | undefined;
  for (const row of values) {
    const own = rangeOf(Array.from(row));
    if (own) found = found ? [Math.min(found[0], own[0]), Math.max(found[1], own[1])] : own;
  }
  return found ?? [0, 0];
}
