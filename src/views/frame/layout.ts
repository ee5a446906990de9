import type { Size } from '../../imaging/cells/cells.ts';

/** Below this the screen only says how large it must be. */
export const minimumSize: Size = { columns: 40, rows: 12 };

export const fitsMinimum = (size: Size): boolean =>
  size.columns >= minimumSize.columns && size.rows >= minimumSize.rows;

/**
 * Columns of the screen as epochs: `slots` of them side by side fill `width` cells, none wider than another by more
 * than one cell.
 */
export interface EpochColumns {
  slots: number;
  width: number;
}

/** Wider columns would only make a few epochs look like many. */
const widestSlot = 8;

/**
 * How many epochs the width is divided among: more than there are yet, so that a new one rarely moves the others, and
 * in the end exactly as many as are planned.
 * @param epochs committed @param planned in all; 0 if unknown or if no more will come
 */
export function epochColumns(width: number, epochs: number, planned: number): EpochColumns {
  const least = Math.ceil(width / widestSlot);
  const wanted = Math.max(1, epochs, least);
  if (wanted >= width || planned <= epochs) return { slots: Math.max(1, Math.min(width, wanted)), width };
  let slots = least;
  while (slots < wanted) slots = Math.ceil(slots * 1.5);
  return { slots: Math.max(wanted, Math.min(slots, Math.max(planned, least), width)), width };
}

/** The first cell of a slot; that of `slots` is the width. */
export const slotStart = ({ slots, width }: EpochColumns, index: number): number => Math.floor((index * width) / slots);

/** Cells of one slot. */
export const slotWidth = (columns: EpochColumns, index: number): number =>
  slotStart(columns, index + 1) - slotStart(columns, index);
