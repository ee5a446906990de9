import type { LayerEvolution, LayerMap } from '../../engine/analysis/questions/messages.ts';
import { findOutliers } from '../../engine/metrics/outliers.ts';
import { BrailleCanvas, dashPatterns, type DashPattern } from '../../imaging/charts/braille.ts';
import type { Cell, CellGrid, Rgb } from '../../imaging/cells/cells.ts';
import { blankGrid } from '../../imaging/cells/grid.ts';
import { categoryStyle } from '../../imaging/colour/palette.ts';
import type { EpochColumns } from '../frame/layout.ts';
import { bucketRange, valuesIn } from './buckets.ts';
import type { ToggleValues } from '../keys/toggles.ts';
import type { Theme } from '../theme/theme.ts';
import { dotOfEpoch } from './levels.ts';
import { memoize } from '../frame/memoize.ts';
import { lineColour, selectedColour } from './strength.ts';

const found = new WeakMap<LayerEvolution, Map<string, readonly number[]>>();

/** The neurons of an evolution whose lines deserve to be drawn, the strongest first; none whose value is not finite. */
function outliersOf(evolution: LayerEvolution, metric: string): readonly number[] {
  const known = found.get(evolution) ?? new Map<string, readonly number[]>();
  found.set(evolution, known);
  const result = known.get(metric) ?? outliersIn(evolution, valuesIn(evolution, metric));
  known.set(metric, result);
  return result;
}

function outliersIn({ neurons, epochs }: LayerEvolution, values: Float64Array): number[] {
  const last = values.subarray((epochs.length - 1) * neurons, epochs.length * neurons);
  const known = Array.from(last.keys()).filter((neuron) => Number.isFinite(last[neuron]));
  const now = known.map((neuron) => last[neuron] ?? 0);
  // What was not known at first counts as unchanged.
  const before = known.map((neuron, place) => (Number.isFinite(values[neuron]) ? values[neuron] : (now[place] ?? 0)));
  return findOutliers([before, now]).map(({ index }) => known[index] ?? 0);
}

/** A neuron drawn as a line. */
export interface NeuronLine {
  neuron: number;
  colour: Rgb | undefined;
  dash: DashPattern;
  /** Its number stands at its end. */
  isLabelled: boolean;
}

export interface LinesWanted {
  evolution: LayerEvolution;
  map: LayerMap | undefined;
  metric: string;
  /** `chosen`: one neuron alone. */
  mode: ToggleValues['lines'] | 'chosen';
  /** The neuron that the user chose: only for `chosen`. */
  neuron: number | undefined;
  /** Only for `selected`. */
  cluster: number;
}

/** Lines of a cluster that get a number; more would only be numbers. */
const labelledMembers = 12;

/** The lines to draw, the most important first: the outliers', then the others'. */
export function linesOf({ evolution, map, metric, mode, neuron, cluster }: LinesWanted, theme: Theme): NeuronLine[] {
  if (mode === 'none') return [];
  const isLight = theme.background === 'light';
  const clusterColour = (one: number): Rgb | undefined =>
    theme.depth === 'none' ? undefined : categoryStyle(map?.labels[one] ?? 0, isLight).colour;
  const outliers = outliersOf(evolution, metric);
  const all = Array.from({ length: evolution.neurons }, (_, one) => one);
  const members = map ? all.filter((one) => map.labels[one] === cluster) : [];
  const lines = new Map<number, NeuronLine>();
  const add = (one: number, colour: Rgb | undefined, dash: DashPattern, isLabelled: boolean): void => {
    if (!lines.has(one)) lines.set(one, { neuron: one, colour, dash, isLabelled });
  };
  if (mode === 'chosen') {
    if (neuron !== undefined && neuron < evolution.neurons) add(neuron, selectedColour(theme), [], true);
    return [...lines.values()];
  }
  if (mode === 'selected') {
    members.forEach((one, place) => add(one, clusterColour(one), [], place < labelledMembers));
    return [...lines.values()];
  }
  outliers.forEach((one, place) =>
    add(
      one,
      lineColour(place, theme),
      theme.depth === 'none' ? (dashPatterns[place % dashPatterns.length] ?? []) : [],
      true,
    ),
  );
  if (mode === 'all') for (const one of all) add(one, clusterColour(one), [], false);
  return [...lines.values()];
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

const asciiMarks = Array.from('*+ox#@');

function asciiLine(cells: CellGrid, points: readonly (readonly [number, number])[], cell: Cell): void {
  points.forEach(([x, y], place) => {
    const [fromX, fromY] = points[place - 1] ?? [x, y];
    for (let column = fromX; column <= x; column++) {
      const share = x === fromX ? 1 : (column - fromX) / (x - fromX);
      const row = cells[Math.round(fromY + share * (y - fromY))];
      if (row && column >= 0 && column < row.length) row[column] = cell;
    }
  });
}

/**
 * Lines over the levels, in dots of 2 x 4 a cell (in ASCII a mark a column).
 * @param first the window's first epoch, a position in the evolution @param count epochs in the window
 */
export const lineGrid = memoize(
  (
    evolution: LayerEvolution,
    map: LayerMap | undefined,
    metric: string,
    mode: ToggleValues['lines'] | 'chosen',
    neuron: number | undefined,
    cluster: number,
    rows: number,
    first: number,
    count: number,
    slots: number,
    width: number,
    theme: Theme,
  ): LineGrid => {
    const columns: EpochColumns = { slots, width };
    const range = bucketRange(evolution, metric);
    const values = valuesIn(evolution, metric);
    const lines = linesOf({ evolution, map, metric, mode, neuron, cluster }, theme);
    const dots = theme.ascii ? 1 : 4;
    const height = rows * dots;
    const rowOf = (value: number): number =>
      Math.max(0, Math.min(1, (range.high - value) / (range.high - range.low))) * (height - 1);
    const valueAt = (epoch: number, one: number): number => values[epoch * evolution.neurons + one] ?? Number.NaN;
    const canvas = new BrailleCanvas(width, rows);
    const marks = blankGrid({ rows, columns: width });
    // The most important last: a cell has the colour of its last dot.
    for (const [place, line] of [...lines.entries()].reverse()) {
      const points = Array.from({ length: count }, (_, index) => {
        const x = dotOfEpoch(columns, index);
        return [theme.ascii ? x >> 1 : x, valueAt(first + index, line.neuron)] as const;
      })
        .filter(([, value]) => Number.isFinite(value))
        .map(([x, value]) => [x, Math.round(rowOf(value))] as const);
      if (theme.ascii) {
        const text = asciiMarks[place % asciiMarks.length] ?? '*';
        asciiLine(marks, points, { text, ...(line.colour && { foreground: line.colour }) });
        continue;
      }
      let phase = 0;
      points.forEach(([x, y], index) => {
        const before = points[index - 1];
        if (before) phase = canvas.line(before[0], before[1], x, y, line.colour, line.dash, phase);
        else canvas.dot(x, y, line.colour);
      });
    }
    const last = first + count - 1;
    const ends = lines
      .filter(({ isLabelled, neuron: one }) => isLabelled && Number.isFinite(valueAt(last, one)))
      .map(({ neuron: one, colour }) => ({ neuron: one, colour, row: rowOf(valueAt(last, one)) / dots }));
    return { cells: theme.ascii ? marks : canvas.toGrid(), ends };
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
    const row = Math.max(0, Math.min(last, Math.round(mean)));
    for (let index = 0; index < count; index++, place++) {
      const entry = order[place];
      if (entry) result[entry.label] = row + place;
    }
  }
  return result;
}
