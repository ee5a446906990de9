import { layerMetric } from '../../engine/metrics/index.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import { printable } from '../../engine/base/printable.ts';
import { textWidth } from '../../imaging/cells/graphemes.ts';
import { memoize } from '../frame/memoize.ts';
import { valueAt, type RunModel } from './run-model.ts';
import { shownRun, type ScreenState } from './state.ts';

/** A row of the network view: a layer, or neighbouring layers of a group that is folded. */
export interface Row {
  /** Position in the network, from 0, of its first layer. */
  first: number;
  /** Layers that it stands for. */
  count: number;
  /** The path that their names begin with; nothing of a layer by itself. */
  group: string | undefined;
}

const noLayers: readonly LayerRecord[] = [];
const layersOf = (run: RunModel): readonly LayerRecord[] => run.header?.network.layers ?? noLayers;

/** The paths that a layer's name lies in, the longest last: of `layer1.0.conv2` these are `layer1` and `layer1.0`. */
function pathsOf(name: string): string[] {
  const words = name.split('.');
  return words.slice(1).flatMap((_, index) => words.slice(0, index + 1).join('.') || []);
}

/**
 * The groups of layers that can be folded, with how many layers they have: paths that neighbours share. One that all
 * layers share says nothing, and of paths that hold the same layers the longest stands for all.
 */
export const groupsOf = memoize((layers: readonly LayerRecord[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  const shared = new Set<string>();
  let before: readonly string[] = [];
  for (const { name } of layers) {
    const paths = pathsOf(name);
    for (const path of paths) {
      counts.set(path, (counts.get(path) ?? 0) + 1);
      if (before.includes(path)) shared.add(path);
    }
    before = paths;
  }
  const repeated = new Set<string>();
  for (const path of shared) {
    const parent = pathsOf(path).at(-1);
    if (parent !== undefined && counts.get(parent) === counts.get(path)) repeated.add(parent);
  }
  return new Map(
    [...counts].filter(([path, count]) => shared.has(path) && count < layers.length && !repeated.has(path)),
  );
});

/** A network's rows, where some groups are folded: the outermost of them counts. */
const rowsOf = memoize((layers: readonly LayerRecord[], folded: ReadonlySet<string>): readonly Row[] => {
  const rows: Row[] = [];
  layers.forEach(({ name }, first) => {
    const group = folded.size > 0 ? pathsOf(name).find((path) => folded.has(path)) : undefined;
    const last = rows.at(-1);
    if (group !== undefined && last?.group === group) rows[rows.length - 1] = { ...last, count: last.count + 1 };
    else rows.push({ first, count: 1, group });
  });
  return rows.map((row) => (row.count > 1 ? row : { ...row, group: undefined }));
});

/** The rows of the run as shown. */
export const rowsShown = (state: ScreenState): readonly Row[] => rowsOf(layersOf(shownRun(state)), state.folded);

/** Columns of a layer's index in a network of some layers. */
export const indexColumns = (layers: number): number => Math.max(2, String(layers).length);

/** Columns that the cursor, indices and labels of all layers take, folded or not: nothing moves when a group opens. */
const labelColumns = memoize(
  (layers: readonly LayerRecord[]): number =>
    indexColumns(layers.length) +
    3 +
    layers.reduce((most, { label }) => Math.max(most, textWidth(printable(label))), 0),
);
export const labelColumnsOf = (state: ScreenState): number => labelColumns(layersOf(shownRun(state)));

/** The place of the row that the cursor's layer is in. */
export const cursorPlace = (state: ScreenState): number =>
  Math.max(
    0,
    rowsShown(state).findLastIndex(({ first }) => first <= state.cursor.layer),
  );

/** The row that the cursor's layer is in. */
export const cursorRow = (state: ScreenState): Row =>
  rowsShown(state)[cursorPlace(state)] ?? { first: state.cursor.layer, count: 1, group: undefined };

/** The indices of a row's layers, from 1: `5`, `5-31`. */
export const numbersOf = ({ first, count }: Row): string =>
  count > 1 ? `${first + 1}-${first + count}` : `${first + 1}`;

/** Whether the network has groups that can be folded. */
export const hasGroups = (state: ScreenState): boolean => groupsOf(layersOf(shownRun(state))).size > 0;

/** The group around the cursor's row that is to be folded next: the innermost that is open. */
export function openGroup(state: ScreenState): string | undefined {
  const layers = layersOf(shownRun(state));
  const known = groupsOf(layers);
  const around = pathsOf(layers[state.cursor.layer]?.name ?? '').filter((path) => known.has(path));
  const outermost = around.findIndex((path) => state.folded.has(path));
  return around[(outermost < 0 ? around.length : outermost) - 1];
}

/** The state with groups folded or opened. */
const withFolded = (state: ScreenState, change: (folded: Set<string>) => void): ScreenState => {
  const folded = new Set(state.folded);
  change(folded);
  return { ...state, folded };
};

export const folded = (state: ScreenState, group: string): ScreenState => withFolded(state, (all) => all.add(group));

export const opened = (state: ScreenState, group: string): ScreenState => withFolded(state, (all) => all.delete(group));

/** All groups folded but for those of more than half of the layers, which would hide the network; where any is, none. */
export function allFolded(state: ScreenState): ScreenState {
  const layers = layersOf(shownRun(state));
  const isAnyFolded = rowsShown(state).some(({ group }) => group !== undefined);
  const small = [...groupsOf(layers)].flatMap(([path, count]) => (2 * count <= layers.length ? path : []));
  return { ...state, folded: new Set(isAnyFolded ? [] : small) };
}

/** The state in which a layer has a row of its own. @param layer position in the network, from 0 */
export const revealed = (state: ScreenState, layer: number): ScreenState =>
  withFolded(state, (all) => {
    for (const path of pathsOf(layersOf(shownRun(state))[layer]?.name ?? '')) all.delete(path);
  });

/** The layers of some rows of which a metric says something (density says nothing of a normalisation), or all of them. */
export function telling(run: RunModel, metric: string, { first, count }: Pick<Row, 'first' | 'count'>): number[] {
  const without = layerMetric(metric)?.emptyOf;
  const all = Array.from({ length: count }, (_, index) => first + index);
  const some = without === undefined ? all : all.filter((layer) => layersOf(run)[layer]?.kind !== without);
  return some.length > 0 ? some : all;
}

/**
 * The values of a row by record (position, from 0): a layer's own, of a group the mean over its layers; undefined where
 * the run has none.
 */
export function rowValues(run: RunModel, metric: string, row: Row): (record: number) => number | undefined {
  if (row.count === 1) return (record) => valueAt(run, metric, row.first, record);
  const layers = telling(run, metric, row);
  return (record) => {
    const values = layers.flatMap((layer) => valueAt(run, metric, layer, record) ?? []);
    return values.length > 0 ? values.reduce((sum, value) => sum + value) / values.length : undefined;
  };
}
