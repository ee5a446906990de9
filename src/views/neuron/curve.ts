import type { CellGrid } from '../../imaging/cells/cells.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { axisRange, linesOverlay, numbersBlock, type ChartAreas } from '../frame/chart.ts';
import { trendSign } from '../frame/footer.ts';
import type { TextBlock } from '../frame/frame.ts';
import { paneTitle, type Part } from '../frame/pane.ts';
import { epochColumns, recordAxis, recordTargets, slotStart, slotWidth, type RecordWindow } from '../frame/records.ts';
import { valuesIn } from '../layer/buckets.ts';
import { epochOf, evolutionOf, layerCurve, neuronOf, valueOf, valuesAt } from '../layer/explored.ts';
import { declaredRange, knownText, metricToken, metricWords } from '../model/metrics.ts';
import { trendAt } from '../model/run-model.ts';
import { extent, shownRun, type ScreenState } from '../model/state.ts';
import { muted, span } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { styleOf } from '../theme/theme.ts';

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

/** From zero to a round value above the largest, so that the line does not stick to the top. */
function fromZero(lowest: number, highest: number): Range {
  const low = Math.min(0, lowest);
  const high = highest > low ? highest : low + 1;
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

function titleBlock(
  state: ScreenState,
  { title }: ChartAreas,
  own: readonly number[],
  layer: readonly number[],
): TextBlock {
  const run = shownRun(state);
  const { epoch } = state.cursor;
  const number = (value: number | undefined): string => knownText(value, 3, 0, state.theme.ascii);
  const place = rankOf(state);
  const rest = [
    span(`  ${number(valueOf(state, neuronOf(state)))}`, metricToken(run, state.metric), 1),
    span(` ${trendSign(trendAt(own, epoch), state)}`, undefined, 1),
    muted(`  layer ${number(layer[epoch])}`, 2),
    ...(place ? [muted(`  rank ${place.rank} of ${place.of}`, 3)] : []),
  ];
  return paneTitle(state, title, { pane: 'activations', name: metricWords(run, state.metric).label, rest });
}

/** The epochs across the plot: as elsewhere while each has a cell of its own, else squeezed. */
function windowFor(state: ScreenState, width: number): RecordWindow {
  const { epochs, planned } = extent(state);
  const columns = epochColumns(width, epochs, planned);
  return { ...columns, slots: Math.max(columns.slots, epochs), first: 0, count: epochs };
}

function withLine(cells: CellGrid, window: RecordWindow, { theme, cursor }: ScreenState): CellGrid {
  const column = slotStart(window, cursor.epoch) + Math.floor(slotWidth(window, cursor.epoch) / 2);
  const mark = { ...styleOf('border', theme), text: glyphsOf(theme).vertical };
  return cells.map((row) => row.map((cell, index) => (index === column && cell.text === ' ' ? mark : cell)));
}

/** The neuron's metric over the epochs, beside the mean of its layer. */
export function curvePart(state: ScreenState, areas: ChartAreas): Part {
  const { plot, numbers, axis } = areas;
  const own = neuronCurve(state);
  const layer = layerCurve(state);
  const values = rangeOf([...own, ...layer]);
  const range = values && axisRange(declaredRange(shownRun(state), state.metric), values, fromZero);
  const window = windowFor(state, plot.columns);
  const isSqueezed = window.count > window.width;
  const hasPlot = range && plot.rows > 0 && plot.columns > 0 && epochOf(state) !== undefined;
  const lines = [
    { values: own, token: metricToken(shownRun(state), state.metric), dash: [] },
    { values: layer, token: 'muted', dash: [1, 2], asciiMark: '.' },
  ] as const;
  const overlay = hasPlot && linesOverlay(state, plot, window, range, lines);
  return {
    blocks: [
      titleBlock(state, areas, own, layer),
      numbersBlock(state, numbers, range),
      recordAxis(state, axis, numbers.columns, window),
    ],
    overlays: overlay ? [{ ...overlay, cells: withLine(overlay.cells, window, state) }] : [],
    targets: isSqueezed
      ? []
      : recordTargets(plot, window, (epoch) => ({ id: 'cell', layer: state.cursor.layer, epoch })),
  };
}
