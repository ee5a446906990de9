import type { ErrorReport } from '../../engine/base/errors.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Overlay } from '../../imaging/cells/cells.ts';
import type { Range } from '../../imaging/charts/heatmap.ts';
import { axisRange, linesOverlay, numbersBlock } from '../frame/chart.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { lackingBlock, paneTitle, reasonBlock, type Part } from '../frame/pane.ts';
import { recordAxis, recordTargets, recordWindow, slotStart, withCursor, type RecordWindow } from '../frame/records.ts';
import { declaredRange, metricSpans, metricToken, metricWords, recordName } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { decimalsFor, percent } from '../text/numbers.ts';
import { fit, lineWidth, muted, shrunk, span, type Line, type Span } from '../text/spans.ts';
import { bordersOf, bucketRange, countsAt, membersOfBucket, valuesIn } from './buckets.ts';
import { bucketAt, epochOf, evolutionOf, layerCurve, mapOf, reasonFor } from './explored.ts';
import { nameOf, type EvolutionLayout, type LayerLayout } from './layout.ts';
import { levelGrid, rowOfLevel, type LevelGrid } from './levels.ts';
import { lineGrid, overLevels, overLines, spreadLabels, type LineEnd, type LinesWanted } from './lines.ts';
import { strengthCell, strengthLevels } from './strength.ts';

interface Drawn {
  overlay: Overlay;
  levels: LevelGrid;
  ends: readonly LineEnd[];
  range: Range;
}

function drawn(state: ScreenState, window: RecordWindow, { plot }: EvolutionLayout): Drawn | undefined {
  const evolution = evolutionOf(state);
  const { metric, theme } = state;
  if (!evolution || plot.rows < 1 || valuesIn(evolution, metric).length === 0) return undefined;
  // The newest epoch may be committed before its neurons are read.
  const known = { ...window, count: Math.min(window.count, evolution.epochs.length - window.first) };
  if (known.count < 1) return undefined;
  const { settings, neuron, cluster } = state.exploration;
  const levels = levelGrid(evolution, metric, settings.levels, plot.rows, known, theme);
  // Each depends only on what changes it: a step through the neurons draws one line, not all of them.
  const grid = (wanted: LinesWanted) => lineGrid(evolution, metric, wanted, plot.rows, known, theme);
  const { lines } = state.toggles;
  const map = lines === 'all' || lines === 'selected' ? mapOf(state) : undefined;
  const others = grid({ mode: lines, map, cluster: lines === 'selected' ? cluster : 0 });
  const { cells, ends } = lines === 'none' ? others : overLines(grid({ mode: 'chosen', neuron }), others);
  const columns = slotStart(window, known.count);
  const shown = overLevels(cells, levels.cells, levels.behind).map((row) => row.slice(0, columns));
  const at = rowOfLevel(bucketAt(state), plot.rows, settings.levels);
  if (state.panes.layer === 'evolution') {
    shown[at] = withCursor(shown[at], window, state.cursor.epoch - window.first, state, false);
  }
  return { overlay: { ...plot, columns, cells: shown }, levels, ends, range: bucketRange(evolution, metric) };
}

/** The range of the layer's own line, which is known already while the neurons are being read. */
function meanRange(state: ScreenState): Range | undefined {
  const range = shownRun(state).ranges.get(state.metric)?.[state.cursor.layer];
  if (!range || range.low > range.high) return undefined;
  const declared = declaredRange(shownRun(state), state.metric);
  return axisRange(declared, [range.low, range.high], (low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1]);
}

/** Why there is nothing of the layer's neurons to draw; nothing while they may still come. */
function missingReason(state: ScreenState): Pick<ErrorReport, 'message' | 'hint'> | undefined {
  const evolution = evolutionOf(state);
  if (!evolution || valuesIn(evolution, state.metric).length > 0) return reasonFor(state, 'evolution');
  const { label } = metricWords(shownRun(state), state.metric);
  const isBroken = valuesIn(evolution, 'nonfinite').length > 0;
  return {
    message: `The neurons of this layer have no ${label}.`,
    hint: isBroken ? 'Some of their samples are not finite.' : 'The run keeps neither their values nor samples.',
  };
}

/** What the colours stand for: from no neuron to the most that a level has. */
function legend({ theme }: ScreenState, most: number): Span[] {
  const strengths = strengthLevels(theme);
  const shown = Math.min(strengths, 6);
  const steps = Array.from({ length: shown }, (_, index): Span => {
    const { text, ...style } = strengthCell(1 + Math.round((index * (strengths - 1)) / (shown - 1)), theme);
    return { text, style, rank: 2 };
  });
  return [muted('  0 ', 2), ...steps, muted(` ${percent(most, 0)}`, 2)];
}

