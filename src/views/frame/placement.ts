import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import { rangeOf } from '../../imaging/charts/heatmap.ts';

// A cell is about twice as high as it is wide: a row away is as far as two columns away.
const rowWeight = 2;

/** A point of an area, in cells: fractions count. */
export interface CellPoint {
  row: number;
  column: number;
}

/** A picture that wants a place: the cell its centre belongs at (fractions count), and its size in cells. */
export type Placeable = CellPoint & Size;

/**
 * The cheapest place of a rectangle in an area; nothing where none is free.
 * @param costOf the cost of a place, infinite where it is taken; of what cannot be below `least` any number above it
 */
function cheapest(size: Size, area: Size, costOf: (box: Rectangle, least: number) => number): Rectangle | undefined {
  const { rows, columns } = size;
  let best: Rectangle | undefined;
  let least = Infinity;
  if (rows < 1 || columns < 1) return undefined;
  for (let row = 0; row <= area.rows - rows; row++) {
    for (let column = 0; column <= area.columns - columns; column++) {
      const box = { row, column, rows, columns };
      const cost = costOf(box, least);
      if (cost < least) [best, least] = [box, cost];
    }
  }
  return best;
}

/** Whether less than a gap lies between two rectangles. */
const touches = (one: Rectangle, other: Rectangle, gap: Size): boolean =>
  one.row < other.row + other.rows + gap.rows &&
  other.row < one.row + one.rows + gap.rows &&
  one.column < other.column + other.columns + gap.columns &&
  other.column < one.column + one.columns + gap.columns;

const usualGap: Size = { columns: 1, rows: 0 };

/**
 * Rectangles as near as can be to where they belong, none over another, all inside the area. Earlier ones choose
 * first, so the most important should come first.
 * @param gap cells kept free between two, by default one column and no row
 * @returns a rectangle an item, in the area's own coordinates; nothing for one that found no room
 */
export function placeApart(items: readonly Placeable[], area: Size, gap = usualGap): (Rectangle | undefined)[] {
  const placed: Rectangle[] = [];
  return items.map((item) => {
    const start = (at: number, size: number, last: number): number =>
      Math.max(0, Math.min(last, Math.round((Number.isFinite(at) ? at : 0) - (size - 1) / 2)));
    const wantedRow = start(item.row, item.rows, area.rows - item.rows);
    const wantedColumn = start(item.column, item.columns, area.columns - item.columns);
    const found = cheapest(item, area, (box, least) => {
      const down = Math.abs(box.row - wantedRow);
      // Of places as near the one that is less far up or down.
      const cost = (rowWeight * down) ** 2 + (box.column - wantedColumn) ** 2 + down / 1000;
      return cost >= least || placed.some((other) => touches(box, other, gap)) ? Infinity : cost;
    });
    if (found) placed.push(found);
    return found;
  });
}

/** What is looked at when a box is put beside its anchor. */
export interface AttachOptions {
  /** Cells that a box may hide only where it must. */
  marks: readonly CellPoint[];
  /** Cells that no box may hide. */
  kept: readonly CellPoint[];
}

// Hiding a mark is as bad as standing this much further away, in columns.
const hiddenCost = 3;
// A box that another anchor is nearer to is taken for that one's.
const mistakenCost = 6;

/** How many marks lie in the rectangle from the top left corner to each cell: [rows + 1, columns + 1]. */
function prefixSums(points: readonly CellPoint[], { rows, columns }: Size): Int32Array {
  const width = columns + 1;
  const sums = new Int32Array((rows + 1) * width);
  for (const point of points) {
    const row = Math.round(point.row);
    const column = Math.round(point.column);
    if (row >= 0 && row < rows && column >= 0 && column < columns) sums[(row + 1) * width + column + 1]++;
  }
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const at = row * width + column;
      sums[at] += sums[at - 1] + sums[at - width] - sums[at - width - 1];
    }
  }
  return sums;
}

const within = (sums: Int32Array, width: number, box: Rectangle): number =>
  sums[(box.row + box.rows) * width + box.column + box.columns] -
  sums[box.row * width + box.column + box.columns] -
  sums[(box.row + box.rows) * width + box.column] +
  sums[box.row * width + box.column];

