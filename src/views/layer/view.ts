import { printable } from '../../engine/printable.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import { formatFixed, verticalLabels } from '../../imaging/axis.ts';
import type { CellGrid, Overlay } from '../../imaging/cells.ts';
import type { Range } from '../../imaging/heatmap.ts';
import { lineChart } from '../../imaging/line-chart.ts';
import { footerBlock, trendSign } from '../footer.ts';
import { targetsOf, type Frame, type Target, type TextBlock } from '../frame.ts';
import { glyphsOf } from '../glyphs.ts';
import { layerLayout, slotStart, slotWidth, type LayerLayout } from '../layout.ts';
import { extent } from '../model/navigation.ts';
import { valueAt, type Metric } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { trendOf } from '../model/trend.ts';
import { headerBlock } from '../network/header.ts';
import { statusBlock } from '../network/status.ts';
import { fit, firstFitting, type Line } from '../text/spans.ts';
import { epochAxis } from '../text/epoch-axis.ts';
import { decimalsFor } from '../text/numbers.ts';
import { styleOf } from '../theme.ts';

type LayerChart = LayerLayout['charts'][number];

function describe(layer: LayerRecord, count: number, columns: number): Line {
  const { size, stride } = layer.receptiveField;
  const place: Line = [
    { text: ` layer ${layer.index} of ${count}  `, token: 'muted' },
    { text: printable(layer.label), token: 'cursor' },
  ];
  const named: Line = [{ text: `  ${printable(layer.name)}`, token: 'muted' }];
  const units: Line = [{ text: `  ${layer.units} ${layer.units === 1 ? 'neuron' : 'neurons'}` }];
  const shape: Line = [{ text: `  output ${layer.shape.join(' x ')}`, token: 'muted' }];
  const field: Line = [{ text: `  sees ${size} x ${size} pixels, ${stride} apart`, token: 'muted' }];
  const parameters: Line = layer.parameters > 0 ? [{ text: `  ${layer.parameters} parameters`, token: 'muted' }] : [];
  return firstFitting(
    [
      [...place, ...named, ...units, ...shape, ...field, ...parameters],
      [...place, ...units, ...shape, ...field],
      [...place, ...units, ...shape],
      [...place, ...units],
      place,
    ],
    columns,
  );
}

/** From zero to a little above the layer's largest value, so that the line does not stick to the top. */
function axisRange(state: ScreenState, metric: Metric): Range | undefined {
  const range = shownRun(state).ranges[metric][state.cursor.layer];
  if (!range || range.low > range.high) return undefined;
  const low = Math.min(0, range.low);
  const high = range.high > low ? range.high : low + 1;
  const step = 10 ** Math.floor(Math.log10(high - low)) / 2;
  return [low, Math.ceil(high / step - 1e-9) * step];
}

function titleBlock(state: ScreenState, chart: LayerChart): TextBlock {
  const run = shownRun(state);
  const last = run.epochs.length - 1;
  const { layer } = state.cursor;
  const range = run.ranges[chart.kind][layer];
  const known = range !== undefined && range.low <= range.high && last >= 0;
  const decimals = known ? Math.max(2, decimalsFor(range.high)) : 2;
  const number = (value: number): string => formatFixed(value, decimals, 0, state.theme.ascii);
  const line: Line = [
    { text: ` ${chart.kind}`, token: chart.kind },
    ...(known
      ? ([
          { text: `  ${number(valueAt(run, chart.kind, layer, last))}`, token: 'title' },
          { text: ` ${trendSign(trendOf(run, chart.kind, layer, last), state)}` },
          { text: `  lowest ${number(range.low)}  highest ${number(range.high)}`, token: 'muted' },
        ] as const)
      : []),
  ];
  return { ...chart.title, lines: [firstFitting([line, line.slice(0, 3)], chart.title.columns)] };
}

function numbersBlock(state: ScreenState, chart: LayerChart): TextBlock {
  const range = axisRange(state, chart.kind);
  const { rows, columns } = chart.numbers;
  const labels = range && rows > 0 ? verticalLabels(range, rows) : [];
  const { vertical } = glyphsOf(state.theme);
  return {
    ...chart.numbers,
    lines: Array.from({ length: rows }, (_, row): Line => {
      const text = labels.find(({ at }) => at === row)?.text ?? '';
      return [
        { text: fit(text, columns - 2, 'right'), token: 'muted' },
        { text: ` ${vertical}`, token: 'border' },
      ];
    }),
  };
}

