import { printable } from '../../engine/base/printable.ts';
import type { LayerRecord } from '../../engine/run/format.ts';
import { formatFixed } from '../../imaging/charts/axis.ts';
import type { Overlay, Rectangle } from '../../imaging/cells/cells.ts';
import { levelCells } from '../../imaging/charts/heatmap.ts';
import type { Target, TextBlock } from '../frame/frame.ts';
import { trendSign } from '../frame/footer.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { heatmapOverlay, labelRow } from '../frame/heatmap.ts';
import { recordTargets, recordWindow } from '../frame/records.ts';
import { memoize } from '../frame/memoize.ts';
import type { NetworkLayout } from './layout.ts';
import { cursorRow, indexColumns, rowsShown, rowValues, type Row } from '../model/layer-rows.ts';
import { valueText } from '../model/metrics.ts';
import { trendOf } from '../model/run-model.ts';
import { shownRun, valuedEpoch, type ScreenState } from '../model/state.ts';
import { layerNames, shortNames } from '../text/layer-names.ts';
import { decimalsFor } from '../text/numbers.ts';
import { fit, span, type Line } from '../text/spans.ts';
import { colourRange } from './header.ts';

/** The rows in the window. */
const rowsInWindow = (state: ScreenState, layout: NetworkLayout): readonly Row[] =>
  rowsShown(state).slice(state.offset.row, state.offset.row + layout.visible.rows);

/** What rows are called in that many columns: layers by their labels, groups by their paths and how many layers they are. */
const rowNames = memoize((layers: readonly LayerRecord[], rows: readonly Row[], room: number, ellipsis: string) => {
  const labels = layerNames(layers, 'label', room, ellipsis);
  const groups = rows.filter(({ group }) => group !== undefined);
  const counted = ({ count }: Row): string => ` ×${count}`;
  const left = Math.max(0, room - Math.max(...groups.map((row) => counted(row).length)));
  const paths = shortNames(
    groups.map(({ group }) => printable(group ?? '')),
    left,
    ellipsis,
  );
  const named = new Map(groups.map((row, place) => [row, paths[place] + counted(row)]));
  return new Map(rows.map((row) => [row, named.get(row) ?? labels[row.first]]));
});

/** Lines for each row in the window: text on the first, blank below. */
function rowLines(state: ScreenState, layout: NetworkLayout, text: (row: Row) => Line, between: Line = []): Line[] {
  return rowsInWindow(state, layout).flatMap((row) =>
    Array.from({ length: layout.layerRows }, (_, line) => (line === labelRow(layout.layerRows) ? text(row) : between)),
  );
}

/** Index and name of each row; the cursor's is marked. */
export function labelBlock(state: ScreenState, layout: NetworkLayout): TextBlock {
  const layers = shownRun(state).header?.network.layers ?? [];
  const digits = indexColumns(layers.length);
  const width = layout.labels.columns;
  const room = Math.max(0, width - digits - 3);
  const glyphs = glyphsOf(state.theme);
  const rows = rowsShown(state);
  const names = rowNames(layers, rows, room, glyphs.ellipsis);
  const cursor = cursorRow(state);
  return {
    ...layout.labels,
    lines: rowLines(state, layout, (row) => {
      const here = row === cursor;
      const index = fit(String(row.first + 1), digits, 'right');
      return [
        span(here ? glyphs.pointer : ' ', 'cursor'),
        span(`${index} `, here ? 'cursor' : 'muted'),
        span(fit(names.get(row) ?? '', room), here ? 'cursor' : undefined),
        span(' '),
      ];
    }),
  };
}

/**
 * Each row's newest value, where it is going, and by how much it changed in the last epoch; during playback,
 * of the epoch that it shows.
 */
export function valueBlock(state: ScreenState, layout: NetworkLayout, area: Rectangle): TextBlock {
  const run = shownRun(state);
  const { metric } = state;
  const edge = glyphsOf(state.theme).edge;
  const last = valuedEpoch(state);
  const largest = (run.ranges.get(metric) ?? []).reduce((most, { high }) => Math.max(most, high), 0);
  const decimals = Math.max(2, decimalsFor(largest));
  const withChange = area.columns >= 19;
  const border: Line = [{ text: edge, token: 'border' }];
  return {
    ...area,
    lines: rowLines(
      state,
      layout,
      (row) => {
        if (last < 0) return border;
        const valueOf = rowValues(run, metric, row);
        const value = valueOf(last);
        const trend = trendOf(valueOf, last);
        const token = trend === 'rising' || trend === 'falling' ? trend : 'muted';
        const line: Line = [
          ...border,
          { text: valueText(value, decimals, 7, state.theme.ascii) },
          { text: ` ${trendSign(trend, state)}`, token },
        ];
        if (!withChange) return line;
        const change = (value ?? Number.NaN) - (valueOf(last - 1) ?? Number.NaN);
        const size = formatFixed(Math.abs(change), decimals, 6).trim();
        // What is rounded to nothing has no direction.
        const sign = Number(size) === 0 ? '' : change > 0 ? '+' : '-';
        const signed = Number.isFinite(change) ? sign + size : '';
        return [...line, { text: signed.padStart(8), token: 'muted' }];
      },
      border,
    ),
  };
}

/** The heatmap: a row a layer or folded group, a column an epoch. Nothing while there is no epoch. */
export function cellOverlay(state: ScreenState, layout: NetworkLayout): Overlay | undefined {
  const run = shownRun(state);
  const rows = rowsInWindow(state, layout);
  const window = recordWindow(state, layout.epochs);
  if (window.count < 1 || rows.length === 0) return undefined;
  const { theme, metric } = state;
  const drawn = rows.map((row) => {
    const valueOf = rowValues(run, metric, row);
    const { low, high } = colourRange(state, row);
    const values = Array.from({ length: window.count }, (_, index) => valueOf(window.first + index));
    return { values, range: low > high ? ([0, 0] as const) : ([low, high] as const) };
  });
  return heatmapOverlay(state, layout.cells, drawn, {
    columns: layout.epochs,
    levels: levelCells(theme.colourMap, theme.depth, theme.ascii),
    cellRows: layout.layerRows,
    cursor: { row: rows.indexOf(cursorRow(state)), slot: state.cursor.epoch - window.first },
  });
}

/** Clicks on labels and cells move the cursor there. */
export function rowTargets(state: ScreenState, layout: NetworkLayout): Target[] {
  const { layerRows, labels, cells } = layout;
  const window = recordWindow(state, layout.epochs);
  return rowsInWindow(state, layout).flatMap(({ first: layer }, index) => {
    const place = { row: labels.row + index * layerRows, rows: layerRows };
    return [
      { ...labels, ...place, command: { id: 'cell', layer, epoch: undefined } } satisfies Target,
      ...recordTargets({ ...cells, ...place }, window, (epoch) => ({ id: 'cell', layer, epoch })),
    ];
  });
}
