import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { part, shellAreas, type Shell } from '../frame/layout.ts';
import { epochColumns, type EpochColumns } from '../frame/records.ts';
import { labelColumnsOf, rowsShown } from '../model/layer-rows.ts';
import { extent, shownRun, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { chartsOf } from './charts.ts';

/** Where the network view puts its parts. Absent parts had no room. No two overlap, none leaves the screen. */
export interface NetworkLayout extends Shell {
  /** Marks above the cells: the cursor's epoch, what lies left and right of the window. */
  marks: Rectangle;
  labels: Rectangle;
  /** The heatmap. */
  cells: Rectangle;
  values: Rectangle | undefined;
  charts: ChartLayout[];
  axis: Rectangle;
  /** Screen rows of a row of the heatmap. */
  layerRows: number;
  epochs: EpochColumns;
  /** Rows and epochs that the window holds. */
  visible: { rows: number; epochs: number };
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
 * @param wanted columns that the rows' labels would take
 */
export function networkLayout(
  size: Size,
  layers: number,
  epochs: number,
  planned: number,
  most = chartsMost,
  wanted = 0,
): NetworkLayout {
  const { columns, rows } = size;
  // Names that are paths take some of the room that a wide screen has.
  const least = columns >= 70 ? 16 : 15;
  const labelColumns = clamp(wanted, least, Math.max(least, Math.floor(columns / 5)));
  const valueColumns = columns >= 70 ? 19 : columns >= 50 ? 12 : 0;
  const cellColumns = columns - labelColumns - valueColumns;
  const { body, ...shell } = shellAreas(size, rows >= 9 ? 2 : 1);
  // Above and below are rows for marks and for the axis.
  const divided = divideRows(Math.max(1, body.rows - 2), Math.max(1, layers), Math.min(most, chartsMost));
  const slots = epochColumns(cellColumns, epochs, planned);
  /** Name, cells and values side by side. */
  const triple = (row: number, height: number): readonly [Rectangle, Rectangle, Rectangle | undefined] => [
    part(body, row, height, 0, labelColumns),
    part(body, row, height, labelColumns, cellColumns),
    valueColumns > 0 ? part(body, row, height, labelColumns + cellColumns) : undefined,
  ];
  const [labels, cells, values] = triple(1, divided.layers);
  let row = 1 + divided.layers;
  const charts = divided.charts.map((height): ChartLayout => {
    const [label, plot, numbers] = triple(row, height);
    row += height;
    return { label, plot, values: numbers };
  });
  return {
    ...shell,
    marks: part(body, 0, 1),
    labels,
    cells,
    values,
    charts,
    axis: part(body, row, 1),
    layerRows: divided.cell,
    epochs: slots,
    visible: { rows: Math.floor(divided.layers / divided.cell), epochs: slots.slots },
  };
}

/** The rectangles of a state's network view. */
export function networkLayoutOf(state: ScreenState): NetworkLayout {
  const { epochs, planned } = extent(state);
  const run = shownRun(state);
  const charts = chartsOf(run.epochs, run.header).length;
  return networkLayout(state.size, rowsShown(state).length, epochs, planned, charts, labelColumnsOf(state));
}
