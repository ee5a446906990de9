import type { LayerEvolution, LayerMap } from '../../engine/analysis/questions/messages.ts';
import { findOutliers } from '../../engine/metrics/outliers.ts';
import { dashPatterns, type DashPattern } from '../../imaging/charts/braille.ts';
import type { CellGrid, Rgb } from '../../imaging/cells/cells.ts';
import { lineChart } from '../../imaging/charts/line-chart.ts';
import { categoryStyle } from '../../imaging/colour/palette.ts';
import { memoize } from '../frame/memoize.ts';
import { slotStart, slotWidth, type RecordWindow } from '../frame/records.ts';
import type { ToggleValues } from '../keys/toggles.ts';
import { clamp } from '../model/steps.ts';
import type { Theme } from '../theme/theme.ts';
import { bucketRange, valuesIn, type ShownEvolution } from './buckets.ts';
import { lineColour, selectedColour } from './strength.ts';

/** The neurons of an evolution whose lines deserve to be drawn, the strongest first; none whose value is not finite. */
const outliersOf = memoize((evolution: LayerEvolution, metric: string): number[] => {
  const { neurons, epochs } = evolution;
  const values = valuesIn(evolution, metric);
  const last = values.subarray((epochs.length - 1) * neurons, epochs.length * neurons);
  const known = Array.from(last.keys()).filter((neuron) => Number.isFinite(last[neuron]));
  const now = known.map((neuron) => last[neuron] ?? 0);
  // What was not known at first counts as unchanged.
  const before = known.map((neuron, place) => (Number.isFinite(values[neuron]) ? values[neuron] : (now[place] ?? 0)));
  return findOutliers([before, now]).map(({ index }) => known[index] ?? 0);
}, 4);

/** A neuron drawn as a line. */
interface NeuronLine {
  neuron: number;
  colour: Rgb | undefined;
  dash: DashPattern;
  /** Its number stands at its end. */
  isLabelled: boolean;
}

export interface LinesWanted {
  /** `chosen`: one neuron alone. */
  mode: ToggleValues['lines'] | 'chosen';
  /** Only for `chosen`: the neuron that the user chose. */
  neuron?: number | undefined;
  /** Only for `all` and `selected`. */
  map?: LayerMap | undefined;
  /** Only for `selected`. */
  cluster?: number;
}

/** Lines of a cluster that get a number; more would only be numbers. */
const labelledMembers = 12;

/** The lines to draw, the most important first: the outliers', then the others'. */
function linesOf(evolution: LayerEvolution, metric: string, wanted: LinesWanted, theme: Theme): NeuronLine[] {
  const { mode, neuron, map, cluster } = wanted;
  const all = Array.from({ length: evolution.neurons }, (_, one) => one);
  const plain = (one: number, isLabelled: boolean): NeuronLine => {
    const { colour } = categoryStyle(map?.labels[one] ?? 0, theme.background === 'light');
    return { neuron: one, colour: theme.depth === 'none' ? undefined : colour, dash: [], isLabelled };
  };
  const outliers = (): NeuronLine[] =>
    outliersOf(evolution, metric).map((one, place) => ({
      neuron: one,
      colour: lineColour(place, theme),
      dash: theme.depth === 'none' ? dashPatterns[place % dashPatterns.length] : [],
      isLabelled: true,
    }));
  switch (mode) {
    case 'none':
      return [];
    case 'chosen':
      return neuron !== undefined && neuron < evolution.neurons
        ? [{ neuron, colour: selectedColour(theme), dash: [], isLabelled: true }]
        : [];
    case 'selected':
      return all.filter((one) => map?.labels[one] === cluster).map((one, place) => plain(one, place < labelledMembers));
    case 'outliers':
      return outliers();
    case 'all': {
      const first = outliers();
      const drawn = new Set(first.map((line) => line.neuron));
      return [...first, ...all.filter((one) => !drawn.has(one)).map((one) => plain(one, false))];
    }
  }
}

/** A line's end: its neuron's number belongs at this row (fractions count), in this colour. */
export interface LineEnd {
  neuron: number;
  row: number;
  colour: Rgb | undefined;
}

export interface LineGrid {
  /** Blank where no line is. */
  cells: CellGrid;
  ends: LineEnd[];
}

