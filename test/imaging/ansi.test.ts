import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeGrid } from '../../src/imaging/cells/ansi.ts';
import { parseAnsi } from '../support/parse-ansi.ts';
import type { Cell, CellGrid } from '../../src/imaging/cells/cells.ts';
import { cellsOf, compose, gridToText, putText, blankGrid, sameCell } from '../../src/imaging/cells/grid.ts';
import { ansiColours, shownColour, xtermColours } from '../../src/imaging/colour/terminal-colours.ts';

const colour = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
  fc.constantFrom(...ansiColours),
  fc.constantFrom(...xtermColours.slice(16)),
);
const style = fc.record(
  {
    foreground: colour,
    background: colour,
    bold: fc.constant(true),
    dim: fc.constant(true),
    italic: fc.constant(true),
    underline: fc.constant(true),
    inverse: fc.constant(true),
  },
  { requiredKeys: [] },
);
const piece = fc.tuple(fc.constantFrom(' ', 'a', 'é', '漢', '█', '⣿', '👩‍🔬', 'e\u0301'), style);
const row = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.flatMap(([text, look]) => cellsOf(text, look)));
const grid = fc.array(row, { minLength: 1, maxLength: 6 });

function sameGrid(one: CellGrid, other: CellGrid): boolean {
  return (
    one.length === other.length &&
    one.every((cells, y) => cells.length === other[y].length && cells.every((cell, x) => sameCell(cell, other[y][x])))
  );
}

function withoutColours({ foreground: _, background: __, ...rest }: Cell): Cell {
  return rest;
}

describe('encoding', () => {
  test('is undone by parsing in truecolour', () => {
    fc.assert(fc.property(grid, (cells) => sameGrid(parseAnsi(encodeGrid(cells, 'truecolour')), cells)));
  });

  test('shows the nearest colours in 256 and 16, and none without', () => {
    fc.assert(
      fc.property(grid, fc.constantFrom('256' as const, '16' as const), (cells, depth) => {
        const wanted = cells.map((line) =>
          line.map((cell): Cell => {
            const foreground = cell.foreground && shownColour(cell.foreground, depth);
            const background = cell.background && shownColour(cell.background, depth);
            return { ...cell, ...(foreground && { foreground }), ...(background && { background }) };
          }),
        );
        return sameGrid(parseAnsi(encodeGrid(cells, depth)), wanted);
      }),
    );
    fc.assert(
      fc.property(grid, (cells) =>
        sameGrid(
          parseAnsi(encodeGrid(cells, 'none')),
          cells.map((line) => line.map(withoutColours)),
        ),
      ),
    );
  });

  test('merges runs and ends each line in the terminal’s own style', () => {
    const red = { foreground: [255, 0, 0] as const };
    expect(encodeGrid([cellsOf('aaaa', red), cellsOf('b')], 'truecolour')).toBe('\u001b[38;2;255;0;0maaaa\u001b[m\nb');
    expect(encodeGrid([cellsOf('a', { bold: true, ...red })], '256')).toBe('\u001b[1;38;5;196ma\u001b[m');
    expect(encodeGrid([cellsOf('a', { foreground: ansiColours[1] })], 'truecolour')).toBe('\u001b[31ma\u001b[m');
    expect(encodeGrid([cellsOf('a', red)], 'none')).toBe('a');
  });

  test('parses what others emit, and drops what is not a style', () => {
    expect(parseAnsi('\u001b[38:2::1:2:3ma\u001b[38;5;196mb\u001b[0;39mc')[0]).toEqual([
      { text: 'a', foreground: [1, 2, 3] },
      { text: 'b', foreground: [255, 0, 0] },
      { text: 'c' },
    ]);
    expect(gridToText(parseAnsi('a\u001b[2Jb\u001b]0;title\u0007c\u001b]8;;x\u001b\\d\u001b7e\r\n\tf\u0007'))).toBe(
      'abcde\n f',
    );
    expect(
      parseAnsi('\u001b[38;2;999;0;0ma\u001b[38;5mb\u001b[mc')[0]
        .map(({ text }) => text)
        .join(''),
    ).toBe('abc');
  });
});

test('composing clips overlays and never leaves half a wide character', () => {
  const base = blankGrid({ columns: 6, rows: 2 });
  putText(base, 0, 0, '漢字x');
  const overlay = { row: 0, column: 1, rows: 3, columns: 2, cells: [cellsOf('abc'), cellsOf('de'), cellsOf('no')] };
  expect(gridToText(compose(base, [overlay]))).toBe(' ab x\n de');
  expect(gridToText(base)).toBe('漢字x\n');
  const edge = { row: 1, column: 4, rows: 1, columns: 3, cells: [cellsOf('z漢')] };
  expect(compose(base, [edge])[1].map(({ text }) => text)).toEqual([' ', ' ', ' ', ' ', 'z', ' ']);
  fc.assert(
    fc.property(
      grid,
      fc.integer({ min: -4, max: 8 }),
      fc.integer({ min: -2, max: 3 }),
      fc.nat(9),
      (cells, column, at, columns) => {
        const result = compose(base, [{ row: at, column, rows: 4, columns, cells }]);
        return result.every(
          (line) =>
            line.length === 6 &&
            gridToText([line]).length >= 0 &&
            line.every((cell, x) => cell.text !== '' || (x > 0 && line[x - 1].text !== '')),
        );
      },
    ),
  );
});
