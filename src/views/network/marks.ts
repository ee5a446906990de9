import type { TextBlock } from '../frame/frame.ts';
import { recordNumbers, recordWindow, slotStart, slotWidth } from '../frame/records.ts';
import { rowsShown } from '../model/layer-rows.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { fit, fittingText, muted, placed, span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import type { NetworkLayout } from './layout.ts';

/** How many layers lie outside: `   ↓ 6 below`, or what of it has room; nothing where none do. */
function beyond(sign: string, count: number, where: string, width: number): string {
  if (count <= 0) return '';
  return fittingText([`   ${sign} ${count} ${where}`, ` ${sign} ${count} ${where}`, ` ${sign} ${count}`], width);
}

/** Above the cells: the cursor's epoch, and how much lies outside of the window. */
export function marksBlock(state: ScreenState, layout: NetworkLayout): TextBlock {
  const { up, left, right, columnMark } = glyphsOf(state.theme);
  const { epochs } = shownRun(state);
  const { labels, cells, values } = layout;
  const place = state.cursor.epoch - state.offset.epoch;
  const mark = slotStart(layout.epochs, place) + Math.floor((slotWidth(layout.epochs, place) - 1) / 2);
  const earlier = state.offset.epoch;
  const newer = epochs.length - earlier - layout.visible.epochs;
  const record = epochs[state.cursor.epoch];
  // The cursor's mark may cover what is said at the borders, never the other way round.
  const line = placed(cells.columns, [
    [mark, span(record ? `${columnMark}${state.follow ? '' : record.number}` : '', 'cursor')],
    [0, muted(earlier > 0 ? `${left}${earlier}` : '')],
    [cells.columns, muted(newer > 0 ? `${newer}${right}` : '')],
  ]);
  const heading = values && epochs.length > 0 ? (values.columns >= 19 ? '     now    change' : '     now') : '';
  const above = fit(
    beyond(up, rowsShown(state)[state.offset.row]?.first ?? 0, 'above', labels.columns - 1),
    labels.columns,
  );
  return { ...layout.marks, lines: [[muted(above), ...line, muted(heading)]] };
}

/** Below everything: the epochs' numbers. */
export function axisBlock(state: ScreenState, layout: NetworkLayout): TextBlock {
  const { header } = shownRun(state);
  const window = recordWindow(state, layout.epochs);
  const { columns } = layout.labels;
  const next = rowsShown(state)[state.offset.row + layout.visible.rows];
  const below = next ? (header?.network.layers.length ?? 0) - next.first : 0;
  const clock = window.count > 0 ? `   ${header?.clock ?? 'epoch'}` : '';
  const left = beyond(glyphsOf(state.theme).down, below, 'below', columns - 1) || clock;
  return { ...layout.axis, lines: [[muted(fit(left, columns)), ...recordNumbers(state, window)]] };
}
