import { printable } from '../../engine/base/printable.ts';
import { describeScalar } from '../../engine/metrics/index.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import { footerLine } from '../frame/footer.ts';
import type { Shell } from '../frame/layout.ts';
import type { Part } from '../frame/pane.ts';
import { metricSpans, metricsOfRun, recordName } from '../model/metrics.ts';
import { cursorRow, numbersOf, rowValues } from '../model/layer-rows.ts';
import { screenOf, shownRun, type ScreenState } from '../model/state.ts';
import { layerNames, nameColumns } from '../text/layer-names.ts';
import { percent } from '../text/numbers.ts';
import { type Line, cut, cutLine, firstFitting, lineWidth, muted, span, textWidth } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { headerBlock } from './header.ts';

/** Whether a layer's name is its kind, counted: `conv1`. */
const isCounted = (name: string): boolean => /^[a-z]+\d+$/.test(name);

/** Metrics that are told before scalars are. */
const usualMetrics = 4;

/** The layer and the record that the cursor stands on, with exact values. */
function layerCursorLine(state: ScreenState, columns: number): Line {
  const run = shownRun(state);
  const record = run.epochs[state.cursor.epoch];
  const layers = run.header?.network.layers ?? [];
  const layer = layers[state.cursor.layer];
  if (!record || !layer) return [];
  const row = cursorRow(state);
  const name = row.group === undefined ? layerNames(layers, 'label', nameColumns)[row.first] : printable(row.group);
  const which = span(`${numbersOf(row)} ${name}`, 'title');
  const epoch = span(`, ${recordName(run, record.number)}`);
  const place = [which, epoch];
  // Where many rows look alike, a name that was chosen tells one from the others; a generated one, `conv1`, does not.
  const isPlain = row.group !== undefined || isCounted(layer.name) || layer.name === layer.label;
  const named = isPlain
    ? place
    : [which, muted(` ${layerNames(layers, 'name', nameColumns)[state.cursor.layer]}`), epoch];
  const told = (ids: readonly string[]): Line =>
    metricSpans(state, ids, (metric) => rowValues(run, metric, row)(state.cursor.epoch), 4);
  const metrics = metricsOfRun(run);
  // The first few are what a layer is known by; more of them where there is room beside the scalars.
  const some = (count: number): Line => told(metrics.filter((id, place) => place < count || id === state.metric));
  const usual = some(usualMetrics);
  const shown = told(metrics.includes(state.metric) ? [state.metric] : []);
  const [error, loss, rate] = ['error/validation', 'loss/validation', 'learning_rate'].map((tag): Line =>
    Object.hasOwn(record.scalars, tag) ? scalarSpans(record.scalars[tag], tag, state) : [],
  );
  const bare = [span(numbersOf(row), 'title'), epoch];
  const more = Array.from({ length: Math.max(0, metrics.length - usualMetrics) }, (_, less) => metrics.length - less);
  return firstFitting(
    [
      ...more.map((count) => [...named, ...some(count), ...error, ...loss, ...rate]),
      ...[[...error, ...loss, ...rate], [...error, ...loss], error].map((scalars) => [...named, ...usual, ...scalars]),
      [...place, ...usual, ...error],
      [...named, ...usual],
      [...place, ...usual],
      [...bare, ...usual],
      [...place, ...shown],
      [...bare, ...shown],
      shown,
    ],
    columns,
  );
}

/** A scalar of the network in the colour that its line has. */
function scalarSpans(value: number, tag: string, { theme }: ScreenState): Line {
  const { label, unit, split } = describeScalar(tag);
  const text = Number.isNaN(value)
    ? 'NaN'
    : unit === 'share'
      ? percent(value)
      : split
        ? formatFixed(value, 3, 0, theme.ascii)
        : String(Number(value.toPrecision(3)));
  return split ? [muted(`  ${label} `), span(text, 'validation')] : [muted(`  ${label} ${text}`)];
}

/** What a view tells of its cursor in that many columns; nothing where layer and record say it. */
export type CursorLine = (state: ScreenState, columns: number) => Line | undefined;

/** Whether what was just said has no room in that many columns; Enter shows all of it then. */
export const isCut = ({ message }: ScreenState, columns: number): boolean =>
  message !== undefined && textWidth(printable(message.text, 400)) >= columns;

/** One line: what was just said, else what is wrong, else what the cursor stands on. */
export function statusLine(state: ScreenState, columns: number, cursorLine?: CursorLine): Line {
  const run = shownRun(state);
  if (state.message) {
    const token = state.message.tone === 'plain' ? 'title' : state.message.tone;
    const said = ` ${printable(state.message.text, 400)}`;
    const { ellipsis } = glyphsOf(state.theme);
    const more = [muted(' '), { text: state.theme.ascii ? 'enter' : '⏎', token: 'key', command: 'read' }] as const;
    return isCut(state, columns)
      ? [{ text: cut(said, columns - lineWidth(more), ellipsis), token }, ...more]
      : [{ text: said, token }];
  }
  // The home screen has no cursor of a run's, only words.
  if (screenOf(state) === 'home') return [];
  if (run.error) return cutLine([{ text: ` ${printable(run.error.message, 300)}`, token: 'error' }], columns);
  const mark = span(` ${glyphsOf(state.theme).pointer} `, 'cursor');
  const room = columns - lineWidth([mark]);
  const cursor = cursorLine?.(state, room) ?? layerCursorLine(state, room);
  return cursor.length > 0 ? [mark, ...cursor] : [];
}

/** What stands above and below every view of a run. */
export const shellPart = (state: ScreenState, { header, status, footer }: Shell, cursorLine?: CursorLine): Part => ({
  blocks: [
    headerBlock(state, header),
    { ...status, lines: [statusLine(state, status.columns, cursorLine)] },
    { ...footer, lines: [footerLine(state, footer.columns)] },
  ],
});
