import type { Picture, Raster } from '../../imaging/cells/cells.ts';
import { frameCells, type Frame } from '../../views/frame/frame.ts';
import type { Line } from '../../views/text/spans.ts';
import type { Theme } from '../../views/theme/theme.ts';
import type { Drawn } from '../picture-output.ts';

/** Cells that a small picture takes, with the blank one to its right. */
export interface TileSize {
  columns: number;
  rows: number;
}

/** Pictures side by side, from a column on. */
export interface TileGroup {
  column: number;
  rasters: readonly Raster[];
}

/** Text and small pictures one below the other, as long as they are: what is printed once and scrolls. */
export class Page {
  readonly columns: number;
  readonly #lines: Line[] = [];
  readonly #pictures: Picture[] = [];

  constructor(columns: number) {
    this.columns = columns;
  }

  add(...lines: readonly Line[]): void {
    this.#lines.push(...lines);
  }

  /** Places for groups of pictures beside one another; what does not fit is left out. */
  beside(groups: readonly (readonly Raster[])[], { columns }: TileSize, indent: number): TileGroup[] {
    const placed: TileGroup[] = [];
    let column = indent;
    for (const rasters of groups) {
      const width = rasters.length * (columns + 1) - 1;
      if (rasters.length === 0 || column + width > this.columns) continue;
      placed.push({ column, rasters });
      column += width + 3;
    }
    return placed;
  }

  /** A row of pictures; those that reach over the edge are left out. */
  tiles(groups: readonly TileGroup[], { columns, rows }: TileSize): void {
    const row = this.#lines.length;
    let isDrawn = false;
    for (const { column: first, rasters } of groups) {
      for (const [at, raster] of rasters.entries()) {
        const column = first + at * (columns + 1);
        if (column + columns > this.columns) break;
        this.#pictures.push({ row, column, rows, columns, raster, key: `${row} ${column}` });
        isDrawn = true;
      }
    }
    if (isDrawn) for (let line = 0; line < rows; line++) this.#lines.push([]);
  }

  /** Leaves out what is beyond a number of lines, and says how much that is. */
  cut(rows: number): void {
    const beyond = this.#lines.length - rows + 1;
    if (beyond <= 1) return;
    // A row of pictures that would be cut through goes as a whole.
    const kept = this.#pictures.filter(({ row, rows: own }) => row + own <= rows - 1);
    this.#pictures.splice(0, Infinity, ...kept);
    this.#lines.splice(rows - 1, Infinity, [{ text: ` and ${beyond} lines more`, token: 'muted' }]);
  }

  /** @param hasPixels whether pictures are drawn in their own pixels over the cells, else of characters */
  drawn(theme: Theme, hasPixels: boolean): Drawn {
    const size = { columns: this.columns, rows: this.#lines.length };
    const frame: Frame = {
      size,
      blocks: [{ row: 0, column: 0, ...size, lines: this.#lines }],
      overlays: [],
      pictures: hasPixels ? [] : this.#pictures,
      targets: [],
    };
    return { cells: frameCells(frame, theme), pictures: hasPixels ? this.#pictures : [] };
  }
}
