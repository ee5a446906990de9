import type { Picture, Rectangle } from '../../imaging/cells/cells.ts';
import { sparkline } from '../../imaging/charts/sparkline.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { paneTitle, reasonBlock, type Part } from '../frame/pane.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { bucketRange, valuesIn } from './buckets.ts';
import {
  epochOf,
  evolutionOf,
  mapOf,
  membersOf,
  neuronOf,
  picturesOf,
  reasonFor,
  rowsOf,
  valueOf,
} from './explored.ts';
import { metricToken, metricWords, metricsOfRun, knownText } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { firstFitting, fit, fittingText, type Line, type Span } from '../text/spans.ts';
import { nameOf, neuronTextColumns, type NeuronsLayout } from './layout.ts';
import { pictureAt } from './map.ts';
import { className, classOfNeuron } from '../neuron/scene.ts';
import { outlierMarks, clusterMark, clusterStyle } from './marks.ts';

/** Columns of a neuron's trend at most. */
const trendColumns = 12;

/** Columns of the trend where a neuron's text takes so many: none where there is no room for a few epochs. */
const trendRoom = (columns: number): number => {
  const room = Math.min(trendColumns, columns - 28);
  return room <= 2 ? 0 : room;
};

/** The neurons in the window. */
const shownNeurons = (state: ScreenState, { visible }: NeuronsLayout): readonly number[] =>
  membersOf(state).slice(state.exploration.rowOffset, state.exploration.rowOffset + visible);

/** A neuron's way up to the cursor's epoch, all epochs drawn in so many columns; as high as its place in the layer. */
function trendOf(state: ScreenState, neuron: number, columns: number): string {
  const evolution = evolutionOf(state);
  const epoch = epochOf(state);
  if (!evolution || epoch === undefined) return '';
  const values = valuesIn(evolution, state.metric);
  const epochs = evolution.epochs.findLastIndex((one) => one <= epoch) + 1;
  const shown = Math.min(columns, epochs);
  const own = Array.from({ length: shown }, (_, index) => {
    const at = shown < 2 ? epochs - 1 : Math.round((index * (epochs - 1)) / (shown - 1));
    return values[at * evolution.neurons + neuron] ?? Number.NaN;
  });
  const { low, high } = bucketRange(evolution, state.metric);
  return sparkline(own, columns, { range: [low, high], ascii: state.theme.ascii });
}

/** Whether the neurons stand for the classes: their names then say more than a trend. */
const isFinal = (state: ScreenState): boolean => classOfNeuron(shownRun(state).header, state.cursor.layer, 0) === 0;

/** Columns of a metric, and metrics that have one: those that the run has, with the shown one among them. */
const valueColumns = 7;
function tableMetrics(state: ScreenState): string[] {
  const all = metricsOfRun(shownRun(state));
  const [first] = all;
  if (all.length <= 2 || first === undefined) return all;
  return state.metric === first ? all.slice(0, 2) : [first, state.metric];
}

