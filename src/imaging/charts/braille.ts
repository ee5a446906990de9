import type { Cell, CellGrid, Rgb } from '../cells/cells.ts';
import { blankCell } from '../cells/grid.ts';

// Bit of the dot at [y % 4][x % 2], Unicode's order.
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** Lengths of dots drawn and left out in turn, starting with drawn; empty is a solid line. */
export type DashPattern = readonly number[];

/** Patterns by which lines differ without colour, most different first. */
export const dashPatterns: readonly DashPattern[] = [[], [1, 2], [4, 3], [6, 2, 1, 2], [2, 2], [8, 3]];

/** A canvas of dots, 2 x 4 a cell; (0, 0) is the top left dot. */
export class BrailleCanvas {
  readonly #bits: Uint8Array;
  readonly #colours: (Rgb | undefined)[];
  readonly columns: number;
  readonly rows: number;

  /** @param columns cells across @param rows cells down */
  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#bits = new Uint8Array(columns * rows);
    this.#colours = new Array<Rgb | undefined>(columns * rows);
  }

  /** Inks a dot; outside the canvas nothing happens. A cell has the colour of its last dot. */
  dot(x: number, y: number, colour?: Rgb): void {
    if (x < 0 || y < 0 || x >= this.columns * 2 || y >= this.rows * 4) return;
    const cell = Math.floor(y / 4) * this.columns + Math.floor(x / 2);
    this.#bits[cell] |= dotBits[y % 4][x % 2];
    this.#colours[cell] = colour;
  }

  /**
   * A line between two dots (Bresenham), both included.
   * @param phase dots of the pattern already used up @returns the phase to go on with, so that dashes run through corners
   */
  line(x0: number, y0: number, x1: number, y1: number, colour?: Rgb, dash: DashPattern = [], phase = 0): number {
    const stepX = Math.sign(x1 - x0);
    const stepY = Math.sign(y1 - y0);
    const width = Math.abs(x1 - x0);
    const height = Math.abs(y1 - y0);
    let error = width - height;
    let [x, y] = [x0, y0];
    for (;;) {
      if (isInked(dash, phase)) this.dot(x, y, colour);
      if (x === x1 && y === y1) return phase;
      phase++;
      const twice = 2 * error;
      if (twice > -height) {
        error -= height;
        x += stepX;
      }
      if (twice < width) {
        error += width;
        y += stepY;
      }
    }
  }

  /** The cells; blank where no dot is. */
  toGrid(): CellGrid {
    return Array.from({ length: this.rows }, (_, row) =>
      Array.from({ length: this.columns }, (__, column): Cell => {
        const cell = row * this.columns + column;
        const bits = this.#bits[cell];
        if (bits === 0) return blankCell;
        const foreground = this.#colours[cell];
        return { text: String.fromCharCode(0x2800 + bits), ...(foreground && { foreground }) };
      }),
    );
  }
}

function isInked(dash: DashPattern, phase: number): boolean {
  if (dash.length === 0) return true;
  let rest = phase % dash.reduce((sum, length) => sum + length, 0);
  for (const [index, length] of dash.entries()) {
    if (rest < length) return index % 2 === 0;
    rest -= length;
  }
  return false;
}
