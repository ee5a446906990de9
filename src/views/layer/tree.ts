import { formatFixed } from '../../imaging/charts/axis.ts';
import type { LayerMap } from '../../engine/analysis/questions/messages.ts';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { TextBlock } from '../frame/frame.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { mapOf } from './explored.ts';
import type { ScreenState } from '../model/state.ts';
import { decimalsFor } from '../text/numbers.ts';
import { dendrogram } from './dendrogram.ts';
import { branchRows } from './layout.ts';
import { blockBars } from '../neuron/ridge.ts';
import { fit, muted, span, type Line } from '../text/spans.ts';

/** Columns for the distances at the cut. */
const toldColumns = 22;

/** The dendrogram with its branches, the cut's distances beside it. */
function branches(area: Rectangle, map: LayerMap, told: string): TextBlock {
  const columns = Math.max(1, area.columns - toldColumns);
  const { lines, cutRow } = dendrogram(map, map.k, { rows: area.rows, columns });
  const beside = (row: number) => muted(fit(row === cutRow ? told : '', toldColumns));
  return { ...area, lines: lines.map((line, row) => [...line, beside(row)]) };
}

/**
 * The dendrogram's upper part as a strip: with branches where there is room, else a bar for each of its highest merges,
 * as high as the distance it bridges, from the last merge on the left downwards; between them the cut. What lies left of it would be joined by fewer
 * clusters, so a step down just right of the cut says that the clusters are really apart.
 */
export function treeBlock(state: ScreenState, area: Rectangle): TextBlock {
  const map = mapOf(state);
  const { theme } = state;
  if (!map || map.mergeHeights.length === 0) return { ...area, lines: [] };
  const heights = Array.from(map.mergeHeights, (height) => (Number.isFinite(height) ? Math.max(0, height) : 0));
  const highest = heights[0] ?? 0;
  const name = '  joined at ';
  const room = Math.max(0, area.columns - name.length - toldColumns);
  const wide = heights.length * 2 + 1 <= room ? 2 : 1;
  const shown = heights.slice(0, Math.max(0, Math.floor((room - 1) / wide)));
  // With k clusters the k-1 highest merges are not made.
  const cut = Math.min(map.k - 1, shown.length);
  const next = heights[map.k - 1] ?? 0;
  const number = (value: number): string => formatFixed(value, decimalsFor(value), 0, theme.ascii);
  const told = map.k === 1 ? `  all in one` : `  cut ${number(heights[map.k - 2] ?? 0)} > ${number(next)}`;
  if (area.rows >= branchRows && !theme.ascii) {
    const finite = { ...map, mergeHeights: Float64Array.from(heights) };
    return branches(area, finite, told);
  }
  const bars = shown.map((height) => Math.max(1, Math.round((height / (highest || 1)) * area.rows * 8)));
  const spaced = bars.flatMap((bar) => (wide === 2 ? [bar, 0] : [bar]));
  const lines = blockBars(spaced, area.rows, theme.ascii).map((text, row): Line => {
    const isFoot = row === area.rows - 1;
    return [
      muted(isFoot ? name : ' '.repeat(name.length)),
      muted(text.slice(0, cut * wide)),
      span(glyphsOf(theme).vertical, 'cursor'),
      span(text.slice(cut * wide), 'series2'),
      muted(fit(isFoot ? told : '', toldColumns)),
    ];
  });
  return { ...area, lines };
}
