import type { Side } from '../../engine/analysis/comparison/compared-runs.ts';
import type { Range } from '../../imaging/charts/heatmap.ts';
import { rangeOf } from '../../imaging/charts/heatmap.ts';
import { memoize } from '../frame/memoize.ts';
import { comparedSides, rowsOf, sideValue, slotsFor, type ComparisonState } from './state.ts';

/** A matched layer on both sides, a value a slot, and where they lie. */
interface ComparedRow {
  a: (number | undefined)[];
  b: (number | undefined)[];
  /** b - a, where both are finite. */
  difference: (number | undefined)[];
  /** Of both sides: one scale. */
  range: Range;
  /** About zero. */
  span: Range;
}

/** What the maps of a comparison show. */
export interface ComparedMaps {
  rows: readonly ComparedRow[];
  /** The same of all rows together. */
  range: Range;
  span: Range;
}

/** Where all are zero it still has two sides: no colour of either then. */
const around = (values: readonly (number | undefined)[]): Range => {
  const most = values.reduce<number>((largest, value = 0) => Math.max(largest, Math.abs(value)), 0) || 1;
  return [-most, most];
};

const within = (values: Iterable<number>): Range => rangeOf(values) ?? [0, 0];

const present = (value: number | undefined): value is number => value !== undefined;

/** Every layer of two sides over the slots of a width: made once, shown as often as the cursor moves. */
export const mapsOf = memoize((a: Side, b: Side, metric: string, width: number, byShare: boolean): ComparedMaps => {
  const slots = slotsFor([a, b], width, byShare);
  const valuesOf = (side: Side, layer: number | undefined): (number | undefined)[] =>
    Array.from({ length: slots.count }, (_, slot) => {
      const record = slots.place(side, slot);
      return layer === undefined || record === undefined ? undefined : sideValue(side, metric, layer, record);
    });
  const rows = rowsOf(a, b, metric).map(({ places }): ComparedRow => {
    const [one, other] = [valuesOf(a, places[0]), valuesOf(b, places[1])];
    const difference = one.map((value, slot) => {
      const distance = (other[slot] ?? Number.NaN) - (value ?? Number.NaN);
      return Number.isFinite(distance) ? distance : undefined;
    });
    const range = within([...one, ...other].filter(present));
    return { a: one, b: other, difference, range, span: around(difference) };
  });
  return {
    rows,
    range: within(rows.flatMap(({ range }) => range)),
    span: around(rows.flatMap(({ difference }) => difference)),
  };
}, 4);

/** The maps of the sides that are compared. */
export const mapsIn = ({ sides, other }: ComparisonState, metric: string, width: number, byShare: boolean) =>
  mapsOf(...comparedSides(sides, other), metric, width, byShare);
