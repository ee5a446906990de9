import { expect } from 'vitest';
import type { Rectangle, Size } from '../../src/imaging/cells/cells.ts';

/** Whether an area lies on the screen. */
export const within = (area: Rectangle, size: Size): boolean =>
  area.row >= 0 &&
  area.column >= 0 &&
  area.rows >= 0 &&
  area.columns >= 0 &&
  area.row + area.rows <= size.rows &&
  area.column + area.columns <= size.columns;

/** Whether two areas have a cell in common. */
export const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.row < other.row + other.rows &&
  other.row < one.row + one.rows &&
  one.column < other.column + other.columns &&
  other.column < one.column + one.columns;

/** Fails where an area leaves the screen or two of them overlap. */
export function expectApart(areas: readonly Rectangle[], size: Size): void {
  expect(areas.filter((area) => !within(area, size))).toEqual([]);
  const clashes = areas.flatMap((area, index) =>
    areas.slice(index + 1).flatMap((other) => (overlap(area, other) ? [{ area, other }] : [])),
  );
  expect(clashes).toEqual([]);
}
