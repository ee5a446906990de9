import type { Cell, CellGrid } from '../../src/imaging/cells/cells.ts';
import { cellsOf, type CellStyle } from '../../src/imaging/cells/grid.ts';
import { applySgr } from '../../src/imaging/cells/sgr.ts';

const sequence =
  // eslint-disable-next-line no-control-regex
  /\u001b\[([0-9;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;

/**
 * The cells of text with SGR sequences and line ends, as Ink's renderToString gives it: rows of their own lengths.
 * Tabs become one blank; every other sequence and control character is dropped.
 */
export function parseAnsi(text: string): CellGrid {
  let style: CellStyle = {};
  return text.split(/\r?\n/).map((line) => {
    const row: Cell[] = [];
    let from = 0;
    for (const match of line.matchAll(sequence)) {
      row.push(...cellsOf(line.slice(from, match.index).replaceAll('\t', ' '), style));
      from = match.index + match[0].length;
      if (match[1] !== undefined) style = applySgr(style, match[1]);
    }
    row.push(...cellsOf(line.slice(from).replaceAll('\t', ' '), style));
    return row;
  });
}
