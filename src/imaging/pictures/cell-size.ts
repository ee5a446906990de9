import type { Size } from '../cells/cells.ts';
import type { TerminalAbilities } from '../terminal/detect.ts';
import { usualCellSize, type CellSize } from './fit.ts';

/** Whether that can be a character's cell: terminals that do not know say 0, and some say nonsense. */
const isCredible = ({ width, height }: CellSize): boolean =>
  width >= 2 && width <= 128 && height >= 4 && height <= 256 && height >= width * 0.75 && height <= width * 5;

/**
 * Pixels of a cell: as the terminal says, else its text area shared among the cells, else what sixel pictures may take
 * of it, else 8 x 16.
 */
export function cellSizeOf(abilities: TerminalAbilities, { columns, rows }: Size): CellSize {
  const { cell, textArea, sixelArea } = abilities;
  const shared = (area: CellSize | undefined): CellSize | undefined =>
    area && { width: Math.floor(area.width / columns), height: Math.floor(area.height / rows) };
  return [cell, shared(textArea), shared(sixelArea)].find((size) => size && isCredible(size)) ?? usualCellSize;
}
