import type { CellGrid, Overlay, Picture, Rectangle, Size } from '../../imaging/cells/cells.ts';
import { blankGrid, cellsOf, compose, putCells } from '../../imaging/cells/grid.ts';
import { blocksOf } from '../../imaging/pictures/blocks.ts';
import { isWhole } from '../../imaging/pictures/fit.ts';
import type { Command } from '../keys/table.ts';
import { asciiText } from '../text/ascii.ts';
import type { Line, Span } from '../text/spans.ts';
import { textWidth } from '../text/spans.ts';
import { styleOf, type Theme } from '../theme/theme.ts';

/** Text in a rectangle, a line a row. */
export interface TextBlock extends Rectangle {
  lines: readonly Line[];
}

/** A rectangle that does something when it is clicked. */
export interface Target extends Rectangle {
  command: Command;
}

/**
 * What shows a run, as data: a view's result. Each cell is of one part: blocks are text, overlays (heatmaps, charts, maps)
 * are cells, and pictures are drawn by the terminal itself or made of characters.
 */
export interface Frame {
  size: Size;
  blocks: readonly TextBlock[];
  overlays: readonly Overlay[];
  /** Drawn over the overlays; where they overlap, the later over the earlier. */
  pictures?: readonly Picture[];
  /** Later ones lie over earlier ones. */
  targets: readonly Target[];
}

/** A block, with the targets that its lines' spans make. */
export function targetsOf(block: TextBlock): Target[] {
  return block.lines.flatMap((line, index) => {
    let column = block.column;
    return line.flatMap((span) => {
      const columns = textWidth(span.text);
      const start = column;
      column += columns;
      if (!span.command) return [];
      return [{ row: block.row + index, column: start, rows: 1, columns, command: { id: span.command } }];
    });
  });
}

export const contains = (area: Rectangle, row: number, column: number): boolean =>
  row >= area.row && row < area.row + area.rows && column >= area.column && column < area.column + area.columns;

/** What a click on a cell of the screen asks for. */
export const commandAt = ({ targets }: Frame, row: number, column: number): Command | undefined =>
  targets.findLast((area) => contains(area, row, column))?.command;

/** The cells of one span. */
const spanCells = (span: Span, theme: Theme): CellGrid[number] =>
  cellsOf(theme.ascii ? asciiText(span.text) : span.text, span.style ?? styleOf(span.token, theme));

/** The cells of one line, cut to a width. */
export function lineCells(line: Line, width: number, theme: Theme): CellGrid[number] {
  const grid = blankGrid({ rows: 1, columns: width });
  putCells(
    grid,
    0,
    0,
    line.flatMap((span) => spanCells(span, theme)),
  );
  return grid[0] ?? [];
}

/** A picture in characters, for where no pixels are drawn. */
export const pictureCells = (picture: Picture, { depth, ascii, background }: Theme): Overlay => ({
  ...picture,
  cells: isWhole(picture.raster)
    ? blocksOf(picture.raster, { ...picture, depth, ascii, isLight: background === 'light' })
    : [],
});

/** The frame as a picture made of cells: what the screen shows, without a terminal. Pictures are made of characters. */
export function frameCells(frame: Frame, theme: Theme): CellGrid {
  const blockOverlay = (block: TextBlock): Overlay => ({
    ...block,
    cells: block.lines.slice(0, block.rows).map((line) => lineCells(line, block.columns, theme)),
  });
  return compose(blankGrid(frame.size), [
    ...frame.blocks.map(blockOverlay),
    ...frame.overlays,
    ...(frame.pictures ?? []).map((picture) => pictureCells(picture, theme)),
  ]);
}
