import type { Cell, Overlay, Rectangle } from '../../imaging/cells/cells.ts';
import { levelOf, type Range } from '../../imaging/charts/heatmap.ts';
import type { ScreenState } from '../model/state.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { styleOf, type Theme } from '../theme/theme.ts';
import { slotStart, slotWidth, withCursor, type EpochColumns } from './records.ts';

/** A row of a heatmap: a value a slot, and where they lie. */
export interface HeatmapRow {
  values: readonly (number | undefined)[];
  range: Range;
}

export interface HeatmapLook {
  columns: EpochColumns;
  /** The cells of each level, lowest first. */
  levels: readonly Cell[];
  /** Screen rows of a row. */
  cellRows: number;
  /** Where the cursor is: a row and a slot. */
  cursor?: { row: number; slot: number } | undefined;
}

/** Which of the screen's rows that a row has carries its text, and the cursor. */
export const labelRow = (rows: number): number => Math.floor((rows - 1) / 2);

/** Rows of values as cells in an area, a colour a level. */
export function heatmapOverlay(
  state: ScreenState,
  area: Rectangle,
  rows: readonly HeatmapRow[],
  { columns, levels, cellRows, cursor }: HeatmapLook,
): Overlay {
  const cells = rows.flatMap(({ values, range }, row) => {
    const level = (finite: number): Cell => levels[levelOf(finite, range, levels.length)];
    const plain = stretched(
      values.map((value) => cellOf(value, level, state.theme)),
      columns,
    );
    const marked = cursor?.row === row ? withCursor(plain, columns, cursor.slot, state, true) : plain;
    // One of several rows repeats its cells; the row of its label carries the cursor's mark.
    return Array.from({ length: cellRows }, (_, line) => (line === labelRow(cellRows) ? marked : plain));
  });
  const slots = rows.reduce((most, { values }) => Math.max(most, values.length), 0);
  return { ...area, rows: rows.length * cellRows, columns: slotStart(columns, slots), cells };
}

/** Blank where a metric does not apply, and a sign where its value is not finite: unlike any colour of the map. */
function cellOf(value: number | undefined, levelled: (value: number) => Cell, theme: Theme): Cell {
  if (value === undefined) return { text: ' ' };
  if (Number.isFinite(value)) return levelled(value);
  const { notANumber, infinite } = glyphsOf(theme);
  return { ...styleOf('warning', theme), text: Number.isNaN(value) ? notANumber : infinite };
}

/** A row of one cell a slot, each repeated over it. */
const stretched = (row: readonly Cell[], columns: EpochColumns): Cell[] =>
  row.flatMap((cell, index) => Array.from({ length: slotWidth(columns, index) }, () => cell));
