import { verticalLabels } from '../../imaging/charts/axis.ts';
import type { CellGrid, Overlay, Rgb } from '../../imaging/cells/cells.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { lineChart } from '../../imaging/charts/line-chart.ts';
import { trendOf } from '../../engine/metrics/trend.ts';
import { trendSign } from '../frame/footer.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { epochColumns, slotStart, slotWidth, type EpochColumns } from '../frame/layout.ts';
import { valuesIn } from '../layer/buckets.ts';
import { epochOf, evolutionOf, neuronOf, valueOf, valuesAt } from '../layer/explored.ts';
import { extent } from '../model/navigation.ts';
import { metricToken, metricWords, knownText } from '../model/metrics.ts';
import { valueAt } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { recordAxis } from '../text/epoch-axis.ts';
import { fit, type Line } from '../text/spans.ts';
import { styleOf, type Token } from '../theme/theme.ts';
import type { ActivationsLayout } from './layout.ts';
import { paneTitle, type Part } from '../frame/pane.ts';

type CurveLayout = NonNullable<ActivationsLayout['curve']>;

/** The neuron's metric at each of the run's epochs; NaN where it is not known. */
export function neuronCurve(state: ScreenState): number[] {
  const evolution = evolutionOf(state);
  const values = evolution ? valuesIn(evolution, state.metric) : [];
  const neuron = neuronOf(state);
  return shownRun(state).epochs.map(({ number }) => {
    const at = evolution?.epochs.indexOf(number) ?? -1;
    return evolution && at >= 0 ? (values[at * evolution.neurons + neuron] ?? NaN) : NaN;
  });
}

const layerCurve = (state: ScreenState): number[] => {
  const run = shownRun(state);
  return run.epochs.map((_, epoch) => valueAt(run, state.metric, state.cursor.layer, epoch) ?? NaN);
};

/** From zero to a round value above the largest, so that the line does not stick to the top. */
function axisRange(values: readonly number[]): Range | undefined {
  const range = rangeOf(values);
  if (!range) return undefined;
  const low = Math.min(0, range[0]);
  const high = range[1] > low ? range[1] : low + 1;
  const step = 10 ** Math.floor(Math.log10(high - low)) / 2;
  return [low, Math.ceil(high / step - 1e-9) * step];
}

/** How many neurons of the layer have a larger value, plus one. */
function rankOf(state: ScreenState): { rank: number; of: number } | undefined {
  const values = valuesAt(state);
  const own = values?.[neuronOf(state)];
  if (!values || own === undefined || !Number.isFinite(own)) return undefined;
  return { rank: values.filter((value) => value > own).length + 1, of: values.length };
}

function titleBlock(state: ScreenState, layout: CurveLayout, own: readonly number[]): TextBlock {
  const run = shownRun(state);
  const { ascii } = state.theme;
  const { epoch } = state.cursor;
  const number = (value: number | undefined): string => knownText(value, 3, 0, ascii);
  const value = valueOf(state, neuronOf(state));
  const mean = valueAt(run, state.metric, state.cursor.layer, epoch);
  const history = own.slice(Math.max(0, epoch - 4), epoch + 1);
  const finite = history.filter(Number.isFinite);
  const trend = finite.length > 1 ? trendOf(finite) : undefined;
  const rank = rankOf(state);
  const short: Line = [
    { text: `  ${number(value)}`, token: metricToken(run, state.metric) },
    { text: ` ${trendSign(trend, state)}` },
  ];
  const layer: Line = [{ text: `  layer ${number(mean)}`, token: 'muted' }];
  const place: Line = rank ? [{ text: `  rank ${rank.rank} of ${rank.of}`, token: 'muted' }] : [];
  return paneTitle(state, layout.title, {
    pane: 'activations',
    name: metricWords(run, state.metric).label,
    rest: [[...short, ...layer, ...place], [...short, ...layer], short],
  });
}

