import type { Rectangle } from '../../imaging/cells/cells.ts';
import { epochColumns, type EpochColumns } from '../frame/records.ts';
import { part, shellAreas, type Shell } from '../frame/layout.ts';
import { printable } from '../../engine/base/printable.ts';
import type { ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { cut, wrapped } from '../text/spans.ts';
import { comparedSides, comparisonIn, rowsOf, similarityIn } from './state.ts';

/** A map with its title, names to its left and values to its right. */
export interface MapAreas {
  title: Rectangle;
  labels: Rectangle;
  cells: Rectangle;
  values: Rectangle | undefined;
}

export interface CompareLayout extends Shell {
  body: Rectangle;
  /** Columns of the maps' cells. */
  width: number;
  /** A, B and their difference, one above the other; of one map alone the first. */
  maps: MapAreas[];
  axis: Rectangle;
  /** What is told below, in lines: which layers are not compared. */
  notes: readonly string[];
  /** Rows that the window holds, and screen rows of each. */
  visible: number;
  cellRows: number;
}

const labelColumns = 16;
const valueColumns = 9;

/** Where maps of some rows stand in a body: `count` of them, one above the other, and an axis below. */
function mapAreas(
  body: Rectangle,
  rows: number,
  count: number,
): Pick<CompareLayout, 'maps' | 'axis' | 'visible' | 'cellRows' | 'width'> {
  const values = body.columns >= 60 ? valueColumns : 0;
  const width = Math.max(1, body.columns - labelColumns - values);
  const room = Math.max(1, Math.floor((body.rows - 1) / count) - 1);
  const cellRows = clamp(Math.floor(room / Math.max(1, rows)), 1, 3);
  const visible = Math.max(1, Math.min(rows, Math.floor(room / cellRows)));
  const height = visible * cellRows;
  const maps = Array.from({ length: count }, (_, place): MapAreas => {
    const row = place * (height + 1);
    return {
      title: part(body, row, 1),
      labels: part(body, row + 1, height, 0, labelColumns),
      cells: part(body, row + 1, height, labelColumns, width),
      values: values > 0 ? part(body, row + 1, height, labelColumns + width) : undefined,
    };
  });
  return { maps, axis: part(body, count * (height + 1), 1), visible, cellRows, width };
}

/** The rectangles of a state's comparison. */
export function compareLayoutOf(state: ScreenState): CompareLayout {
  const comparison = comparisonIn(state);
  const { body, ...shell } = shellAreas(state.size, 2);
  const [a, b] = comparedSides(comparison.sides, comparison.other);
  const isMatrix = comparison.part === 'similarity';
  const rows = isMatrix ? a.runs[0].header.network.layers.length : rowsOf(a, b, state.metric).length;
  const notes = isMatrix ? notesIn(state, body) : [];
  const above = part(body, 0, body.rows - notes.length);
  return { ...shell, body, notes, ...mapAreas(above, rows, isMatrix ? 1 : 3) };
}

/** Which layers are not compared, and why, in the lines that the map can spare. */
function notesIn(state: ScreenState, { columns, rows }: Rectangle): string[] {
  const lines = (similarityIn(state)?.leftOut ?? []).flatMap((text) => wrapped(printable(text, 300), columns - 2));
  const most = Math.floor(rows / 3);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), cut(lines.slice(most - 1).join(' '), columns - 2)];
}

const chartRows = 7;

/** How many charts a body holds, one above the other. */
export const chartsIn = ({ rows }: Rectangle): number => Math.max(1, Math.floor((rows - 1) / chartRows));

/** Slots of a map as columns of its cells. */
export const slotColumns = (width: number, count: number): EpochColumns => epochColumns(width, count, 0);
