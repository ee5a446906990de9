import type { Rectangle, Size } from '../../imaging/cells/cells.ts';

/** Below this the screen only says how large it must be. */
export const minimumSize: Size = { columns: 40, rows: 12 };

export const fitsMinimum = (size: Size): boolean =>
  size.columns >= minimumSize.columns && size.rows >= minimumSize.rows;

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
  kind: 'loss' | 'errors';
  label: Rectangle;
  plot: Rectangle;
  values: Rectangle | undefined;
}

/**
 * Columns of the screen as epochs: `slots` of them side by side fill `width` cells, none wider than another by more
 * than one cell.
 */
export interface EpochColumns {
  slots: number;
  width: number;
}

/** Wider columns would only make a few epochs look like many. */
const widestSlot = 8;

/**
 * How many epochs the width is divided among: more than there are yet, so that a new one rarely moves the others, and
 * in the end exactly as many as are planned.
 * @param epochs committed @param planned in all; 0 if unknown or if no more will come
 */
export function epochColumns(width: number, epochs: number, planned: number): EpochColumns {
  const least = Math.ceil(width / widestSlot);
  const wanted = Math.max(1, epochs, least);
  if (wanted >= width || planned <= epochs) return { slots: Math.max(1, Math.min(width, wanted)), width };
  let slots = least;
  while (slots < wanted) slots = Math.ceil(slots * 1.5);
  return { slots: Math.max(wanted, Math.min(slots, Math.max(planned, least), width)), width };
}

/** The first cell of a slot; that of `slots` is the width. */
export const slotStart = ({ slots, width }: EpochColumns, index: number): number => Math.floor((index * width) / slots);

/** Cells of one slot. */
export const slotWidth = (columns: EpochColumns, index: number): number =>
  slotStart(columns, index + 1) - slotStart(columns, index);

const chartRows = { least: 3, most: 12 };
const layersLeast = 6;

/** Rows for layers and for each of the charts. */
function divideRows(rows: number, layers: number): { layers: number; cell: number; charts: number[] } {
  const shownLayers = Math.max(1, Math.min(layers, rows));
  const rest = (used: number): number => rows - used;
  for (const cell of [3, 2]) {
    if (shownLayers === layers && rest(layers * cell) >= 2 * 5) {
      return { layers: layers * cell, cell, charts: split(rest(layers * cell), 2) };
    }
  }
  if (rows >= layersLeast + 2 * chartRows.least) {
    const taken = Math.min(layers, rows - 2 * chartRows.least);
    return { layers: taken, cell: 1, charts: split(rest(taken), 2) };
  }
  if (rows >= layersLeast + chartRows.least || layers + chartRows.least <= rows) {
    const taken = Math.max(1, Math.min(layers, rows - chartRows.least));
    return { layers: taken, cell: 1, charts: split(rest(taken), 1) };
  }
  return { layers: shownLayers, cell: 1, charts: [] };
}

function split(rows: number, charts: number): number[] {
  const each = Math.min(chartRows.most, Math.floor(rows / charts));
  return each < chartRows.least ? [] : Array.from({ length: charts }, () => each);
}

/**
 * The network view's rectangles.
 * @param layers rows of the heatmap there are; 0 before the run is known
 * @param epochs committed epochs
 * @param planned epochs in all
 */
export function networkLayout(size: Size, layers: number, epochs: number, planned: number): NetworkLayout {
  const { columns, rows } = size;
  const labelColumns = columns >= 70 ? 16 : 15;
  const valueColumns = columns >= 70 ? 19 : columns >= 50 ? 12 : 0;
  const cellColumns = columns - labelColumns - valueColumns;
  const headerRows = rows >= 9 ? 2 : 1;
  const fixedRows = headerRows + 1 + 1 + 1 + 1;
  const { layers: shownRows, cell, charts: heights } = divideRows(Math.max(1, rows - fixedRows), Math.max(1, layers));
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

  const kinds = ['loss', 'errors'] as const;
  let row = top + shownRows;
  const charts = heights.map((height, index): ChartLayout => {
    const chart = {
      kind: kinds[index] ?? 'errors',
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
