import type { Cell, CellGrid } from '../../imaging/cells/cells.ts';
import { memoize } from '../frame/memoize.ts';
import { slotWidth, type RecordWindow } from '../frame/records.ts';
import { clamp } from '../model/steps.ts';
import type { Theme } from '../theme/theme.ts';
import { bucketCounts, type ShownEvolution } from './buckets.ts';
import { halvesCell, hasHalves, strengthCell, strengthLevels, strengthOf } from './strength.ts';

/** The levels of an evolution as cells, and what they stand for. */
export interface LevelGrid {
  cells: CellGrid;
  /** The stronger of a cell's two halves: what is behind a line that is drawn over it. */
  behind: CellGrid;
  /** The share of neurons, 0..1, that the greatest strength stands for. */
  most: number;
}

/** The levels that a part of the plot's height covers: [first, end), of `levels`, the lowest at the bottom. */
export function levelsAt(part: number, parts: number, levels: number): readonly [first: number, end: number] {
  const first = Math.floor(((parts - 1 - part) * levels) / parts);
  const end = Math.ceil(((parts - part) * levels) / parts);
  // A level that only a sliver of the part belongs to is the neighbour's.
  if (levels < parts) {
    const middle = Math.floor(((parts - part - 0.5) * levels) / parts);
    return [middle, middle + 1];
  }
  return [first, Math.max(first + 1, end)];
}

/** The row of cells in which a level's middle lies, from the top. */
export const rowOfLevel = (level: number, rows: number, levels: number): number =>
  clamp(Math.floor(((levels - level - 0.5) / levels) * rows), 0, rows - 1);

/** How many neurons lie in each level, as cells: an epoch of the window as wide as its slot. */
export const levelGrid = memoize(
  (
    evolution: ShownEvolution,
    metric: string,
    levels: number,
    rows: number,
    window: RecordWindow,
    theme: Theme,
  ): LevelGrid => {
    const counts = bucketCounts(evolution, metric, levels);
    const most = counts.reduce((largest, one) => Math.max(largest, one), 1) / Math.max(1, evolution.neurons);
    const strengths = strengthLevels(theme);
    const halves = hasHalves(theme) ? 2 : 1;
    const parts = rows * halves;
    const strengthAt = (epoch: number, part: number): number => {
      const [from, end] = levelsAt(part, parts, levels);
      const count = Math.max(0, ...counts.subarray(epoch * levels + from, epoch * levels + end));
      return strengthOf(count / Math.max(1, evolution.neurons), most, strengths);
    };
    const grid = (draw: (upper: number, lower: number) => Cell): CellGrid =>
      Array.from({ length: rows }, (_, row) =>
        Array.from({ length: window.count }, (__, index) => {
          const epoch = window.first + index;
          const cell = draw(strengthAt(epoch, row * halves), strengthAt(epoch, row * halves + halves - 1));
          return new Array<Cell>(slotWidth(window, index)).fill(cell);
        }).flat(),
      );
    return {
      most,
      cells: grid((upper, lower) => halvesCell(upper, lower, theme)),
      behind: grid((upper, lower) => strengthCell(Math.max(upper, lower), theme)),
    };
  },
);
