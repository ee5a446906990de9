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
import { fit, type Line, type Span } from '../text/spans.ts';

const eighths = Array.from(' ▁▂▃▄▅▆▇█');
const asciiLevels = Array.from(' .:-=+*##');

/** Columns for the distances at the cut. */
const toldColumns = 22;

/** The part of a bar that lies in a row, as eighths of its cell: `bar` in rows, row 0 at the bottom. */
const partOf = (bar: number, row: number): number => Math.max(0, Math.min(8, Math.round((bar - row) * 8)));

/** The dendrogram with its branches, the cut's distances beside it. */
function branches(area: Rectangle, map: LayerMap, told: string): TextBlock {
  const columns = Math.max(1, area.columns - toldColumns);
  const { lines, cutRow } = dendrogram(map, map.k, { rows: area.rows, columns });
  const beside = (row: number): Span => ({ text: fit(row === cutRow ? told : '', toldColumns), token: 'muted' });
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
  const glyphs = glyphsOf(theme);
  if (!map || map.mergeHeights.length === 0) return { ...area, lines: [] };
  const heights = Array.from(map.mergeHeights, (height) => (Number.isFinite(height) ? Math.max(0, height) : 0));
  const highest = heights[0] ?? 0;
  const name = '  joined at ';
  const room = Math.max(0, area.columns - name.length - toldColumns);
  const wide = heights.length * 2 + 1 <= room ? 2 : 1;
  const shown = heights.slice(0, Math.max(0, Math.floor((room - 1) / wide)));
  // With k clusters the k-1 highest merges are not made.
  const cut = Math.min(map.k - 1, shown.length);
  const levels = theme.ascii ? asciiLevels : eighths;
  const next = heights[map.k - 1] ?? 0;
  const number = (value: number): string => formatFixed(value, decimalsFor(value), 0, theme.ascii);
  const told = map.k === 1 ? `  all in one` : `  cut ${number(heights[map.k - 2] ?? 0)} > ${number(next)}`;
  if (area.rows >= branchRows && !theme.ascii) {
    const finite = { ...map, mergeHeights: Float64Array.from(heights) };
    return branches(area, finite, told);
  }
  const lines = Array.from({ length: area.rows }, (_, index): Line => {
    const row = area.rows - 1 - index;
    const bars = (from: number, end: number, token: 'muted' | 'series2'): Span => ({
      text: shown
        .slice(from, end)
        .map((height) => {
          const bar = highest > 0 ? (height / highest) * area.rows : 0;
          const sign = levels[Math.max(row === 0 ? 1 : 0, partOf(bar, row))] ?? ' ';
          return wide === 2 ? `${sign} ` : sign;
        })
        .join(''),
      token,
    });
    const isFoot = row === 0;
    return [
      { text: isFoot ? name : ' '.repeat(name.length), token: 'muted' },
      bars(0, cut, 'muted'),
      { text: glyphs.vertical, token: 'cursor' },
      bars(cut, shown.length, 'series2'),
      { text: fit(isFoot ? told : '', toldColumns), token: 'muted' },
    ];
  });
  return { ...area, lines };
}