function rowLine(state: ScreenState, neuron: number, columns: number): Line {
  const glyphs = glyphsOf(state.theme);
  const map = mapOf(state);
  const here = neuron === neuronOf(state);
  const kinds = map?.flags.filter((entry) => entry.neuron === neuron).map(({ kind }) => kind) ?? [];
  const cluster = map?.labels[neuron];
  const head: Line = [
    { text: here ? ` ${glyphs.pointer}` : '  ', token: 'cursor' },
    cluster === undefined
      ? { text: ' ' }
      : { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
    { text: fit(String(neuron), 5, 'right'), token: here ? 'cursor' : 'title' },
    { text: ' ' },
    ...kinds.slice(0, 2).map((kind): Span => ({ text: outlierMarks[kind].letter, token: outlierMarks[kind].token })),
    { text: ' '.repeat(2 - Math.min(2, kinds.length)) },
  ];
  const values = tableMetrics(state).map((metric): Span => ({
    text: knownText(valueOf(state, neuron, metric), 3, valueColumns, state.theme.ascii),
  }));
  const room = trendRoom(columns);
  const trend: Line =
    room === 0
      ? []
      : isFinal(state)
        ? [{ text: `  ${fit(className(state, neuron), room)}`, token: here ? 'cursor' : 'title' }]
        : [{ text: `  ${trendOf(state, neuron, room)}`, token: metricToken(shownRun(state), state.metric) }];
  return firstFitting(
    [[...head, ...values, ...trend], [...head, ...values], [...head, ...values.slice(0, 1)], head],
    columns,
  );
}

/** Columns that a neuron's text may take: the pictures stand right of it. */
const textColumns = ({ rows, pictures, pictureColumns }: NeuronsLayout): number =>
  Math.min(neuronTextColumns, pictures > 0 ? rows.columns - pictures * (pictureColumns + 1) : rows.columns);

function titleBlock(state: ScreenState, pane: NeuronsLayout): TextBlock {
  const map = mapOf(state);
  const { cluster, rowOffset } = state.exploration;
  const members = membersOf(state);
  const shown = shownNeurons(state, pane).length;
  const glyphs = glyphsOf(state.theme);
  const which: Line = map
    ? [
        { text: `  cluster ${cluster + 1} ` },
        { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
        { text: `  ${members.length} of ${map.labels.length}`, token: 'muted' },
      ]
    : [{ text: `  all ${members.length}`, token: 'muted' }];
  const below = members.length - rowOffset - shown;
  const hidden: Line = [
    { text: rowOffset > 0 ? `  ${glyphs.up} ${rowOffset}` : '', token: 'muted' },
    { text: below > 0 ? `  ${glyphs.down} ${below}` : '', token: 'muted' },
  ];
  const pictures: Line =
    reasonFor(state, 'pictures') || picturesOf(state) || !map ? [] : [{ text: '  cutting pictures…', token: 'muted' }];
  return paneTitle(state, pane.title, {
    pane: 'neurons',
    name: nameOf(state, 'neurons'),
    rest: [[...which, ...hidden, ...pictures], [...which, ...hidden], which],
  });
}

/** What stands under it, in the columns of {@link rowLine}. */
function headingsBlock(state: ScreenState, pane: NeuronsLayout, area: Rectangle): TextBlock {
  const columns = textColumns(pane);
  const step = pane.pictureColumns + 1;
  const head = `  ${fit('neuron', 7, 'right')}  `;
  const symbols = tableMetrics(state).map((metric) =>
    fit(metricWords(shownRun(state), metric).symbol, valueColumns, 'right'),
  );
  const [one = ''] = symbols;
  const both = symbols.join('');
  const last = trendRoom(columns) > 0 ? `  ${isFinal(state) ? 'class' : 'trend'}` : '';
  const numbers = fit(fittingText([head + both + last, head + both, head + one, head], columns), columns);
  const average = pane.pictures > 0 ? fit(step > 7 ? 'average' : 'avg', step) : '';
  const room = (pane.pictures - 1) * step;
  const patches = room > 0 ? fit(fittingText(['strongest patches', 'patches'], room), room) : '';
  return { ...area, lines: [[{ text: numbers + average + patches, token: 'muted' }]] };
}

function linesOf(state: ScreenState, pane: NeuronsLayout): Line[] {
  const columns = textColumns(pane);
  const middle = Math.floor((pane.rowHeight - 1) / 2);
  return shownNeurons(state, pane).flatMap((neuron) =>
    Array.from({ length: pane.rowHeight }, (_, row): Line => (row === middle ? rowLine(state, neuron, columns) : [])),
  );
}

function picturesIn(state: ScreenState, pane: NeuronsLayout): Picture[] {
  if (pane.pictures === 0) return [];
  const averages = picturesOf(state);
  const rows = rowsOf(state);
  const run = shownRun(state).header?.id ?? '';
  const start = pane.rows.column + textColumns(pane);
  const step = pane.pictureColumns + 1;
  return shownNeurons(state, pane).flatMap((neuron, index) => {
    const row = pane.rows.row + index * pane.rowHeight;
    if (row + pane.rowHeight > pane.rows.row + pane.rows.rows) return [];
    const area = (place: number): Rectangle => ({
      row,
      column: start + place * step,
      rows: pane.rowHeight,
      columns: pane.pictureColumns,
    });
    const average = averages?.averages[neuron];
    const patches = rows?.pictures.get(neuron) ?? [];
    return [
      ...(average && averages
        ? [pictureAt(area(0), average, `${run} ${averages.layer} ${averages.epoch} average ${neuron}`)]
        : []),
      ...patches
        .slice(0, pane.pictures - 1)
        .map((patch, place) =>
          pictureAt(area(place + 1), patch, `${run} ${rows?.layer} ${rows?.epoch} patch ${neuron} ${place}`),
        ),
    ];
  });
}

/** Why there are no pictures, where they would be. */
function missingBlock(state: ScreenState, pane: NeuronsLayout): TextBlock[] {
  const reason = reasonFor(state, 'pictures') ?? reasonFor(state, 'rows');
  const column = pane.rows.column + neuronTextColumns + 2;
  const area = { ...pane.rows, column, columns: pane.rows.column + pane.rows.columns - column };
  if (!reason || area.columns < 24) return [];
  return [reasonBlock(area, { ...reason, message: `Pictures: ${reason.message}` })];
}

/** The selected cluster's neurons, one a row: numbers, trend, average and strongest patches. */
export function neuronsPane(state: ScreenState, pane: NeuronsLayout): Part {
  const targets = shownNeurons(state, pane).map((neuron, index): Target => ({
    row: pane.rows.row + index * pane.rowHeight,
    column: pane.rows.column,
    rows: pane.rowHeight,
    columns: pane.rows.columns,
    command: { id: 'neuron', neuron },
  }));
  return {
    blocks: [
      titleBlock(state, pane),
      ...(pane.headings ? [headingsBlock(state, pane, pane.headings)] : []),
      { ...pane.rows, columns: textColumns(pane), lines: linesOf(state, pane) },
      ...missingBlock(state, pane),
    ],
    pictures: picturesIn(state, pane),
    targets: [{ ...pane.title, command: { id: 'pane', pane: 'neurons' } }, ...targets],
  };
}
