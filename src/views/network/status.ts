import { printable } from '../../engine/base/printable.ts';
import { describeScalar } from '../../engine/metrics/index.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { metricSpans, metricsOfRun, recordName } from '../model/metrics.ts';
import { valueAt, type RunModel } from '../model/run-model.ts';
import { screenOf, shownRun, type ScreenState } from '../model/state.ts';
import { percent } from '../text/numbers.ts';
import { cutLine, firstFitting, type Line, type Span } from '../text/spans.ts';

/** Whether a layer's name is its kind, counted: `conv1`. */
const isCounted = (name: string): boolean => /^[a-z]+\d+$/.test(name);

/** What the cursor stands on, with exact values: ever shorter variants. */
function cursorLines(state: ScreenState, run: RunModel): Line[] {
  const record = run.epochs[state.cursor.epoch];
  const layer = run.header?.network.layers[state.cursor.layer];
  if (!record || !layer) return [];
  const mark = ` ${glyphsOf(state.theme).pointer} `;
  const which: Span[] = [
    { text: mark, token: 'cursor' },
    { text: `${layer.index} ${printable(layer.label, 24)}`, token: 'title' },
  ];
  const epoch: Span = { text: `, ${recordName(run, record.number)}` };
  const place: Span[] = [...which, epoch];
  // Where many rows look alike, the name that somebody gave one tells it from the others; `conv1` was nobody's choice.
  const named: Span[] =
    isCounted(layer.name) || layer.name === layer.label
      ? place
      : [...which, { text: ` ${printable(layer.name, 24)}`, token: 'muted' }, epoch];
  const valueOf = (metric: string): number | undefined => valueAt(run, metric, state.cursor.layer, state.cursor.epoch);
  const metrics = metricsOfRun(run);
  const all = metricSpans(state, metrics, valueOf, 4);
  const shown = metrics.includes(state.metric) ? metricSpans(state, [state.metric], valueOf, 4) : [];
  const [error, loss, rate] = ['error/validation', 'loss/validation', 'learning_rate'].map((tag): Span[] =>
    Object.hasOwn(record.scalars, tag) ? scalarSpans(record.scalars[tag], tag, state) : [],
  );
  const bare: Span[] = [{ text: mark, token: 'cursor' }, { text: `${layer.index}`, token: 'title' }, epoch];
  return [
    ...[[...error, ...loss, ...rate], [...error, ...loss], error].map((more) => [...named, ...all, ...more]),
    [...place, ...all, ...error],
    [...named, ...all],
    [...place, ...all],
    [...bare, ...all],
    [...place, ...shown],
    [...bare, ...shown],
    [{ text: mark.trimEnd(), token: 'cursor' }, ...shown],
  ];
}

/** A scalar of the network in the colour that its line has. */
function scalarSpans(value: number, tag: string, { theme }: ScreenState): Span[] {
  const { label, unit, split } = describeScalar(tag);
  const text = Number.isNaN(value)
    ? 'NaN'
    : unit === 'share'
      ? percent(value)
      : split
        ? formatFixed(value, 3, 0, theme.ascii)
        : String(Number(value.toPrecision(3)));
  return split
    ? [
        { text: `  ${label} `, token: 'muted' },
        { text, token: 'validation' },
      ]
    : [{ text: `  ${label} ${text}`, token: 'muted' }];
}

/** One line: what was just said, else what is wrong, else what the cursor stands on. */
export function statusLine(state: ScreenState, columns: number): Line {
  const run = shownRun(state);
  if (state.message) {
    const { text, tone } = state.message;
    return cutLine([{ text: ` ${printable(text, 400)}`, token: tone === 'plain' ? 'title' : tone }], columns);
  }
  // The home screen has no cursor of a run's, only words.
  if (screenOf(state) === 'home') return [];
  if (run.error) return cutLine([{ text: ` ${printable(run.error.message, 300)}`, token: 'error' }], columns);
  const cursor = cursorLines(state, run);
  return cursor.length > 0 ? firstFitting(cursor, columns) : [];
}

export const statusBlock = (state: ScreenState, area: Rectangle): TextBlock => ({
  ...area,
  lines: [statusLine(state, area.columns)],
});