function numbersBlock(state: ScreenState, layout: CurveLayout, range: Range | undefined): TextBlock {
  const { rows, columns } = layout.numbers;
  const labels = range && rows > 0 ? verticalLabels(range, rows) : [];
  return {
    ...layout.numbers,
    lines: Array.from({ length: rows }, (_, row): Line => [
      { text: fit(labels.find(({ at }) => at === row)?.text ?? '', columns - 2, 'right'), token: 'muted' },
      { text: ` ${glyphsOf(state.theme).vertical}`, token: 'border' },
    ]),
  };
}

/** The epochs across the plot: as elsewhere while each has a cell of its own, else squeezed. */
function columnsFor(state: ScreenState, width: number): EpochColumns & { isSqueezed: boolean } {
  const { epochs, planned } = extent(state);
  const isSqueezed = epochs > width;
  return { ...epochColumns(width, epochs, planned), ...(isSqueezed && { slots: epochs }), isSqueezed };
}

function withCursor(cells: CellGrid, column: number, state: ScreenState): CellGrid {
  const mark = { ...styleOf('border', state.theme), text: glyphsOf(state.theme).vertical };
  return cells.map((row) => row.map((cell, index) => (index === column && cell.text === ' ' ? mark : cell)));
}

const columnOfEpoch = (columns: EpochColumns, epoch: number): number =>
  slotStart(columns, epoch) + Math.floor(slotWidth(columns, epoch) / 2);

function plotOverlay(state: ScreenState, layout: CurveLayout, own: readonly number[], range: Range): Overlay {
  const { row, column, rows, columns: width } = layout.plot;
  const columns = columnsFor(state, width);
  const colour = (token: Token): { colour?: Rgb } => {
    const { foreground } = styleOf(token, state.theme);
    return foreground ? { colour: foreground } : {};
  };
  const cells = lineChart({
    rows,
    columns: width,
    range,
    series: [
      { values: own, ...colour(metricToken(shownRun(state), state.metric)), dash: [] },
      { values: layerCurve(state), ...colour('muted'), dash: [1, 2], asciiMark: '.' },
    ],
    cellWidth: width / columns.slots,
    ascii: state.theme.ascii,
  });
  return {
    row,
    column,
    rows,
    columns: width,
    cells: withCursor(cells, columnOfEpoch(columns, state.cursor.epoch), state),
  };
}

function axisBlock(state: ScreenState, layout: CurveLayout): TextBlock {
  const { epochs, header } = shownRun(state);
  const width = layout.plot.columns;
  const columns = columnsFor(state, width);
  const numbers = recordAxis(
    epochs.map(({ number }) => number),
    columns,
  );
  return {
    ...layout.axis,
    lines: [
      [{ text: fit(`  ${header?.clock ?? 'epoch'}`, layout.numbers.columns) + fit(numbers, width), token: 'muted' }],
    ],
  };
}

/** Clicks into the plot move the cursor to an epoch. */
function plotTargets(state: ScreenState, { plot }: CurveLayout): Target[] {
  const columns = columnsFor(state, plot.columns);
  if (columns.isSqueezed) return [];
  return shownRun(state).epochs.map((_, epoch) => ({
    ...plot,
    column: plot.column + slotStart(columns, epoch),
    columns: slotWidth(columns, epoch),
    command: { id: 'cell' as const, layer: state.cursor.layer, epoch },
  }));
}

/** The neuron's metric over the epochs, beside the mean of its layer. */
export function curvePart(state: ScreenState, layout: CurveLayout): Part {
  const own = neuronCurve(state);
  const range = axisRange([...own, ...layerCurve(state)]);
  const hasPlot = range && layout.plot.rows > 0 && layout.plot.columns > 0 && epochOf(state) !== undefined;
  return {
    blocks: [titleBlock(state, layout, own), numbersBlock(state, layout, range), axisBlock(state, layout)],
    overlays: hasPlot ? [plotOverlay(state, layout, own, range)] : [],
    targets: plotTargets(state, layout),
  };
}
