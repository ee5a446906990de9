import { BrailleCanvas, dashPatterns, type DashPattern } from './braille.ts';
import type { CellGrid, Rgb, Size } from '../cells/cells.ts';
import { blankGrid } from '../cells/grid.ts';
import type { Range } from './heatmap.ts';

export interface Series {
  /** One value per step; NaN and infinities leave a gap. */
  values: ArrayLike<number>;
  colour?: Rgb;
  /** By default the next of {@link dashPatterns}. */
  dash?: DashPattern;
  /** The character in ASCII charts; by default the next of `*+ox#@`. */
  asciiMark?: string;
}

export interface LineChartOptions extends Size {
  /** The first is drawn last, on top. */
  series: readonly Series[];
  /** Bottom and top. */
  range: Range;
  /** Where in cells from the left a step's value stands (fractions count), so that it is exactly under a heatmap's. */
  place: (step: number) => number;
  ascii?: boolean;
}

const asciiMarks = Array.from('*+ox#@');

/**
 * Lines over steps in braille dots (2 x 4 a cell), told apart by dashes as well as by colour; in ASCII a mark a column.
 */
export function lineChart(options: LineChartOptions): CellGrid {
  const { series, rows, columns, range } = options;
  if (rows <= 0 || columns <= 0) return blankGrid({ rows: Math.max(0, rows), columns: Math.max(0, columns) });
  const dotsAcross = options.ascii ? 1 : 2;
  const dotsDown = options.ascii ? 1 : 4;
  const height = rows * dotsDown;
  const place = (step: number): number => Math.floor(options.place(step) * dotsAcross);
  const level = (value: number): number =>
    range[1] > range[0]
      ? Math.round(Math.min(1, Math.max(0, (range[1] - value) / (range[1] - range[0]))) * (height - 1))
      : Math.floor(height / 2);
  const points = series.map(({ values }) =>
    Array.from(values, (value, step) => (Number.isFinite(value) ? { x: place(step), y: level(value) } : undefined)),
  );
  return options.ascii ? asciiLines(options, points) : brailleLines(new BrailleCanvas(columns, rows), series, points);
}

type Points = readonly ({ x: number; y: number } | undefined)[];

function brailleLines(canvas: BrailleCanvas, series: readonly Series[], points: readonly Points[]): CellGrid {
  for (let index = series.length - 1; index >= 0; index--) {
    const { colour, dash = dashPatterns[index % dashPatterns.length] } = series[index];
    let phase = 0;
    points[index].forEach((point, step) => {
      const before = points[index][step - 1];
      if (point && before) phase = canvas.line(before.x, before.y, point.x, point.y, colour, dash, phase);
      else if (point) canvas.dot(point.x, point.y, colour);
    });
  }
  return canvas.toGrid();
}

function asciiLines({ series, rows, columns }: LineChartOptions, points: readonly Points[]): CellGrid {
  const grid = blankGrid({ rows, columns });
  for (let index = series.length - 1; index >= 0; index--) {
    const { colour, asciiMark = asciiMarks[index % asciiMarks.length] } = series[index];
    const cell = { text: asciiMark, ...(colour && { foreground: colour }) };
    points[index].forEach((point, step) => {
      if (!point) return;
      const before = points[index][step - 1] ?? point;
      for (let x = Math.max(0, before.x); x <= Math.min(columns - 1, point.x); x++) {
        const share = point.x === before.x ? 1 : (x - before.x) / (point.x - before.x);
        grid[Math.round(before.y + share * (point.y - before.y))][x] = cell;
      }
    });
  }
  return grid;
}