/** How far a box is from an anchor, in columns: 0 where it touches it. */
function distance({ row, column, rows, columns }: Rectangle, anchor: CellPoint): number {
  const down = Math.max(0, row - anchor.row - 1, anchor.row - (row + rows));
  const across = Math.max(0, column - anchor.column - 1, anchor.column - (column + columns));
  return Math.sqrt((rowWeight * down) ** 2 + across ** 2);
}

/**
 * A box beside each anchor: near it, inside the area, no two touching, hiding as few marks as can be and none of those
 * to be kept. Earlier anchors choose first. Every place is tried, so what finds none has none left.
 * @param size of every box, in cells
 * @returns a box an anchor, in the area's coordinates; nothing for one that found no room
 */
export function attachBoxes(
  anchors: readonly CellPoint[],
  size: Size,
  area: Size,
  { marks, kept }: AttachOptions,
): (Rectangle | undefined)[] {
  const markSums = prefixSums(marks, area);
  const keptSums = prefixSums(kept, area);
  const width = area.columns + 1;
  const placed: Rectangle[] = [];
  return anchors.map((anchor) => {
    const found = cheapest(size, area, (box, least) => {
      const away = distance(box, anchor);
      if (away >= least || within(keptSums, width, box) > 0) return Infinity;
      if (placed.some((other) => touches(box, other, usualGap))) return Infinity;
      const cost = away + hiddenCost * within(markSums, width, box);
      if (cost >= least) return Infinity;
      return anchors.some((other) => other !== anchor && distance(box, other) <= away) ? cost + mistakenCost : cost;
    });
    if (found) placed.push(found);
    return found;
  });
}

/** The largest of some sizes at which every anchor gets a box; with the smallest as many as find room. */
export function attachLargest(
  anchors: readonly CellPoint[],
  sizes: readonly Size[],
  area: Size,
  options: AttachOptions,
): { size: Size; boxes: (Rectangle | undefined)[] } {
  let boxes: (Rectangle | undefined)[] = anchors.map(() => undefined);
  for (const size of sizes) {
    boxes = attachBoxes(anchors, size, area, options);
    if (boxes.every((box) => box !== undefined)) return { size, boxes };
  }
  return { size: sizes.at(-1) ?? { rows: 0, columns: 0 }, boxes };
}

/**
 * Points of a map as cells of an area, its extremes at the area's borders.
 * @param positions [points, 2] row-major, x to the right and y upwards; points that are not finite go to the middle
 * @param margin cells kept free all around, such as half a picture
 * @param shape `stretched` fills the area; `true` keeps the map's proportions, a cell being twice as high as wide
 */
export function mapToCells(
  positions: ArrayLike<number>,
  area: Size,
  options: { margin?: Size; shape?: 'stretched' | 'true' } = {},
): CellPoint[] {
  const { margin = { columns: 0, rows: 0 }, shape = 'true' } = options;
  const points = Array.from({ length: Math.floor(positions.length / 2) }, (_, point) => [
    positions[2 * point],
    positions[2 * point + 1],
  ]);
  const [x, y] = [0, 1].map((axis) => {
    const [low, high] = rangeOf(points.map((point) => point[axis])) ?? [0, 0];
    return { low, span: high - low };
  });
  const room = {
    columns: Math.max(0, area.columns - 1 - 2 * margin.columns),
    rows: Math.max(0, area.rows - 1 - 2 * margin.rows),
  };
  const reach = { columns: x.span > 0 ? room.columns : 0, rows: y.span > 0 ? room.rows : 0 };
  if (shape === 'true' && x.span > 0 && y.span > 0) {
    // Either side may be endlessly longer than the other: their ratio is then 0 or infinite, never divided by itself.
    const columnsPerRow = rowWeight * (x.span / y.span);
    if (room.rows * columnsPerRow <= room.columns) reach.columns = room.rows * columnsPerRow;
    else reach.rows = room.columns / columnsPerRow;
  }
  const share = (value: number, { low, span }: typeof x): number =>
    Number.isFinite(value) && span > 0 ? (value - low) / span - 0.5 : 0;
  return points.map(([across, up]) => ({
    column: (area.columns - 1) / 2 + share(across, x) * reach.columns,
    row: (area.rows - 1) / 2 - share(up, y) * reach.rows,
  }));
}