/** The cursor's epoch as a thin line behind the curve. */
function withCursor(cells: CellGrid, column: number, state: ScreenState): CellGrid {
  const sign = glyphsOf(state.theme).vertical;
  const style = styleOf('border', state.theme);
  return cells.map((row) =>
    row.map((cell, index) => (index === column && cell.text === ' ' ? { ...style, text: sign } : cell)),
  );
}

function plotOverlay(state: ScreenState, layout: LayerLayout, chart: LayerChart): Overlay | undefined {
  const run = shownRun(state);
  const range = axisRange(state, chart.kind);
  const first = state.offset.epoch;
  const epochs = Math.min(layout.epochs.slots, run.epochs.length - first);
  if (!range || epochs < 1 || chart.plot.rows < 1) return undefined;
  const columns = slotStart(layout.epochs, epochs);
  const { row, column, rows } = chart.plot;
  const values = Array.from({ length: epochs }, (_, index) =>
    valueAt(run, chart.kind, state.cursor.layer, first + index),
  );
  const colour = styleOf(chart.kind, state.theme).foreground;
  const cells = lineChart({
    rows,
    columns,
    range,
    series: [{ values, ...(colour && { colour }), dash: [] }],
    cellWidth: layout.epochs.width / layout.epochs.slots,
    ascii: state.theme.ascii,
  });
  const place = state.cursor.epoch - first;
  const mark = slotStart(layout.epochs, place) + Math.floor(slotWidth(layout.epochs, place) / 2);
  return { row, column, rows, columns, cells: withCursor(cells, mark, state) };
}

function axisBlock(state: ScreenState, layout: LayerLayout): TextBlock {
  const run = shownRun(state);
  const first = state.offset.epoch;
  const count = Math.min(layout.epochs.slots, run.epochs.length - first);
  const numbers = count > 0 ? epochAxis(run.epochs[first]?.epoch ?? 1, count, layout.epochs) : '';
  const left = layout.charts[0]?.numbers.columns ?? 0;
  return { ...layout.axis, lines: [[{ text: fit('  epoch', left) + numbers, token: 'muted' }]] };
}

/** Clicks into the plots move the cursor to an epoch. */
function plotTargets(state: ScreenState, layout: LayerLayout): Target[] {
  const count = Math.min(layout.epochs.slots, shownRun(state).epochs.length - state.offset.epoch);
  return layout.charts.flatMap(({ plot }) =>
    Array.from({ length: Math.max(0, count) }, (_, index) => ({
      ...plot,
      column: plot.column + slotStart(layout.epochs, index),
      columns: slotWidth(layout.epochs, index),
      command: { id: 'cell' as const, layer: state.cursor.layer, epoch: state.offset.epoch + index },
    })),
  );
}

/** One layer's discriminability and density over the epochs. */
export function layerView(state: ScreenState): Frame {
  const run = shownRun(state);
  const { epochs, planned } = extent(state);
  const layout = layerLayout(state.size, epochs, planned);
  const layers = run.header?.network.layers ?? [];
  const layer = layers[state.cursor.layer];
  const top = headerBlock(state, { ...layout.header, rows: 1 });
  const title: TextBlock = {
    row: 1,
    column: 0,
    rows: 1,
    columns: state.size.columns,
    lines: [layer ? describe(layer, layers.length, state.size.columns) : []],
  };
  const blocks = [
    top,
    title,
    ...layout.charts.flatMap((chart) => [titleBlock(state, chart), numbersBlock(state, chart)]),
    axisBlock(state, layout),
    statusBlock(state, layout.status),
    footerBlock(state, layout.footer),
  ];
  const overlays = layout.charts
    .map((chart) => plotOverlay(state, layout, chart))
    .filter((overlay) => overlay !== undefined);
  return { size: state.size, blocks, overlays, targets: [...plotTargets(state, layout), ...blocks.flatMap(targetsOf)] };
}