function titleBlock(state: ScreenState, { title }: EvolutionLayout, picture: Drawn | undefined): TextBlock {
  const named = { pane: 'evolution', name: nameOf(state, 'evolution') } as const;
  const run = shownRun(state);
  if (!picture) {
    const isWaiting = run.epochs.length > 0 && !missingReason(state);
    return paneTitle(state, title, { ...named, rest: isWaiting ? [muted('  reading its neurons…', 1)] : [] });
  }
  const rest = [
    span(`  ${metricWords(run, state.metric).label}`, metricToken(run, state.metric), 1),
    muted(`  ${state.exploration.settings.levels} levels`, 3),
    ...legend(state, picture.levels.most),
    muted(`  lines: ${state.toggles.lines}`, 4),
  ];
  return paneTitle(state, title, { ...named, rest });
}

/** The neurons' numbers at the ends of their lines, none over another. */
function endsBlock({ plot, ends: area }: EvolutionLayout, { ends, overlay }: Drawn): TextBlock {
  const wanted = ends.map(({ row }) => row);
  const lines = Array.from({ length: plot.rows }, (): Line => []);
  spreadLabels(wanted, plot.rows).forEach((row, index) => {
    if (row === undefined) return;
    const { neuron, colour } = ends[index];
    const style = { ...(colour && { foreground: colour }), bold: true };
    lines[row] = [{ text: fit(` ${neuron}`, area.columns), style }];
  });
  return { ...area, column: Math.min(overlay.column + overlay.columns, area.column), lines };
}

/** Clicks into the plot move the cursor to a level and an epoch. */
function plotTargets(state: ScreenState, window: RecordWindow, { plot, title }: EvolutionLayout): Target[] {
  const { levels: buckets } = state.exploration.settings;
  const cells = Array.from({ length: plot.rows }, (_, row) => {
    const bucket = Math.floor(((plot.rows - row - 0.5) / plot.rows) * buckets);
    const area = { ...plot, row: plot.row + row, rows: 1 };
    return recordTargets(area, window, (epoch) => ({ id: 'bucket', bucket, epoch }));
  });
  return [{ ...title, command: { id: 'pane', pane: 'evolution' } }, ...cells.flat()];
}

/** What the cursor stands on: values, share, and which neurons they are. */
export function bucketLine(state: ScreenState, columns: number): Line | undefined {
  const evolution = evolutionOf(state);
  const epoch = epochOf(state);
  const at = evolution && epoch !== undefined ? evolution.epochs.indexOf(epoch) : -1;
  if (!evolution || at < 0) return undefined;
  const run = shownRun(state);
  const { levels: buckets } = state.exploration.settings;
  const bucket = bucketAt(state);
  const range = bucketRange(evolution, state.metric);
  const [low, high] = bordersOf(bucket, range, buckets);
  const decimals = Math.max(2, decimalsFor(range[1])) + (buckets > 20 ? 1 : 0);
  const number = (value: number): string => formatFixed(value, decimals, 0, state.theme.ascii);
  const where = span(recordName(run, epoch ?? 0));
  // Levels of an epoch without values would be invented ones.
  if (!countsAt(evolution, state.metric, buckets, at).some((count) => count > 0)) {
    return [where, ...metricSpans(state, [state.metric], () => undefined, decimals)];
  }
  const members = membersOfBucket(evolution, state.metric, buckets, at, bucket);
  const share = members.length / Math.max(1, evolution.neurons);
  const level: Line = [
    where,
    muted(`  ${metricWords(run, state.metric).symbol} `),
    span(`${number(low)}–${number(high)}`, 'title'),
    span(`  ${percent(share, share > 0 && share < 0.1 ? 1 : 0)}`, 'cursor'),
    muted(`  ${members.length} of ${evolution.neurons}`, 1),
    muted(' neurons', 2),
  ];
  const some = (most: number): Span =>
    span(`: ${members.slice(0, most).join(' ')}${members.length > most ? ' …' : ''}`);
  const named = members.length === 0 ? [] : [12, 8, 5, 3].map((most): Line => [...level, some(most)]);
  return named.find((line) => lineWidth(line) <= columns) ?? shrunk(level, columns);
}

/** The evolution's pane: neurons over epochs by level, some of them as lines. */
export function evolutionPane(state: ScreenState, layout: LayerLayout, pane: EvolutionLayout): Part {
  const window = recordWindow(state, layout.epochs);
  const picture = drawn(state, window, pane);
  const range = picture?.range ?? meanRange(state);
  const reason = picture ? undefined : missingReason(state);
  const isMean = !picture && !reason && range && window.count > 0 && pane.plot.rows > 0;
  const mean = { values: layerCurve(state), token: metricToken(shownRun(state), state.metric), dash: [] };
  const words = ['The evolution of its neurons appears', 'Reading its neurons…'] as const;
  return {
    blocks: [
      titleBlock(state, pane, picture),
      numbersBlock(state, pane.numbers, range),
      recordAxis(state, pane.axis, pane.numbers.columns, window, state.cursor.epoch),
      ...(picture ? [endsBlock(pane, picture)] : []),
      ...(reason ? [reasonBlock(pane.plot, reason)] : []),
      ...(picture || reason || isMean ? [] : [lackingBlock(state, pane.plot, [], words)]),
    ],
    overlays: picture ? [picture.overlay] : isMean ? [linesOverlay(state, pane.plot, window, range, [mean])] : [],
    targets: plotTargets(state, window, pane),
  };
}