/** Lines over the levels, a point of each in the middle of an epoch's slot. */
export const lineGrid = memoize(
  (
    evolution: ShownEvolution,
    metric: string,
    wanted: LinesWanted,
    rows: number,
    window: RecordWindow,
    theme: Theme,
  ): LineGrid => {
    const range = bucketRange(evolution, metric);
    const values = valuesIn(evolution, metric);
    const lines = linesOf(evolution, metric, wanted, theme);
    const valueAt = (index: number, one: number): number =>
      values[(window.first + index) * evolution.neurons + one] ?? Number.NaN;
    const cells = lineChart({
      rows,
      columns: window.width,
      range,
      series: lines.map(({ neuron, colour, dash }) => ({
        values: Array.from({ length: window.count }, (_, index) => valueAt(index, neuron)),
        ...(colour && { colour }),
        dash,
      })),
      place: (index) => slotStart(window, index) + slotWidth(window, index) / 2,
      ascii: theme.ascii,
    });
    const dots = theme.ascii ? 1 : 4;
    const rowOf = (value: number): number =>
      (clamp((range[1] - value) / (range[1] - range[0]), 0, 1) * (rows * dots - 1)) / dots;
    const ends = lines
      .map(({ neuron, colour, isLabelled }) => ({
        neuron,
        colour,
        isLabelled,
        last: valueAt(window.count - 1, neuron),
      }))
      .filter(({ isLabelled, last }) => isLabelled && Number.isFinite(last))
      .map(({ neuron, colour, last }) => ({ neuron, colour, row: rowOf(last) }));
    return { cells, ends };
  },
  4,
);

/** Lines over lines: the ends of those above come first. */
export function overLines(upper: LineGrid, lower: LineGrid): LineGrid {
  if (upper.ends.length === 0) return lower;
  const known = new Set(upper.ends.map(({ neuron }) => neuron));
  return {
    cells: lower.cells.map((row, index) =>
      row.map((cell, column) => {
        const above = upper.cells[index]?.[column];
        return above && above.text !== ' ' ? above : cell;
      }),
    ),
    ends: [...upper.ends, ...lower.ends.filter(({ neuron }) => !known.has(neuron))],
  };
}

/** Lines over levels: where a line is, what is behind it gives the background. */
export function overLevels(lines: CellGrid, levels: CellGrid, behind: CellGrid): CellGrid {
  return lines.map((row, index) =>
    row.map((cell, column) => {
      if (cell.text === ' ') return levels[index]?.[column] ?? cell;
      const background = behind[index]?.[column]?.background;
      return background ? { ...cell, background } : cell;
    }),
  );
}

/**
 * Rows for labels that want to stand at given heights: one row each, in the order of what they want, inside 0..rows-1,
 * and with the smallest sum of squared distances to it (isotonic regression by pooling adjacent violators; Barlow and
 * others, 1972).
 * @param wanted a row a label, finite, fractions count; the first are the most important
 * @returns a row a label; nothing for those that found no room, the least important
 */
export function spreadLabels(wanted: readonly number[], rows: number): (number | undefined)[] {
  const order = wanted
    .map((row, label) => ({ row, label }))
    .slice(0, Math.max(0, rows))
    .sort((one, other) => one.row - other.row || one.label - other.label);
  // With a row taken off for each label before it, "one row apart" becomes "not descending".
  const pools: { mean: number; count: number }[] = [];
  order.forEach(({ row }, place) => {
    let pool = { mean: row - place, count: 1 };
    for (let before = pools.at(-1); before && before.mean > pool.mean; before = pools.at(-1)) {
      const count = before.count + pool.count;
      pool = { mean: (before.mean * before.count + pool.mean * pool.count) / count, count };
      pools.pop();
    }
    pools.push(pool);
  });
  const result = new Array<number | undefined>(wanted.length).fill(undefined);
  const last = rows - order.length;
  let place = 0;
  for (const { mean, count } of pools) {
    const row = clamp(Math.round(mean), 0, last);
    for (let index = 0; index < count; index++, place++) {
      const entry = order[place];
      if (entry) result[entry.label] = row + place;
    }
  }
  return result;
}
