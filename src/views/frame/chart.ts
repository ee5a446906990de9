import type { Overlay, Rectangle } from '../../imaging/cells/cells.ts';
import { verticalLabels } from '../../imaging/charts/axis.ts';
import type { Range } from '../../imaging/charts/heatmap.ts';
import { lineChart, type Series } from '../../imaging/charts/line-chart.ts';
import type { ScreenState } from '../model/state.ts';
import { fit, muted, span, type Line } from '../text/spans.ts';
import { glyphsOf } from '../theme/glyphs.ts';
import { styleOf, type Token } from '../theme/theme.ts';
import type { TextBlock } from './frame.ts';
import { part } from './layout.ts';
import { slotStart, type RecordWindow } from './records.ts';

/** Where a chart over records puts its parts. */
export interface ChartAreas {
  title: Rectangle;
  numbers: Rectangle;
  plot: Rectangle;
  axis: Rectangle;
}

/** A title above, the axes' numbers left and below. @param left columns of the numbers @param right free of the plot */
export const chartAreas = (area: Rectangle, left: number, right: number): ChartAreas => ({
  title: part(area, 0, 1),
  numbers: part(area, 1, area.rows - 2, 0, left),
  plot: part(area, 1, area.rows - 2, left, area.columns - left - right),
  axis: part(area, area.rows - 1, 1),
});

/**
 * What an axis covers.
 * @param declared where the run says that the values lie: all of it is shown, and what lies beyond
 * @param usual the range of an axis for values of which nothing is said
 */
export const axisRange = (
  declared: Range | undefined,
  [low, high]: Range,
  usual: (low: number, high: number) => Range,
): Range => (declared ? [Math.min(declared[0], low), Math.max(declared[1], high)] : usual(low, high));

/** The numbers beside a plot, and its border. */
export function numbersBlock({ theme }: ScreenState, area: Rectangle, range: Range | undefined): TextBlock {
  const { rows, columns } = area;
  const labels = range && rows > 0 ? verticalLabels(range, rows) : [];
  const border = span(` ${glyphsOf(theme).vertical}`, 'border');
  const text = (row: number): string => labels.find(({ at }) => at === row)?.text ?? '';
  const lines = Array.from({ length: rows }, (_, row): Line => [muted(fit(text(row), columns - 2, 'right')), border]);
  return { ...area, lines };
}

/** Lines of a chart: values of all the run's records, NaN where there is none. */
export type RecordLine = Omit<Series, 'colour'> & { token: Token };

/** Some lines over the records in a window, the first on top. */
export function linesOverlay(
  { theme }: ScreenState,
  plot: Rectangle,
  window: RecordWindow,
  range: Range,
  lines: readonly RecordLine[],
): Overlay {
  const { first, count, width, slots } = window;
  const columns = slotStart(window, count);
  const series = lines.map(({ token, values, ...look }): Series => {
    const colour = styleOf(token, theme).foreground;
    return { ...look, values: Array.from(values).slice(first, first + count), ...(colour && { colour }) };
  });
  const place = (step: number): number => (step + 0.5) * (width / slots);
  return { ...plot, columns, cells: lineChart({ rows: plot.rows, columns, range, series, place, ascii: theme.ascii }) };
}
