import type { ErrorReport } from '../../engine/base/errors.ts';
import { formatFixed, verticalLabels } from '../../imaging/charts/axis.ts';
import type { Cell, CellGrid, Overlay } from '../../imaging/cells/cells.ts';
import { lineChart } from '../../imaging/charts/line-chart.ts';
import { contrastingColour } from '../../imaging/colour/oklab.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { paneTitle, reasonBlock, type Part } from '../frame/pane.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { slotStart, slotWidth } from '../frame/layout.ts';
import { bordersOf, bucketRange, countsAt, membersOfBucket, valuesIn, type LevelRange } from './buckets.ts';
import { bucketAt, epochOf, evolutionOf, mapOf, reasonFor } from './explored.ts';
import { metricSpans, metricToken, metricWords, recordName } from '../model/metrics.ts';
import { valueAt } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { recordAxis } from '../text/epoch-axis.ts';
import { decimalsFor, percent } from '../text/numbers.ts';
import { fit, type Line, type Span } from '../text/spans.ts';
import { styleOf } from '../theme/theme.ts';
import { nameOf, type EvolutionLayout, type LayerLayout } from './layout.ts';
import { levelGrid, rowOfLevel, type LevelGrid } from './levels.ts';
import { lineGrid, overLevels, overLines, spreadLabels, type LineEnd } from './lines.ts';
import { strengthCell, strengthLevels } from './strength.ts';

/** The epochs in the window: the first one's position in the run, and how many. */
function epochsShown(state: ScreenState, layout: LayerLayout): { first: number; count: number } {
  const first = state.offset.epoch;
  return { first, count: Math.max(0, Math.min(layout.epochs.slots, shownRun(state).epochs.length - first)) };
}

interface Drawn {
  overlay: Overlay;
  levels: LevelGrid;
  ends: readonly LineEnd[];
  range: LevelRange;
}

function drawn(state: ScreenState, layout: LayerLayout, { plot }: EvolutionLayout): Drawn | undefined {
  const evolution = evolutionOf(state);
  const { first, count } = epochsShown(state, layout);
  if (!evolution || plot.rows < 1 || valuesIn(evolution, state.metric).length === 0) return undefined;
  // The newest epoch may be committed before its neurons are read.
  const known = Math.max(0, Math.min(count, evolution.epochs.length - first));
  if (known === 0) return undefined;
  const { slots, width } = layout.epochs;
  const { metric, theme } = state;
  const { settings, neuron, cluster } = state.exploration;
  const levels = levelGrid(evolution, metric, settings.buckets, plot.rows, first, known, slots, width, theme);
  // Each depends only on what changes it: a step through the neurons draws one line, not all of them.
  const { lines } = state.toggles;
  const map = lines === 'all' || lines === 'selected' ? mapOf(state) : undefined;
  const window = [plot.rows, first, known, slots, width, theme] as const;
  const others = lineGrid(evolution, map, metric, lines, undefined, lines === 'selected' ? cluster : 0, ...window);
  const chosen = lines === 'none' ? undefined : lineGrid(evolution, undefined, metric, 'chosen', neuron, 0, ...window);
  const { cells, ends } = chosen ? overLines(chosen, others) : others;
  const columns = slotStart(layout.epochs, known);
  const shown = overLevels(
    cells.map((row) => row.slice(0, columns)),
    levels.cells,
    levels.behind,
  );
  return {
    overlay: { row: plot.row, column: plot.column, rows: plot.rows, columns, cells: withCursor(shown, state, layout) },
    levels,
    ends,
    range: bucketRange(evolution, metric),
  };
}

/** The cursor on its level and epoch: brackets, or a sign where a column is narrow. */
function withCursor(cells: CellGrid, state: ScreenState, layout: LayerLayout): CellGrid {
  const { settings, pane } = state.exploration;
  const bucket = bucketAt(state);
  const index = state.cursor.epoch - state.offset.epoch;
  const start = slotStart(layout.epochs, index);
  const width = slotWidth(layout.epochs, index);
  const at = rowOfLevel(bucket, cells.length, settings.buckets);
  const text = width < 2 ? glyphsOf(state.theme).cell : `[${' '.repeat(width - 2)}]`;
  const look = (cell: Cell, sign: string): Cell =>
    cell.background
      ? { text: sign, background: cell.background, foreground: contrastingColour(cell.background), bold: true }
      : { ...styleOf('cursor', state.theme), text: sign, ...(state.theme.depth === 'none' && { inverse: true }) };
  if (pane !== 'evolution') return cells;
  return cells.map((row, place) =>
    place === at
      ? row.map((cell, column) =>
          (text[column - start] ?? ' ') === ' ' ? cell : look(cell, text[column - start] ?? ' '),
        )
      : row,
  );
}

