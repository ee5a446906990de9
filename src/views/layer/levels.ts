import type { LayerEvolution } from '../../engine/analysis/questions/messages.ts';
import type { Cell, CellGrid } from '../../imaging/cells/cells.ts';
import { slotStart, slotWidth, type EpochColumns } from '../frame/layout.ts';
import { bucketCounts } from './buckets.ts';
import type { Theme } from '../theme/theme.ts';
import { memoize } from '../frame/memoize.ts';
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
  Math.max(0, Math.min(rows - 1, Math.floor(((levels - level - 0.5) / levels) * rows)));

/**
 * How many neurons lie in each level, as cells: an epoch as wide as its slot.
 * @param first the window's first epoch, a position in the evolution @param count epochs in the window
 */
export const levelGrid = memoize(
  (
    evolution: LayerEvolution,
    metric: string,
    levels: number,
    rows: number,
    first: number,
    count: number,
    slots: number,
    width: number,
    theme: Theme,
  ): LevelGrid => {
    const counts = bucketCounts(evolution, metric, levels);
    const most = counts.reduce((largest, one) => Math.max(largest, one), 1) / Math.max(1, evolution.neurons);
    const strengths = strengthLevels(theme);
    const halves = hasHalves(theme) ? 2 : 1;
    const parts = rows * halves;
    const strengthAt = (epoch: number, part: number): number => {
      const [from, end] = levelsAt(part, parts, levels);
      let count = 0;
      for (let level = from; level < end; level++) count = Math.max(count, counts[epoch * levels + level] ?? 0);
      return strengthOf(count / Math.max(1, evolution.neurons), most, strengths);
    };
    const columns: EpochColumns = { slots, width };
    const grid = (draw: (epoch: number, row: number) => Cell): CellGrid =>
      Array.from({ length: rows }, (_, row) =>
        Array.from({ length: count }, (__, index) => {
          const cell = draw(first + index, row);
          return new Array<Cell>(slotWidth(columns, index)).fill(cell);
        }).flat(),
      );
    const both = (epoch: number, row: number): readonly [number, number] => [
      strengthAt(epoch, row * halves),
      strengthAt(epoch, row * halves + halves - 1),
    ];
    return {
      most,
      cells: grid((epoch, row) => halvesCell(...both(epoch, row), theme)),
      behind: grid((epoch, row) => strengthCell(Math.max(...both(epoch, row)), theme)),
    };
  },
);

/** The middle of an epoch's slot, in half cells: dots of a braille line. */
export const dotOfEpoch = (columns: EpochColumns, index: number): number =>
  slotStart(columns, index) * 2 + slotWidth(columns, index);
