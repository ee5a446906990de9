import type { Cell, ColourDepth } from '../cells/cells.ts';
import { asciiShades, ramp, shades, type ColourMapName } from '../colour/colour-maps.ts';

/** Values that get the lowest and the highest level. */
export type Range = readonly [minimum: number, maximum: number];

/** The finite minimum and maximum; undefined when no value is finite. */
export function rangeOf(values: Iterable<number>): Range | undefined {
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return minimum <= maximum ? [minimum, maximum] : undefined;
}

/** The level 0..levels-1 of a value, infinities at the ends; in an empty range (minimum = maximum) the lowest. */
export function levelOf(value: number, [minimum, maximum]: Range, levels: number): number {
  if (!(maximum > minimum)) return 0;
  const place = Math.floor(((value - minimum) / (maximum - minimum)) * levels);
  return Math.min(levels - 1, Math.max(0, place));
}

/**
 * The cells of each level, dark to light or thin to dense: coloured blanks where there is colour, so that neighbours join
 * and runs encode shortly, shade characters where there is none.
 */
export function levelCells(map: ColourMapName, depth: ColourDepth, ascii = false): readonly Cell[] {
  if (depth === 'none') return (ascii ? asciiShades : shades).map((text) => ({ text }));
  return ramp(map, depth).map((background) => ({ text: ' ', background }));
}