/** While the neurons are being read: the layer's own line, which is known already. */
function meanOverlay(state: ScreenState, layout: LayerLayout, { plot }: EvolutionLayout): Overlay | undefined {
  const run = shownRun(state);
  const range = meanRange(state);
  const { first, count } = epochsShown(state, layout);
  if (!range || count < 1 || plot.rows < 1) return undefined;
  const values = Array.from(
    { length: count },
    (_, index) => valueAt(run, state.metric, state.cursor.layer, first + index) ?? Number.NaN,
  );
  const colour = styleOf(metricToken(run, state.metric), state.theme).foreground;
  const columns = slotStart(layout.epochs, count);
  const cells = lineChart({
    rows: plot.rows,
    columns,
    range: [range.low, range.high],
    series: [{ values, ...(colour && { colour }), dash: [] }],
    cellWidth: layout.epochs.width / layout.epochs.slots,
    ascii: state.theme.ascii,
  });
  return { row: plot.row, column: plot.column, rows: plot.rows, columns, cells };
}

function meanRange(state: ScreenState): LevelRange | undefined {
  const range = shownRun(state).ranges.get(state.metric)?.[state.cursor.layer];
  if (!range || range.low > range.high) return undefined;
  return { low: Math.min(0, range.low), high: range.high > 0 ? range.high * 1.1 : 1 };
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

function titleBlock(state: ScreenState, { title }: EvolutionLayout, picture: Drawn | undefined): TextBlock {
  const { buckets } = state.exploration.settings;
  const { lines } = state.toggles;
  const named = { pane: 'evolution', name: nameOf(state, 'evolution') } as const;
  if (!picture) {
    const isWaiting = shownRun(state).epochs.length > 0 && !missingReason(state);
    return paneTitle(state, title, {
      ...named,
      rest: isWaiting ? [[{ text: '  reading its neurons…', token: 'muted' }]] : [],
    });
  }
  const { theme } = state;
  const strengths = strengthLevels(theme);
  const shown = Math.min(strengths, 6);
  const legend: Span[] = Array.from({ length: shown }, (_, index) => {
    const { text, ...style } = strengthCell(1 + Math.round((index * (strengths - 1)) / (shown - 1)), theme);
    return { text, style };
  });
  const run = shownRun(state);
  const { label } = metricWords(run, state.metric);
  const metric: Line = [{ text: `  ${label}`, token: metricToken(run, state.metric) }];
  const count: Line = [{ text: `  ${buckets} levels`, token: 'muted' }];
  const share: Line = [
    { text: '  0 ', token: 'muted' },
    ...legend,
    { text: ` ${percent(picture.levels.most, 0)}`, token: 'muted' },
  ];
  const mode: Line = [{ text: `  lines: ${lines}`, token: 'muted' }];
  return paneTitle(state, title, {
    ...named,
    rest: [[...metric, ...count, ...share, ...mode], [...metric, ...count, ...share], [...metric, ...share], metric],
  });
}

function numbersBlock(state: ScreenState, { numbers }: EvolutionLayout, range: LevelRange | undefined): TextBlock {
  const { rows, columns } = numbers;
  const labels = range && rows > 0 ? verticalLabels([range.low, range.high], rows) : [];
  const { vertical } = glyphsOf(state.theme);
  return {
    ...numbers,
    lines: Array.from({ length: rows }, (_, row): Line => {
      const text = labels.find(({ at }) => at === row)?.text ?? '';
      return [
        { text: fit(text, columns - 2, 'right'), token: 'muted' },
        { text: ` ${vertical}`, token: 'border' },
      ];
    }),
  };
}

/** The neurons' numbers at the ends of their lines, none over another. */
function endsBlock({ plot, ends: area }: EvolutionLayout, picture: Drawn): TextBlock {
  const rows = spreadLabels(
    picture.ends.map(({ row }) => row),
    plot.rows,
  );
  const column = Math.min(picture.overlay.column + picture.overlay.columns, area.column);
  const columns = area.columns;
  const lines = Array.from({ length: plot.rows }, (): Line => []);
  picture.ends.forEach(({ neuron, colour }, index) => {
    const row = rows[index];
    if (row === undefined) return;
    const text = fit(` ${neuron}`, columns);
    lines[row] = [{ text, style: { ...(colour && { foreground: colour }), bold: true } }];
  });
  return { row: plot.row, column, rows: plot.rows, columns, lines };
}

function axisBlock(state: ScreenState, layout: LayerLayout, { axis, numbers, plot }: EvolutionLayout): TextBlock {
  const run = shownRun(state);
  const { first, count } = epochsShown(state, layout);
  const shown = run.epochs.slice(first, first + count).map(({ number }) => number);
  const text = recordAxis(shown, layout.epochs);
  const index = state.cursor.epoch - first;
  const here = epochOf(state);
  if (here === undefined || index < 0 || index >= count) {
    return {
      ...axis,
      lines: [[{ text: fit(`  ${run.header?.clock ?? 'epoch'}`, numbers.columns) + text, token: 'muted' }]],
    };
  }
  // The cursor's epoch stands in its place, whatever else wanted to stand there.
  const name = String(here);
  const at = Math.max(0, Math.min(plot.columns - name.length, slotStart(layout.epochs, index)));
  const before = text.slice(0, at).replace(/\d+$/, (digits) => ' '.repeat(digits.length));
  const after = text.slice(at + name.length).replace(/^\d+/, (digits) => ' '.repeat(digits.length));
  return {
    ...axis,
    lines: [
      [
        { text: fit(`  ${run.header?.clock ?? 'epoch'}`, numbers.columns), token: 'muted' },
        { text: before.padEnd(at), token: 'muted' },
        { text: name, token: 'cursor' },
        { text: after, token: 'muted' },
      ],
    ],
  };
}

/** Clicks into the plot move the cursor to a level and an epoch. */
function plotTargets(state: ScreenState, layout: LayerLayout, { plot, title }: EvolutionLayout): Target[] {
  const { first, count } = epochsShown(state, layout);
  const { buckets } = state.exploration.settings;
  const cells = Array.from({ length: count }, (_, index) =>
    Array.from({ length: plot.rows }, (__, row): Target => {
      const bucket = Math.floor(((plot.rows - row - 0.5) / plot.rows) * buckets);
      return {
        row: plot.row + row,
        column: plot.column + slotStart(layout.epochs, index),
        rows: 1,
        columns: slotWidth(layout.epochs, index),
        command: { id: 'bucket', bucket, epoch: first + index },
      };
    }),
  );
  return [{ ...title, command: { id: 'pane', pane: 'evolution' } }, ...cells.flat()];
}

/** What the cursor stands on: values, share, and which neurons they are. */
export function bucketLines(state: ScreenState): Line[] | undefined {
  const evolution = evolutionOf(state);
  const epoch = epochOf(state);
  const at = evolution && epoch !== undefined ? evolution.epochs.indexOf(epoch) : -1;
  if (!evolution || at < 0) return undefined;
  const run = shownRun(state);
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  const range = bucketRange(evolution, state.metric);
  const { low, high } = bordersOf(bucket, range, settings.buckets);
  const decimals = Math.max(2, decimalsFor(range.high)) + (settings.buckets > 20 ? 1 : 0);
  const number = (value: number): string => formatFixed(value, decimals, 0, state.theme.ascii);
  const members = membersOfBucket(evolution, state.metric, settings.buckets, at, bucket);
  const share = members.length / Math.max(1, evolution.neurons);
  const who = (most: number): string =>
    members.length === 0 ? '' : `: ${members.slice(0, most).join(' ')}${members.length > most ? ' …' : ''}`;
  const where: Line = [
    { text: ` ${glyphsOf(state.theme).pointer} `, token: 'cursor' },
    { text: recordName(run, epoch ?? 0) },
  ];
  // Levels of an epoch without values would be invented ones.
  if (!countsAt(evolution, state.metric, settings.buckets, at).some((count) => count > 0)) {
    return [[...where, ...metricSpans(state, [state.metric], () => undefined, decimals)]];
  }
  const level: Line = [
    ...where,
    { text: `  ${metricWords(run, state.metric).symbol} `, token: 'muted' },
    { text: `${number(low)}–${number(high)}`, token: 'title' },
    { text: `  ${percent(share, share > 0 && share < 0.1 ? 1 : 0)}`, token: 'cursor' },
  ];
  const count = (text: string): Line => [...level, { text: `  ${text}`, token: 'muted' }];
  const counted = count(`${members.length} of ${evolution.neurons} neurons`);
  return [
    ...[12, 8, 5, 3].map((most): Line => [...counted, { text: who(most) }]),
    counted,
    count(`${members.length} of ${evolution.neurons}`),
    level,
  ];
}

/** The evolution's pane: neurons over epochs by level, some of them as lines. */
export function evolutionPane(state: ScreenState, layout: LayerLayout, pane: EvolutionLayout): Part {
  const picture = drawn(state, layout, pane);
  const overlay = picture?.overlay ?? meanOverlay(state, layout, pane);
  const range = picture?.range ?? meanRange(state);
  const reason = picture ? undefined : missingReason(state);
  return {
    blocks: [
      titleBlock(state, pane, picture),
      numbersBlock(state, pane, range),
      axisBlock(state, layout, pane),
      ...(picture ? [endsBlock(pane, picture)] : []),
      ...(reason ? [reasonBlock(pane.plot, reason)] : []),
    ],
    overlays: overlay && !reason ? [overlay] : [],
    targets: plotTargets(state, layout, pane),
  };
}
