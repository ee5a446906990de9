import { describe, expect, test } from 'vitest';
import type { CellGrid, Rgb } from '../../src/imaging/cells/cells.ts';
import { blankGrid, cellsOf, putText } from '../../src/imaging/cells/grid.ts';
import { darkPicture, lightPicture } from '../../src/imaging/files/picture-colours.ts';
import { hasSpelled, pngOf } from '../../src/imaging/files/png.ts';
import { svgOf } from '../../src/imaging/files/svg.ts';
import { heatmap } from '../support/heatmap.ts';
import { pixelsIn } from '../support/pixels.ts';

const red: Rgb = [255, 0, 0];
const blue: Rgb = [0, 0, 255];

async function picture(grid: CellGrid, theme = darkPicture) {
  const { width, height, at } = await pixelsIn(await pngOf(grid, theme));
  const inked = (column: number, row = 0, left = 0, top = 0, right = 20, bottom = 40): number => {
    let count = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        if (String(at(column * 20 + x, row * 40 + y)) !== String(theme.background)) count++;
      }
    }
    return count;
  };
  return { width, height, at, inked };
}

describe('PNG', () => {
  test('has 20x40 pixels a cell; blanks are the background, letters are inked, backgrounds filled', async () => {
    const grid = blankGrid({ columns: 4, rows: 2 });
    putText(grid, 0, 1, 'A', { foreground: red });
    putText(grid, 1, 2, ' ', { background: blue });
    const { width, height, at, inked } = await picture(grid);
    expect([width, height]).toEqual([80, 80]);
    expect(inked(0)).toBe(0);
    expect(inked(1)).toBeGreaterThan(60);
    expect(inked(1)).toBeLessThan(400);
    for (const [x, y] of [
      [40, 40],
      [59, 79],
      [50, 60],
    ] as const)
      expect(at(x, y)).toEqual(blue);
    for (const [x, y] of [
      [39, 60],
      [60, 60],
      [50, 39],
    ] as const)
      expect(at(x, y)).toEqual([...darkPicture.background]);
  });

  test('spells letters that it has no glyph for: no two look the same, and wide ones take both of their cells', async () => {
    const names = ['犬', '猫', '👩\u200d🔬', '👩\u200d🚀', 'مر', 'حب', 'हा', 'हि', 'x\u030c', 'x', 'é', 'e\u0301'];
    const looks = await Promise.all(
      names.map(async (name) => {
        const grid = blankGrid({ columns: 3, rows: 1 });
        putText(grid, 0, 0, name, { foreground: red });
        const { inked } = await picture(grid);
        return {
          name,
          isSpelled: hasSpelled(grid),
          halves: [inked(0), inked(1)],
          png: (await pngOf(grid)).toString('hex'),
        };
      }),
    );
    const [dog, , scientist] = looks;
    for (const { halves } of [dog, scientist]) expect(Math.min(...halves)).toBeGreaterThan(30);
    expect(looks.filter(({ isSpelled }) => !isSpelled).map(({ name }) => name)).toEqual(['x', 'é', 'e\u0301']);
    // The last two are one letter in two forms.
    expect(new Set(looks.map(({ png }) => png)).size).toBe(names.length - 1);
  });

  test('fills blocks exactly', async () => {
    const { at, inked } = await picture([cellsOf('█▀▄▌▐▖▝▁░', { foreground: red })]);
    expect(inked(0)).toBe(800);
    expect([inked(1), inked(1, 0, 0, 0, 20, 20)]).toEqual([400, 400]);
    expect([inked(2), inked(2, 0, 0, 20, 20, 40)]).toEqual([400, 400]);
    expect([inked(3), inked(3, 0, 0, 0, 10, 40)]).toEqual([400, 400]);
    expect([inked(4), inked(4, 0, 10, 0, 20, 40)]).toEqual([400, 400]);
    expect([inked(5), inked(5, 0, 0, 20, 10, 40)]).toEqual([200, 200]);
    expect([inked(6), inked(6, 0, 10, 0, 20, 20)]).toEqual([200, 200]);
    expect([inked(7), inked(7, 0, 0, 35, 20, 40)]).toEqual([100, 100]);
    expect(at(10, 20)).toEqual(red);
    expect(at(170, 20)[0]).toBeGreaterThan(50);
    expect(at(170, 20)[0]).toBeLessThan(120);
  });

  test('puts braille dots where Unicode numbers them', async () => {
    const order = [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
      [0, 3],
      [1, 3],
    ] as const;
    const { inked } = await picture([
      cellsOf(order.map((_, bit) => String.fromCharCode(0x2800 + (1 << bit))).join('')),
    ]);
    order.forEach(([column, row], bit) => {
      const inside = inked(bit, 0, column * 10, row * 10, column * 10 + 10, row * 10 + 10);
      expect(inside).toBeGreaterThan(24);
      expect(inked(bit)).toBe(inside);
    });
  });

  test('joins box drawing without seams', async () => {
    const { at } = await picture([
      cellsOf('┌─┐', { foreground: red }),
      cellsOf('│╳│', { foreground: red }),
      cellsOf('╰━╯', { foreground: red }),
    ]);
    for (let x = 10; x <= 50; x++) expect(at(x, 20)).toEqual(red);
    for (let y = 20; y <= 90; y++) expect(at(10, y)).toEqual(red);
    for (let x = 20; x < 40; x++) expect([at(x, 98), at(x, 102)]).toEqual([red, red]);
    expect(at(0, 20)).toEqual([...darkPicture.background]);
  });

  test('draws every drawing character differently, and none empty', async () => {
    const codes = Array.from({ length: 0x25a0 - 0x2500 }, (_, index) => 0x2500 + index);
    const { inked, at } = await picture(codes.map((code) => [{ text: String.fromCodePoint(code) }]));
    const looks = new Set<string>();
    codes.forEach((code, row) => {
      expect([code.toString(16), inked(0, row) > 0]).toEqual([code.toString(16), true]);
      looks.add(Array.from({ length: 800 }, (_, index) => at(index % 20, row * 40 + Math.floor(index / 20))[0]).join());
    });
    expect(looks.size).toBe(codes.length);
  });

  test('shows attributes: inverse, dim, bold, underline, and code points of what the font lacks', async () => {
    const { at, inked } = await picture(
      [
        [
          ...cellsOf(' ', { inverse: true }),
          ...cellsOf('M', { bold: true }),
          ...cellsOf('M'),
          ...cellsOf(' ', { underline: true }),
          ...cellsOf('漢'),
          ...cellsOf('e\u0301é'),
        ],
      ],
      lightPicture,
    );
    expect(at(10, 10)).toEqual([...lightPicture.foreground]);
    expect(inked(1)).toBeGreaterThan(inked(2));
    expect(inked(3)).toBe(40);
    // 6F over 22, in both cells.
    for (const column of [4, 5]) expect(inked(column, 0, 0, 10, 20, 30)).toBe(inked(column));
    expect(inked(4)).toBeGreaterThan(30);
    expect(inked(6)).toBe(inked(7));
  });

  test('refuses what is no picture', async () => {
    await expect(pngOf([])).rejects.toThrow(RangeError);
    await expect(pngOf(blankGrid({ columns: 1001, rows: 500 }))).rejects.toThrow('too large');
  });

  test('is whole with more than 256 colours and with few', async () => {
    const many: CellGrid = [
      Array.from({ length: 300 }, (_, index) => ({ text: ' ', background: [index % 256, index >> 8, 7] as const })),
    ];
    const { at } = await picture(many);
    expect(at(299 * 20 + 5, 39)).toEqual([43, 1, 7]);
    expect(at(5, 0)).toEqual([0, 0, 7]);
    const few = await picture(heatmap([[0, 1]], [0, 1], 'truecolour'));
    expect([few.at(0, 0), few.at(39, 39)]).toEqual([
      [68, 1, 84],
      [253, 231, 37],
    ]);
  });
});

test('SVG holds text and rectangles, escaped, and is drawn by a real reader', async () => {
  const svg = svgOf([
    [...cellsOf('a<&', { foreground: red, bold: true }), ...cellsOf('\u0007 '), ...cellsOf('  ', { background: blue })],
  ]);
  expect(svg).toContain('>a&lt;&amp;</text>');
  expect(svg).toContain('fill="#0000ff"');
  const { width, height, at } = await pixelsIn(Buffer.from(svg));
  expect([width, height]).toEqual([60, 20]);
  expect(at(55, 10)).toEqual(blue);
});
