import type { Picture, Raster } from '../../imaging/cells.ts';
import { frameCells, type Frame } from '../../views/frame.ts';
import type { Line } from '../../views/text/spans.ts';
import type { Theme } from '../../views/theme.ts';
import type { Drawn } from '../picture-output.ts';

/** Cells that a small picture takes, with the blank one to its right. */
export interface TileSize {
  columns: number;
  rows: number;
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

  /** Pictures that fit into one row, with a wider gap between two groups. */
  tilesFor({ columns }: TileSize, indent: number): number {
    return Math.max(0, Math.floor((this.columns - indent + 1) / (columns + 1)));
  }

  /** A row of pictures, group by group; what does not fit is left out. */
  tiles(groups: readonly (readonly Raster[])[], { columns, rows }: TileSize, indent: number): void {
    const row = this.#lines.length;
    let column = indent;
    let isDrawn = false;
    for (const group of groups) {
      const width = group.length * (columns + 1) - 1;
      if (group.length === 0 || column + width > this.columns) continue;
      for (const raster of group) {
        this.#pictures.push({ row, column, rows, columns, raster, key: `${row} ${column}` });
        column += columns + 1;
      }
      if (groups.length > 1) column += 2;
      isDrawn = true;
    }
    if (isDrawn) for (let line = 0; line < rows; line++) this.#lines.push([]);
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
