import { describeScalar, scalarGroups, type ScalarDescription } from '../../engine/metrics/index.ts';
import { printable } from '../../engine/base/printable.ts';
import { bestRecord, scalar, tellsTop5 } from '../../engine/run/format.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Overlay } from '../../imaging/cells/cells.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { axisRange, linesOverlay } from '../frame/chart.ts';
import type { TextBlock } from '../frame/frame.ts';
import { memoize } from '../frame/memoize.ts';
import { recordWindow } from '../frame/records.ts';
import { columnText, properRange } from '../model/metrics.ts';
import type { RunModel } from '../model/run-model.ts';
import { shownRun, valuedEpoch, type ScreenState } from '../model/state.ts';
import { decimalsFor } from '../text/numbers.ts';
import { cutLine, fit, lineWidth, muted, type Line, type Span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import type { Token } from '../theme/theme.ts';
import type { ChartLayout, NetworkLayout } from './layout.ts';

/** One line of a chart. */
interface Curve {
  tag: string;
  token: Token;
}

/** What is told beside a chart: a name, and in columns for train and validation (or for a value alone) a tag each. */
interface ValueRow {
  name: string;
  train?: Curve;
  value?: Curve;
}

/** A group of a run's scalars; the top-5 error has its lines among those of the error. */
export interface Chart {
  group: string;
  label: string;
  /** Values are shares, and shown in per cent. */
  isShare: boolean;
  /** Where they lie, as they are shown: what the run says of a group that the catalogue does not know. */
  declared: Range | undefined;
  /** The first is drawn on top. */
  curves: readonly Curve[];
  rows: readonly ValueRow[];
}

/** Before the first record there is room for what most runs have. */
const expected = ['loss/validation', 'loss/train', 'error/validation', 'error/train'];
const top5 = ['error_top5/validation', 'error_top5/train'];

const others: readonly Token[] = ['series3', 'series4', 'series2', 'series1'];

/** A group's lines and values. @param second whether they stand behind those of another group */
function curvesOf(scalars: readonly ScalarDescription[], second: boolean): Pick<Chart, 'curves' | 'rows'> {
  const of = (split: string, token: Token): Curve | undefined => {
    const found = scalars.find((one) => one.split === split);
    return found && { tag: found.tag, token };
  };
  // Validation first: it is what one trains for.
  const value = of('validation', second ? 'top5' : 'validation') ?? of('', 'validation');
  const train = of('train', second ? 'muted' : 'train');
  const rest = scalars
    .filter(({ split }) => !['validation', 'train', ''].includes(split))
    .map(({ tag, split }, place) => ({ split, tag, token: others[place % others.length] ?? 'series1' }));
  const [{ group, label }] = scalars;
  const short: Record<string, string> = { error: 'top-1', error_top5: 'top-5', learning_rate: 'rate' };
  const first: ValueRow = { name: short[group] ?? printable(label), ...(train && { train }), ...(value && { value }) };
  return {
    curves: [value, train, ...rest].filter((curve) => curve !== undefined),
    rows: [
      ...(train || value ? [first] : []),
      ...rest.map(({ split, ...curve }): ValueRow => ({ name: printable(split), value: curve })),
    ],
  };
}

const isKnown = (group: string): boolean => scalarGroups.some((known) => known.group === group);

function declaredOf({ group, unit, range }: ScalarDescription): Range | undefined {
  const declared = isKnown(group) ? undefined : properRange(range);
  return declared && unit === 'share' ? [100 * declared[0], 100 * declared[1]] : declared;
}

/** The charts of what a run has recorded: known groups in the catalogue's order, then the others as they first occur. */
export const chartsOf = memoize((epochs: RunModel['epochs'], header: RunModel['header']): readonly Chart[] => {
  const present = new Set(epochs.flatMap(({ scalars }) => Object.keys(scalars)));
  const foreseen = [...expected, ...(header && tellsTop5(header) ? top5 : [])];
  const groups = new Map<string, ScalarDescription[]>(scalarGroups.map(({ group }) => [group, []]));
  for (const tag of epochs.length > 0 ? present : foreseen) {
    const description = describeScalar(tag, header);
    groups.set(description.group, [...(groups.get(description.group) ?? []), description]);
  }
  const behind = groups.get('error')?.length ? (groups.get('error_top5') ?? []) : [];
  if (behind.length > 0) groups.delete('error_top5');
  return Array.from(groups).flatMap(([group, scalars]): Chart[] => {
    if (scalars.length === 0) return [];
    const own = curvesOf(scalars, false);
    const more = group === 'error' && behind.length > 0 ? curvesOf(behind, true) : { curves: [], rows: [] };
    return [
      {
        group,
        label: group === 'error' ? 'error' : printable(scalars[0].label),
        isShare: scalars[0].unit === 'share',
        declared: declaredOf(scalars[0]),
        curves: [...own.curves, ...more.curves],
        rows: [...own.rows, ...more.rows],
      },
    ];
  });
});

const valuesOf = (run: RunModel, { isShare }: Chart, tag: string): number[] =>
  run.epochs.map((record) => scalar(record, tag) * (isShare ? 100 : 1));

/** Lowest and highest value of a chart over all epochs, rounded outwards so that the axis does not move every epoch. */
function chartRange(run: RunModel, chart: Chart): Range | undefined {
  const all = rangeOf(chart.curves.flatMap(({ tag }) => valuesOf(run, chart, tag)));
  if (!all) return undefined;
  return axisRange(chart.declared, all, (least, most) => {
    const size = 10 ** Math.floor(Math.log10(Math.max(most - least, Math.abs(most) / 10, 1e-12))) / 2;
    const step = chart.group === 'loss' ? 0.5 : chart.isShare ? 10 : size;
    const low = chart.isShare ? 0 : Math.floor(least / step + 1e-9) * step;
    return [low, Math.max(low + step, Math.ceil(most / step - 1e-9) * step)];
  });
}

/** The lines of a chart, an epoch as wide as in the heatmap above. */
export function chartOverlay(
  state: ScreenState,
  layout: NetworkLayout,
  chart: Chart,
  { plot }: ChartLayout,
): Overlay | undefined {
  const run = shownRun(state);
  const range = chartRange(run, chart);
  const window = recordWindow(state, layout.epochs);
  const lines = chart.curves.map(({ tag, token }) => ({ token, values: valuesOf(run, chart, tag) }));
  return range && window.count > 0 ? linesOverlay(state, plot, window, range, lines) : undefined;
}

/** Columns that a number of an axis may take. */
const axisColumns = 8;

/** Name and axis numbers of a chart: the top's on its first row, the bottom's on its last. */
export function chartLabelBlock(state: ScreenState, chart: Chart, { label: area }: ChartLayout): TextBlock {
  const run = shownRun(state);
  const range = chartRange(run, chart);
  const { columns, rows } = area;
  const layers = run.header?.network.layers.length ?? 0;
  const digits = Math.max(2, String(layers).length);
  const decimals =
    chart.group === 'loss' ? 1 : chart.isShare ? 0 : range && decimalsFor(Math.max(...range.map(Math.abs)));
  const text = (value: number | undefined): string =>
    value === undefined ? '' : formatFixed(value, decimals ?? 0, axisColumns, state.theme.ascii).trimStart();
  // The loss is numbered like a layer: it is where the network ends.
  const number = chart.group === 'loss' && layers > 0 ? String(layers + 1) : '';
  const name: Line = [
    { text: ` ${fit(number, digits, 'right')} `, ...(number && { token: 'muted' as const }) },
    { text: fit(`${chart.label}${chart.isShare ? ' %' : ''}`, Math.max(0, columns - digits - 2)).trimEnd() },
  ];
  const [top, bottom] = [text(range?.[1]), text(range?.[0])];
  // A long name has the first row to itself.
  const topRow = lineWidth(name) + top.length + 1 > columns && rows > 2 ? 1 : 0;
  return {
    ...area,
    lines: Array.from({ length: rows }, (_, row) => {
      const shown = row === 0 ? name : [];
      const axis = row === topRow ? top : row === rows - 1 ? bottom : '';
      const room = Math.max(0, columns - lineWidth(shown) - 1);
      return cutLine([...shown, { text: fit(axis, room, 'right'), token: 'muted' }], columns);
    }),
  };
}

/** The lowest top-1 error on the validation images and its epoch: what stands above it is the shown epoch's. */
function bestLine({ epochs }: RunModel): Line | undefined {
  const record = bestRecord(epochs);
  const error = record ? scalar(record, 'error/validation') : NaN;
  if (!record || !Number.isFinite(error)) return undefined;
  const at = `@${record.number}`;
  // A number is worth more than the word.
  const text = at.length > 5 ? at.padStart(11) : ` best ${at.padStart(5)}`;
  return [muted(text), { text: columnText(100 * error, 1, 6), token: 'validation' }];
}

/** The values beside the charts, train and validation side by side, in the colours of their lines. */
export function chartValueBlock(
  state: ScreenState,
  chart: Chart,
  { values: area }: ChartLayout,
  isFirst: boolean,
): TextBlock | undefined {
  if (!area) return undefined;
  const run = shownRun(state);
  const record = run.epochs[valuedEpoch(state)];
  const wide = area.columns >= 19;
  const edge: Span = { text: glyphsOf(state.theme).edge, token: 'border' };
  const widths = [5, wide ? 6 : 5] as const;
  const decimals = (value: number): number => (chart.isShare ? 1 : chart.group === 'loss' ? 2 : decimalsFor(value));
  const cell = (curve: Curve | undefined, width: number): Span => {
    if (!curve || !record) return { text: ' '.repeat(width), ...(curve && { token: curve.token }) };
    const isThere = Object.hasOwn(record.scalars, curve.tag);
    const value = isThere ? record.scalars[curve.tag] * (chart.isShare ? 100 : 1) : undefined;
    return {
      text: columnText(value, decimals(Math.abs(value ?? 0)), width, state.theme.ascii),
      ...(isThere && { token: curve.token }),
    };
  };
  const heading: Line = [
    edge,
    ...(wide ? [{ text: '      ' }] : []),
    { text: 'train', token: 'train' },
    { text: 'valid'.padStart(widths[1]), token: 'validation' },
  ];
  const lines = chart.rows.map(({ name, train, value }): Line => [
    edge,
    ...(wide ? [{ text: ` ${fit(name, 5)}`, token: 'muted' as const }] : []),
    cell(train, widths[0]),
    cell(value, widths[1]),
  ]);
  const best = wide && chart.group === 'error' ? bestLine(run) : undefined;
  const all = [...lines, ...(best ? [[edge, ...best]] : [])];
  const shown = isFirst ? [heading, ...all] : all;
  return { ...area, lines: Array.from({ length: area.rows }, (_, row) => shown[row] ?? [edge]) };
}
