import type { CellGrid, ColourDepth } from '../../src/imaging/cells/cells.ts';
import { levelCells, levelOf, type Range } from '../../src/imaging/charts/heatmap.ts';

/** Values as the network view colours them, a cell each. */
export function heatmap(rows: readonly (readonly number[])[], range: Range, depth: ColourDepth): CellGrid {
  const levels = levelCells('viridis', depth);
  return rows.map((row) => row.map((value) => levels[levelOf(value, range, levels.length)]));
}
