import type { Rectangle, Size } from '../../imaging/cells/cells.ts';

/** A picture that wants a place: the cell its centre belongs at (fractions count), and its size in cells. */
export interface Placeable {
  row: number;
  column: number;
  rows: number;
  columns: number;
}

// A cell is about twice as high as it is wide: a row away is as far as two columns away.
const rowWeight = 2;

/** Columns where a rectangle may not begin: (after, before), both excluded. */
type Barrier = readonly [after: number, before: number];

/** The free column nearest to the wanted one, of 0..last; nothing if all are taken. */
function nearestFree(wanted: number, last: number, barriers: readonly Barrier[]): number | undefined {
  const isFree = (column: number): boolean =>
    column >= 0 && column <= last && barriers.every(([after, before]) => column <= after || column >= before);
  const candidates = [wanted, ...barriers.flat()].filter(isFree);
  return candidates.reduce<number | undefined>(
    (best, column) => (best === undefined || Math.abs(column - wanted) < Math.abs(best - wanted) ? column : best),
    undefined,
  );
}

/**
 * Rectangles as near as can be to where they belong, none over another, all inside the area. Earlier ones choose
 * first, so the most important should come first.
 * @param gap cells kept free between two, by default one column and no row
 * @returns a rectangle an item, in the area's own coordinates; nothing for one that found no room
 */
export function placeApart(
  items: readonly Placeable[],
  area: Size,
  gap: Size = { columns: 1, rows: 0 },
): (Rectangle | undefined)[] {
  const placed: Rectangle[] = [];
  return items.map(({ row, column, rows, columns }) => {
    const lastRow = area.rows - rows;
    const lastColumn = area.columns - columns;
    if (lastRow < 0 || lastColumn < 0 || rows < 1 || columns < 1) return undefined;
    const start = (at: number, size: number, last: number): number =>
      Math.max(0, Math.min(last, Math.round((Number.isFinite(at) ? at : 0) - (size - 1) / 2)));
    const wanted = { row: start(row, rows, lastRow), column: start(column, columns, lastColumn) };
    let best: { row: number; column: number; cost: number } | undefined;
    // Nearest rows first, so that a row too far away to be better ends the search.
    for (let step = 0; step <= lastRow; step++) {
      if (best && (rowWeight * step) ** 2 >= best.cost) break;
      for (const at of step === 0 ? [wanted.row] : [wanted.row - step, wanted.row + step]) {
        if (at < 0 || at > lastRow) continue;
        const barriers = placed
          .filter((other) => at < other.row + other.rows + gap.rows && other.row < at + rows + gap.rows)
          .map((other): Barrier => [other.column - columns - gap.columns, other.column + other.columns + gap.columns]);
        const free = nearestFree(wanted.column, lastColumn, barriers);
        if (free === undefined) continue;
        const cost = (rowWeight * step) ** 2 + (free - wanted.column) ** 2;
        if (!best || cost < best.cost) best = { row: at, column: free, cost };
      }
    }
    if (!best) return undefined;
    const rectangle = { row: best.row, column: best.column, rows, columns };
    placed.push(rectangle);
    return rectangle;
  });
}

/** A point of an area, in cells: fractions count. */
export interface CellPoint {
  row: number;
  column: number;
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
  const xs = coordinates(positions, 0);
  const ys = coordinates(positions, 1);
  const x = extent(xs);
  const y = extent(ys);
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
  const share = (value: number, { low, span }: Extent): number =>
    Number.isFinite(value) && span > 0 ? (value - low) / span - 0.5 : 0;
  return xs.map((value, point) => ({
    column: (area.columns - 1) / 2 + share(value, x) * reach.columns,
    row: (area.rows - 1) / 2 - share(ys[point] ?? NaN, y) * reach.rows,
  }));
}

const coordinates = (positions: ArrayLike<number>, axis: number): number[] =>
  Array.from({ length: Math.floor(positions.length / 2) }, (_, point) => positions[2 * point + axis] ?? NaN);

interface Extent {
  low: number;
  span: number;
}

function extent(values: readonly number[]): Extent {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { low, span: high - low } : { low: 0, span: 0 };
}
