import type { Picture } from '../../imaging/cells/cells.ts';
import { sparkline } from '../../imaging/charts/sparkline.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { part } from '../frame/layout.ts';
import { paneTitle, reasonBlock, type Part } from '../frame/pane.ts';
import { columnText, metricToken, metricWords, metricsOfRun } from '../model/metrics.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { className, classOfNeuron } from '../neuron/scene.ts';
import { fit, fittingText, muted, plainText, shrunk, span, type Line } from '../text/spans.ts';
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
import { nameOf, neuronTextColumns, type NeuronsLayout } from './layout.ts';
import { clusterMark, clusterStyle, outlierMarks } from './marks.ts';

/** Columns of a neuron's trend at most. */
const trendColumns = 12;

/** Columns of the trend where a neuron's text takes that many: none where there is no room for a few epochs. */
const trendRoom = (columns: number): number => {
  const room = Math.min(trendColumns, columns - 28);
  return room <= 2 ? 0 : room;
};

/** The neurons in the window. */
const shownNeurons = (state: ScreenState, { visible }: NeuronsLayout): readonly number[] =>
  membersOf(state).slice(state.exploration.rowOffset, state.exploration.rowOffset + visible);

/** A neuron's way up to the cursor's epoch, all epochs drawn in that many columns; as high as its place in the layer. */
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
  return sparkline(own, columns, { range: bucketRange(evolution, state.metric), ascii: state.theme.ascii });
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
  const map = mapOf(state);
  const here = neuron === neuronOf(state);
  const token = here ? 'cursor' : 'title';
  const kinds = map?.flags.filter((entry) => entry.neuron === neuron).slice(0, 2) ?? [];
  const cluster = map?.labels[neuron];
  const room = trendRoom(columns);
  const trend = isFinal(state)
    ? span(`  ${fit(className(state, neuron), room)}`, token, 3)
    : span(`  ${trendOf(state, neuron, room)}`, metricToken(shownRun(state), state.metric), 3);
  const line: Line = [
    { text: here ? ` ${glyphsOf(state.theme).pointer}` : '  ', token: 'cursor' },
    cluster === undefined
      ? { text: ' ' }
      : { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme) },
    span(`${fit(String(neuron), 5, 'right')} `, token),
    ...kinds.map(({ kind }) => span(outlierMarks[kind].letter, outlierMarks[kind].token)),
    { text: ' '.repeat(2 - kinds.length) },
    ...tableMetrics(state).map((metric, place) => {
      const text = columnText(valueOf(state, neuron, metric), 3, valueColumns, state.theme.ascii);
      return span(text, undefined, place === 0 ? 1 : 2);
    }),
    ...(room === 0 ? [] : [trend]),
  ];
  return shrunk(line, columns);
}

/** Columns that a neuron's text may take: the pictures stand right of it. */
const textColumns = ({ rows, pictures, pictureColumns }: NeuronsLayout): number =>
  Math.min(neuronTextColumns, pictures > 0 ? rows.columns - pictures * (pictureColumns + 1) : rows.columns);

function titleBlock(state: ScreenState, pane: NeuronsLayout): TextBlock {
  const map = mapOf(state);
  const { cluster, rowOffset } = state.exploration;
  const members = membersOf(state).length;
  const { up, down } = glyphsOf(state.theme);
  const below = members - rowOffset - shownNeurons(state, pane).length;
  const isCutting = map && !reasonFor(state, 'pictures') && !picturesOf(state);
  const rest: Line = [
    ...(map
      ? [
          span(`  cluster ${cluster + 1} `, undefined, 1),
          { text: clusterMark(cluster, state.theme), style: clusterStyle(cluster, state.theme), rank: 1 },
          muted(`  ${members} of ${map.labels.length}`, 1),
        ]
      : [muted(`  all ${members}`, 1)]),
    muted(rowOffset > 0 ? `  ${up} ${rowOffset}` : '', 2),
    muted(below > 0 ? `  ${down} ${below}` : '', 2),
    ...(isCutting ? [muted('  cutting pictures…', 3)] : []),
  ];
  return paneTitle(state, pane.title, { pane: 'neurons', name: nameOf(state, 'neurons'), rest });
}

/** What stands under it, in the columns of {@link rowLine}. */
function headingsLine(state: ScreenState, pane: NeuronsLayout): Line {
  const columns = textColumns(pane);
  const step = pane.pictureColumns + 1;
  const symbols = tableMetrics(state).map((metric, place) =>
    muted(fit(metricWords(shownRun(state), metric).symbol, valueColumns, 'right'), place === 0 ? 1 : 2),
  );
  const last = trendRoom(columns) > 0 ? [muted(`  ${isFinal(state) ? 'class' : 'trend'}`, 3)] : [];
  const numbers = shrunk([muted(`  ${fit('neuron', 7, 'right')}  `), ...symbols, ...last], columns);
  const average = pane.pictures > 0 ? fit(step > 7 ? 'average' : 'avg', step) : '';
  const room = (pane.pictures - 1) * step;
  const patches = room > 0 ? fit(fittingText(['strongest patches', 'patches'], room), room) : '';
  return [muted(fit(plainText(numbers), columns) + average + patches)];
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
  const step = pane.pictureColumns + 1;
  return shownNeurons(state, pane).flatMap((neuron, index) => {
    const row = index * pane.rowHeight;
    if (row + pane.rowHeight > pane.rows.rows) return [];
    const picture = (place: number, raster: Picture['raster'], key: string): Picture => {
      const column = textColumns(pane) + place * step;
      return { ...part(pane.rows, row, pane.rowHeight, column, pane.pictureColumns), raster, key: `${run} ${key}` };
    };
    const average = averages?.averages[neuron];
    const patches = rows?.pictures.get(neuron) ?? [];
    return [
      ...(average ? [picture(0, average, `${averages.layer} ${averages.epoch} average ${neuron}`)] : []),
      ...patches
        .slice(0, pane.pictures - 1)
        .map((patch, place) => picture(place + 1, patch, `${rows?.layer} ${rows?.epoch} patch ${neuron} ${place}`)),
    ];
  });
}

/** Why there are no pictures, where they would be. */
function missingBlock(state: ScreenState, pane: NeuronsLayout): TextBlock[] {
  const reason = reasonFor(state, 'pictures') ?? reasonFor(state, 'rows');
  const area = part(pane.rows, 0, pane.rows.rows, neuronTextColumns + 2);
  if (!reason || area.columns < 24) return [];
  return [reasonBlock(area, { ...reason, message: `Pictures: ${reason.message}` })];
}

/** The selected cluster's neurons, one a row: numbers, trend, average and strongest patches. */
export function neuronsPane(state: ScreenState, pane: NeuronsLayout): Part {
  const targets = shownNeurons(state, pane).map((neuron, index): Target => ({
    ...pane.rows,
    row: pane.rows.row + index * pane.rowHeight,
    rows: pane.rowHeight,
    command: { id: 'neuron', neuron },
  }));
  return {
    blocks: [
      titleBlock(state, pane),
      ...(pane.headings ? [{ ...pane.headings, lines: [headingsLine(state, pane)] }] : []),
      { ...pane.rows, columns: textColumns(pane), lines: linesOf(state, pane) },
      ...missingBlock(state, pane),
    ],
    pictures: picturesIn(state, pane),
    targets: [{ ...pane.title, command: { id: 'pane', pane: 'neurons' } }, ...targets],
  };
}
