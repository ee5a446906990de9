import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { epochColumns, type EpochColumns } from '../frame/layout.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { chartsOf } from './charts.ts';

/** Where the network view puts its parts. Absent parts had no room. No two overlap, none leaves the screen. */
export interface NetworkLayout {
  header: Rectangle;
  /** Marks above the cells: the cursor's epoch, what lies left and right of the window. */
  marks: Rectangle;
  labels: Rectangle;
  /** The heatmap: Ink leaves it empty. */
  cells: Rectangle;
  values: Rectangle | undefined;
  charts: ChartLayout[];
  axis: Rectangle;
  status: Rectangle;
  footer: Rectangle;
  /** Rows of a layer. */
  layerRows: number;
  epochs: EpochColumns;
  /** Layers and epochs that the window holds. */
  visible: { layers: number; epochs: number };
}

export interface ChartLayout {
  label: Rectangle;
  plot: Rectangle;
  values: Rectangle | undefined;
}

const chartRows = { least: 3, most: 12 };
const layersLeast = 6;
const chartsMost = 2;

/** Rows for layers and for each of the charts. */
function divideRows(rows: number, layers: number, most: number): { layers: number; cell: number; charts: number[] } {
  const shownLayers = Math.max(1, Math.min(layers, rows));
  const rest = (used: number): number => rows - used;
  for (const cell of [3, 2]) {
    if (shownLayers === layers && rest(layers * cell) >= most * 5) {
      return { layers: layers * cell, cell, charts: split(rest(layers * cell), most) };
    }
  }
  for (let charts = most; charts > 0; charts--) {
    const least = charts * chartRows.least;
    if (rows < layersLeast + least && (charts > 1 || layers + least > rows)) continue;
    const taken = Math.max(1, Math.min(layers, rows - least));
    return { layers: taken, cell: 1, charts: split(rest(taken), charts) };
  }
  return { layers: shownLayers, cell: 1, charts: [] };
}

function split(rows: number, charts: number): number[] {
  if (charts === 0) return [];
  const each = Math.min(chartRows.most, Math.floor(rows / charts));
  return each < chartRows.least ? [] : Array.from({ length: charts }, () => each);
}

/**
 * The network view's rectangles.
 * @param layers rows of the heatmap there are; 0 before the run is known
 * @param epochs committed epochs
 * @param planned epochs in all
 * @param most charts that there are, of which two have room
 */
export function networkLayout(
  size: Size,
  layers: number,
  epochs: number,
  planned: number,
  most = chartsMost,
): NetworkLayout {
  const { columns, rows } = size;
  const labelColumns = columns >= 70 ? 16 : 15;
  const valueColumns = columns >= 70 ? 19 : columns >= 50 ? 12 : 0;
  const cellColumns = columns - labelColumns - valueColumns;
  const headerRows = rows >= 9 ? 2 : 1;
  const fixedRows = headerRows + 1 + 1 + 1 + 1;
  const {
    layers: shownRows,
    cell,
    charts: heights,
  } = divideRows(Math.max(1, rows - fixedRows), Math.max(1, layers), Math.min(most, chartsMost));
  const slots = epochColumns(cellColumns, epochs, planned);

  const top = headerRows + 1;
  const across = (row: number, height: number): Rectangle => ({ row, column: 0, rows: height, columns });
  const left = (row: number, height: number): Rectangle => ({ row, column: 0, rows: height, columns: labelColumns });
  const middle = (row: number, height: number): Rectangle => ({
    row,
    column: labelColumns,
    rows: height,
    columns: cellColumns,
  });
  const right = (row: number, height: number): Rectangle | undefined =>
    valueColumns > 0 ? { row, column: labelColumns + cellColumns, rows: height, columns: valueColumns } : undefined;

  let row = top + shownRows;
  const charts = heights.map((height): ChartLayout => {
    const chart = {
      label: left(row, height),
      plot: middle(row, height),
      values: right(row, height),
    };
    row += height;
    return chart;
  });
  return {
    header: across(0, headerRows),
    marks: across(headerRows, 1),
    labels: left(top, shownRows),
    cells: middle(top, shownRows),
    values: right(top, shownRows),
    charts,
    axis: across(row, 1),
    status: across(rows - 2, 1),
    footer: across(rows - 1, 1),
    layerRows: cell,
    epochs: slots,
    visible: { layers: Math.floor(shownRows / cell), epochs: slots.slots },
  };
}

/** The rectangles of a state's network view. @param extent of the run that it shows */
export const networkLayoutOf = (
  state: ScreenState,
  { layers, epochs, planned }: { layers: number; epochs: number; planned: number },
): NetworkLayout => {
  const run = shownRun(state);
  return networkLayout(state.size, layers, epochs, planned, chartsOf(run.epochs, run.header).length);
};
