import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { slotStart, slotWidth } from '../frame/layout.ts';
import type { NetworkLayout } from './layout.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { recordAxis } from '../text/epoch-axis.ts';
import { fit, fittingText, type Line, type Span } from '../text/spans.ts';

interface Hidden {
  above: number;
  below: number;
  earlier: number;
  newer: number;
}

/** What lies outside the window. */
function hidden(state: ScreenState, layout: NetworkLayout): Hidden {
  const run = shownRun(state);
  const layers = run.header?.network.layers.length ?? 0;
  return {
    above: state.offset.layer,
    below: Math.max(0, layers - state.offset.layer - layout.visible.layers),
    earlier: state.offset.epoch,
    newer: Math.max(0, run.epochs.length - state.offset.epoch - layout.visible.epochs),
  };
}

/** A line as wide as the cells with texts at places; later ones win. */
function placed(width: number, texts: readonly { at: number; span: Span }[]): Line {
  const line: Span[] = [];
  let used = 0;
  const sorted = texts
    .filter(({ at, span }) => at >= 0 && at + span.text.length <= width)
    .toSorted((one, other) => one.at - other.at);
  for (const { at, span } of sorted) {
    if (at < used) continue;
    line.push({ text: ' '.repeat(at - used) }, span);
    used = at + span.text.length;
  }
  return [...line, { text: ' '.repeat(Math.max(0, width - used)) }];
}

/** How many layers lie outside: `   ↓ 6 below`, or what of it has room. */
const beyond = (sign: string, count: number, where: string, width: number): string =>
  fittingText([`   ${sign} ${count} ${where}`, ` ${sign} ${count} ${where}`, ` ${sign} ${count}`], width);

/** Above the cells: the cursor's epoch, and how much lies outside of the window. */
export function marksBlock(state: ScreenState, layout: NetworkLayout): TextBlock {
  const glyphs = glyphsOf(state.theme);
  const run = shownRun(state);
  const { above, earlier, newer } = hidden(state, layout);
  const { labels, cells, values } = layout;
  const place = state.cursor.epoch - state.offset.epoch;
  const mark = slotStart(layout.epochs, place) + Math.floor((slotWidth(layout.epochs, place) - 1) / 2);
  const before = earlier > 0 ? `${glyphs.left}${earlier}` : '';
  const after = newer > 0 ? `${newer}${glyphs.right}` : '';
  const record = run.epochs[state.cursor.epoch];
  const name = record ? `${glyphs.columnMark}${state.follow ? '' : record.number}` : '';
  // The cursor's mark may cover what is said at the borders, never the other way round.
  const clash = (at: number, length: number): boolean => mark < at + length && mark + name.length > at;
  const texts = [
    ...(record
      ? [
          {
            at: mark + name.length <= cells.columns ? mark : cells.columns - name.length,
            span: { text: name, token: 'cursor' as const },
          },
        ]
      : []),
    ...(before && !clash(0, before.length + 1) ? [{ at: 0, span: { text: before, token: 'muted' as const } }] : []),
    ...(after && !clash(cells.columns - after.length - 1, after.length + 1)
      ? [{ at: cells.columns - after.length, span: { text: after, token: 'muted' as const } }]
      : []),
  ];
  const heading = values && run.epochs.length > 0 ? (values.columns >= 19 ? '     now    change' : '     now') : '';
  return {
    ...layout.marks,
    lines: [
      [
        {
          text: fit(above > 0 ? beyond(glyphs.up, above, 'above', labels.columns - 1) : '', labels.columns),
          token: 'muted',
        },
        ...placed(cells.columns, texts),
        { text: heading, token: 'muted' },
      ],
    ],
  };
}

/** Below everything: the epochs' numbers. */
export function axisBlock(state: ScreenState, layout: NetworkLayout): TextBlock {
  const glyphs = glyphsOf(state.theme);
  const run = shownRun(state);
  const { below } = hidden(state, layout);
  const first = state.offset.epoch;
  const count = Math.min(layout.visible.epochs, run.epochs.length - first);
  const numbers = recordAxis(
    run.epochs.slice(first, first + count).map(({ number }) => number),
    layout.epochs,
  );
  const { columns } = layout.labels;
  const left =
    below > 0
      ? beyond(glyphs.down, below, 'below', columns - 1)
      : count > 0
        ? `   ${run.header?.clock ?? 'epoch'}`
        : '';
  return {
    ...layout.axis,
    lines: [
      [
        { text: fit(left, columns), token: 'muted' },
        { text: fit(numbers, layout.cells.columns), token: 'muted' },
      ],
    ],
  };
}
