import { niceTicks } from '../../imaging/charts/axis.ts';
import type { Cell, Rectangle } from '../../imaging/cells/cells.ts';
import { contrastingColour } from '../../imaging/colour/oklab.ts';
import type { Command } from '../keys/table.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { fit, muted, placed, span, type Line, type Span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { styleOf, type Token } from '../theme/theme.ts';
import type { Target, TextBlock } from './frame.ts';

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

/** The records that a view shows, a slot each. */
export interface RecordWindow extends EpochColumns {
  /** The first one's place in the run. */
  first: number;
  count: number;
}

/** The records from where the screen has been scrolled to, as many as there are and have room. */
export function recordWindow(state: ScreenState, columns: EpochColumns): RecordWindow {
  const first = state.offset.epoch;
  return { ...columns, first, count: clamp(shownRun(state).epochs.length - first, 0, columns.slots) };
}

/**
 * The numbers of records under their slots, none touching another: the first, the last, and round ones between, or
 * where none is round some at even distances.
 * @param cursor the place in the run of a record whose number stands there before all others
 */
export function recordNumbers(state: ScreenState, window: RecordWindow, cursor?: number): Line {
  const { first, count, width } = window;
  const numbers = shownRun(state)
    .epochs.slice(first, first + count)
    .map(({ number }) => number);
  const ends = [numbers[0], numbers[count - 1]];
  const room = Math.max(1, Math.floor(width / (String(ends[1]).length + 3)));
  const round = count > 0 ? niceTicks([ends[0], ends[1]], room).filter((tick) => numbers.includes(tick)) : [];
  const step = Math.ceil(count / room);
  // Both ends may be round though nothing between them is.
  const between = round.some((tick) => !ends.includes(tick)) ? round : numbers.filter((_, place) => place % step === 0);
  const here = cursor === undefined ? [] : numbers.slice(cursor - first, cursor - first + 1);
  const at = (number: number, token: Token): readonly [at: number, span: Span] => [
    slotStart(window, numbers.indexOf(number)),
    span(String(number), token),
  ];
  const wanted = [
    ...here.map((number) => at(number, 'cursor')),
    ...(count > 0 ? [...ends, ...between] : []).map((number) => at(number, 'muted')),
  ];
  return placed(width, wanted).map(({ text, token = 'muted' }) => span(text, token));
}

/** What counts the records, and their numbers under the plot. @param columns left of the plot */
export function recordAxis(
  state: ScreenState,
  area: Rectangle,
  columns: number,
  window: RecordWindow,
  cursor?: number,
): TextBlock {
  const clock = muted(fit(`  ${shownRun(state).header?.clock ?? 'epoch'}`, columns));
  return { ...area, lines: [[clock, ...recordNumbers(state, window, cursor)]] };
}

/** Clicks into the slots of an area. @param command what one on a record, by its place in the run, asks for */
export const recordTargets = (area: Rectangle, window: RecordWindow, command: (record: number) => Command): Target[] =>
  Array.from({ length: window.count }, (_, index) => ({
    ...area,
    column: area.column + slotStart(window, index),
    columns: slotWidth(window, index),
    command: command(window.first + index),
  }));

/**
 * A row of cells with a cursor on one of its slots: brackets around it, or a sign where it is narrow.
 * @param isSolid what is between the brackets is covered too
 */
export function withCursor(
  row: readonly Cell[],
  columns: EpochColumns,
  index: number,
  { theme }: ScreenState,
  isSolid: boolean,
): Cell[] {
  const start = slotStart(columns, index);
  const width = slotWidth(columns, index);
  const signs = width < 2 ? glyphsOf(theme).cell : `[${' '.repeat(width - 2)}]`;
  return row.map((cell, column) => {
    const text = signs[column - start];
    if (text === undefined || (text === ' ' && !isSolid)) return cell;
    const { background } = cell;
    return background
      ? { text, background, foreground: contrastingColour(background), bold: true }
      : { ...styleOf('cursor', theme), text, ...(theme.depth === 'none' && { inverse: true }) };
  });
}
