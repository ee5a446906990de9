import { printable } from '../../engine/base/printable.ts';
import { scalar } from '../../engine/run/format.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
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
  const number = (metric: 'discriminability' | 'density'): string =>
    formatFixed(valueAt(run, metric, state.cursor.layer, state.cursor.epoch), 4, 0, state.theme.ascii);
  const which: Span[] = [
    { text: mark, token: 'cursor' },
    { text: `${layer.index} ${printable(layer.label, 24)}`, token: 'title' },
  ];
  const epoch: Span = { text: `, epoch ${record.number}` };
  const place: Span[] = [...which, epoch];
  // Where many rows look alike, the name that somebody gave one tells it from the others; `conv1` was nobody's choice.
  const named: Span[] = isCounted(layer.name)
    ? place
    : [...which, { text: ` ${printable(layer.name, 24)}`, token: 'muted' }, epoch];
  const values: Span[] = [
    { text: '  D ', token: 'muted' },
    { text: number('discriminability') },
    { text: '  DN ', token: 'muted' },
    { text: number('density') },
  ];
  const error: Span[] = [
    { text: '  top-1 error ', token: 'muted' },
    { text: percent(scalar(record, 'error/validation')), token: 'validation' },
  ];
  const loss: Span[] = [
    { text: '  loss ', token: 'muted' },
    { text: formatFixed(scalar(record, 'loss/validation'), 3, 0, state.theme.ascii), token: 'validation' },
  ];
  const rate: Span[] = [{ text: `  rate ${Number(scalar(record, 'learning_rate').toPrecision(3))}`, token: 'muted' }];
  return [
    [...named, ...values, ...error, ...loss, ...rate],
    [...named, ...values, ...error, ...loss],
    [...named, ...values, ...error],
    [...place, ...values, ...error],
    [...named, ...values],
    [...place, ...values],
    [
      { text: mark, token: 'cursor' },
      { text: `${layer.index}`, token: 'title' },
      { text: `, epoch ${record.number}` },
      ...values,
    ],
    [{ text: mark.trimEnd(), token: 'cursor' }, ...values],
  ];
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
