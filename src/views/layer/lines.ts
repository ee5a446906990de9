import type { LayerEvolution, LayerMap } from '../../engine/analysis/questions/messages.ts';
import { BrailleCanvas, dashPatterns, type DashPattern } from '../../imaging/charts/braille.ts';
import type { Cell, CellGrid, Rgb } from '../../imaging/cells/cells.ts';
import { blankGrid } from '../../imaging/cells/grid.ts';
import { categoryStyle } from '../../imaging/colour/palette.ts';
import type { EpochColumns } from '../frame/layout.ts';
import { bucketRange } from './buckets.ts';
import type { ToggleValues } from '../keys/toggles.ts';
import { outliersOf } from './outliers.ts';
import type { Metric } from '../model/run-model.ts';
import type { Theme } from '../theme/theme.ts';
import { dotOfEpoch } from './levels.ts';
import { memoize } from '../frame/memoize.ts';
import { lineColour, selectedColour } from './strength.ts';

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
  metric: Metric;
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
  const outliers = outliersOf(evolution, metric).map(({ index }) => index);
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
    metric: Metric,
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
    const lines = linesOf({ evolution, map, metric, mode, neuron, cluster }, theme);
    const dots = theme.ascii ? 1 : 4;
    const height = rows * dots;
    const rowOf = (value: number): number =>
      Math.max(0, Math.min(1, (range.high - value) / (range.high - range.low))) * (height - 1);
    const valueAt = (epoch: number, one: number): number =>
      evolution.metrics[metric][epoch * evolution.neurons + one] ?? Number.NaN;
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
