import { scalar, tellsTop5 } from '../../engine/run/format.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Overlay, Rgb } from '../../imaging/cells/cells.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { lineChart, type Series } from '../../imaging/charts/line-chart.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { slotStart, type ChartLayout, type NetworkLayout } from '../frame/layout.ts';
import type { RunModel } from '../model/run-model.ts';
import { shownRun, valuedEpoch, type ScreenState } from '../model/state.ts';
import { cutLine, fit, type Line, type Span } from '../text/spans.ts';
import { styleOf, type Token } from '../theme/theme.ts';

/** One line of a chart: what it shows of an epoch, and how it is told apart. */
interface Curve {
  name: string;
  token: Token;
  value: (run: RunModel, epoch: number) => number;
}

type Group = 'loss' | 'error' | 'error_top5';
type Split = 'train' | 'validation';

function scalarAt(run: RunModel, epoch: number, group: Group, split: Split): number {
  const record = run.epochs[epoch];
  return record ? scalar(record, `${group}/${split}`) : Number.NaN;
}

const curve = (name: string, token: Token, group: Group, split: Split): Curve => ({
  name,
  token,
  value: (run, epoch) => scalarAt(run, epoch, group, split) * (group === 'loss' ? 1 : 100),
});

const curves: Record<ChartLayout['kind'], readonly Curve[]> = {
  // Validation first: the chart draws the first line on top, and it is what one trains for.
  loss: [curve('validation', 'validation', 'loss', 'validation'), curve('train', 'train', 'loss', 'train')],
  errors: [curve('top-1', 'validation', 'error', 'validation'), curve('top-1 train', 'train', 'error', 'train')],
};
const top5Curves: readonly Curve[] = [
  curve('top-5', 'top5', 'error_top5', 'validation'),
  curve('top-5 train', 'muted', 'error_top5', 'train'),
];

/** Before the first epoch there is room for it where there may be one. */
const hasTop5 = ({ header, epochs }: RunModel): boolean =>
  epochs.length > 0
    ? epochs.some(({ scalars }) => 'error_top5/validation' in scalars)
    : header !== undefined && tellsTop5(header);

const curvesOf = (run: RunModel, kind: ChartLayout['kind']): readonly Curve[] =>
  kind === 'errors' && hasTop5(run) ? [...curves.errors, ...top5Curves] : curves[kind];

function colourOf(token: Token, state: ScreenState): Rgb | undefined {
  return styleOf(token, state.theme).foreground;
}

/** Lowest and highest value of a chart over all epochs, rounded outwards so that the axis does not move every epoch. */
function chartRange(run: RunModel, kind: ChartLayout['kind']): Range | undefined {
  const all = rangeOf(curvesOf(run, kind).flatMap(({ value }) => run.epochs.map((_, epoch) => value(run, epoch))));
  if (!all) return undefined;
  const step = kind === 'loss' ? 0.5 : 10;
  const low = kind === 'loss' ? Math.floor(all[0] / step + 1e-9) * step : 0;
  return [low, Math.max(low + step, Math.ceil(all[1] / step - 1e-9) * step)];
}

/** The lines of a chart, an epoch as wide as in the heatmap above. */
export function chartOverlay(state: ScreenState, layout: NetworkLayout, chart: ChartLayout): Overlay | undefined {
  const run = shownRun(state);
  const range = chartRange(run, chart.kind);
  const first = state.offset.epoch;
  const epochs = Math.min(layout.visible.epochs, run.epochs.length - first);
  if (!range || epochs < 1) return undefined;
  const columns = slotStart(layout.epochs, epochs);
  const series = curvesOf(run, chart.kind).map(({ value, token }): Series => {
    const colour = colourOf(token, state);
    const values = Array.from({ length: epochs }, (_, index) => value(run, first + index));
    return colour ? { values, colour } : { values };
  });
  const { row, column, rows } = chart.plot;
  const cells = lineChart({
    rows,
    columns,
    series,
    range,
    cellWidth: layout.epochs.width / layout.epochs.slots,
    ascii: state.theme.ascii,
  });
  return { row, column, rows, columns, cells };
}

/** Name and axis numbers of a chart: the top's on its first row, the bottom's on its last. */
export function chartLabelBlock(state: ScreenState, chart: ChartLayout): TextBlock {
  const run = shownRun(state);
  const range = chartRange(run, chart.kind);
  const { columns, rows } = chart.label;
  const layers = run.header?.network.layers.length ?? 0;
  const loss = chart.kind === 'loss';
  const digits = Math.max(2, String(layers).length);
  const number = (value: number): string => formatFixed(value, loss ? 1 : 0);
  const axis = (row: number): string => {
    if (!range) return '';
    if (row === 0) return number(range[1]);
    return row === rows - 1 ? number(range[0]) : '';
  };
  const names: Line[] = loss
    ? [[{ text: ` ${fit(layers > 0 ? String(layers + 1) : '', digits, 'right')} `, token: 'muted' }, { text: 'loss' }]]
    : [[{ text: ' '.repeat(digits + 2) }, { text: 'error %' }]];
  return {
    ...chart.label,
    lines: Array.from({ length: rows }, (_, row) => {
      const name = names[row] ?? [];
      const used = name.reduce((sum, span) => sum + span.text.length, 0);
      return cutLine(
        [...name, { text: fit(axis(row), Math.max(0, columns - used - 1), 'right'), token: 'muted' }],
        columns,
      );
    }),
  };
}

/** The values beside the charts, train and validation side by side, in the colours of their lines. */
export function chartValueBlock(state: ScreenState, chart: ChartLayout): TextBlock | undefined {
  if (!chart.values) return undefined;
  const run = shownRun(state);
  const last = valuedEpoch(state);
  const wide = chart.values.columns >= 19;
  const edge: Span = { text: glyphsOf(state.theme).edge, token: 'border' };
  const widths: Record<Split, number> = { train: 5, validation: wide ? 6 : 5 };
  const number = (kind: Group, split: Split): string => {
    const value = scalarAt(run, last, kind, split);
    if (last < 0) return ' '.repeat(widths[split]);
    return kind === 'loss' ? formatFixed(value, 2, widths[split]) : formatFixed(100 * value, 1, widths[split]);
  };
  const pair = (name: string, kind: Group, train: Token, validation: Token): Line => [
    edge,
    ...(wide ? [{ text: ` ${name.padEnd(5)}`, token: 'muted' as const }] : []),
    { text: number(kind, 'train'), token: train },
    { text: number(kind, 'validation'), token: validation },
  ];
  const heading: Line = [
    edge,
    ...(wide ? [{ text: '      ' }] : []),
    { text: 'train', token: 'train' },
    { text: 'valid'.padStart(widths.validation), token: 'validation' },
  ];
  const lines =
    chart.kind === 'loss'
      ? [heading, pair('loss', 'loss', 'train', 'validation')]
      : [
          pair('top-1', 'error', 'train', 'validation'),
          ...(hasTop5(run) ? [pair('top-5', 'error_top5', 'muted', 'top5')] : []),
        ];
  return {
    ...chart.values,
    lines: Array.from({ length: chart.values.rows }, (_, row) => lines[row] ?? [edge]),
  };
}
