import type { Rectangle, Size } from '../../imaging/cells/cells.ts';
import type { CellPoint } from '../frame/placement.ts';

/** What is looked at when a box is put beside its anchor. */
export interface AttachOptions {
  /** Cells that a box may hide only where it must. */
  marks: readonly CellPoint[];
  /** Cells that no box may hide. */
  kept: readonly CellPoint[];
}

// A cell is about twice as high as it is wide.
const rowWeight = 2;
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

const touches = (one: Rectangle, other: Rectangle): boolean =>
  one.row < other.row + other.rows &&
  other.row < one.row + one.rows &&
  one.column < other.column + other.columns + 1 &&
  other.column < one.column + one.columns + 1;

/** How far a box at a place is from an anchor, in columns: 0 where it touches it. */
function distance(row: number, column: number, { rows, columns }: Size, anchor: CellPoint): number {
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
  const { rows, columns } = size;
  if (rows < 1 || columns < 1 || rows > area.rows || columns > area.columns) return anchors.map(() => undefined);
  const markSums = prefixSums(marks, area);
  const keptSums = prefixSums(kept, area);
  const width = area.columns + 1;
  const placed: Rectangle[] = [];
  return anchors.map((anchor) => {
    let best: { box: Rectangle; cost: number } | undefined;
    for (let row = 0; row <= area.rows - rows; row++) {
      for (let column = 0; column <= area.columns - columns; column++) {
        const away = distance(row, column, size, anchor);
        if (best && away >= best.cost) continue;
        const box = { row, column, rows, columns };
        if (within(keptSums, width, box) > 0 || placed.some((other) => touches(box, other))) continue;
        let cost = away + hiddenCost * within(markSums, width, box);
        if (best && cost >= best.cost) continue;
        const isMistaken = (other: CellPoint): boolean =>
          other !== anchor && distance(row, column, size, other) <= away;
        if (anchors.some(isMistaken)) cost += mistakenCost;
        if (!best || cost < best.cost) best = { box, cost };
      }
    }
    if (best) placed.push(best.box);
    return best?.box;
  });
}

/** The largest of some sizes at which every anchor gets a box; with the smallest as many as find room. */
export function attachLargest(
  anchors: readonly CellPoint[],
  sizes: readonly Size[],
  area: Size,
  options: AttachOptions,
): { size: Size; boxes: (Rectangle | undefined)[] } {
  let result: { size: Size; boxes: (Rectangle | undefined)[] } = {
    size: { rows: 0, columns: 0 },
    boxes: anchors.map(() => undefined),
  };
  for (const size of sizes) {
    result = { size, boxes: attachBoxes(anchors, size, area, options) };
    if (result.boxes.every((box) => box !== undefined)) break;
  }
  return result;
}
