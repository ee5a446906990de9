import { describe, expect, test } from 'vitest';
import { blankGrid, cellsOf, gridToText, putCells } from '../../../src/imaging/cells/grid.ts';
import type { PixelProtocol } from '../../../src/imaging/pictures/encoder.ts';
import { defaultMode } from '../../../src/imaging/pictures/picture-layer.ts';
import { printedPage } from '../../../src/imaging/pictures/printed-page.ts';
import { quarterRaster, quarters } from '../../support/terminal/pictures.ts';
import { PixelEmulator } from '../../support/terminal/pixel-emulator.ts';

const protocols: PixelProtocol[] = ['kitty', 'kitty-direct', 'iterm2', 'sixel'];

describe.each(protocols)('a page printed with pictures by %s', (protocol) => {
  test.each([
    ['in a window that it fits into', 24],
    ['in a window that it scrolls', 9],
  ])('has each in its place, %s', async (_, rows) => {
    const emulator = new PixelEmulator({ columns: 40, rows });
    // Two rows of two pictures, with a line of text above, between and below.
    const cells = blankGrid({ columns: 40, rows: 11 });
    for (const [row, text] of [
      [0, 'above'],
      [5, 'between'],
      [10, 'below'],
    ] as const) {
      putCells(cells, row, 0, cellsOf(text));
    }
    const pictures = [1, 6].flatMap((row, at) =>
      [1, 20].map((column, turn) => {
        const raster = quarterRaster(16, 16, 2 * at + turn);
        return { row, column, rows: 4, columns: 8, raster, key: `${row} ${column}` };
      }),
    );
    const page = await printedPage(cells, pictures, { mode: { ...defaultMode, protocol }, high: 7 });
    await emulator.write(`$ data inspect\r\n${page.replaceAll('\n', '\r\n')}$ `);
    const lines = gridToText(emulator.screen()).split('\n');
    const between = lines.findIndex((line) => line.startsWith('between'));
    expect(lines[between + 5]).toMatch(/^below/);
    expect(lines[between + 6]).toMatch(/^\$/);
    expect(emulator.faults).toEqual([]);
    // The emulator does not scroll what was drawn with the text; placeholders are text.
    if (rows < 20 && protocol !== 'kitty') return;
    if (rows > 20) expect(lines[between - 5]).toMatch(/^above/);
    for (const [at, turn] of [
      [1, 2],
      [20, 3],
    ]) {
      const middles = [8, 40].flatMap((y) => [8, 40].map((x) => [at * 8 + x, (between + 1) * 16 + y]));
      const colours = middles.map(([x, y]) => emulator.pixel(x, y));
      expect(colours).toEqual([0, 1, 2, 3].map((quarter) => [...quarters[(quarter + turn) % 4]]));
    }
  });
});
