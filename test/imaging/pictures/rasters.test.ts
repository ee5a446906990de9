import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { decode as decodeSixel } from 'sixel';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { CellGrid, Raster, Rgb } from '../../../src/imaging/cells/cells.ts';
import { oklabOf, squaredDistance, type Oklab } from '../../../src/imaging/colour/oklab.ts';
import { ansiColours, shownColour, xtermColours } from '../../../src/imaging/colour/terminal-colours.ts';
import { openBundledImages } from '../../../src/engine/data/bundled-images.ts';
import { gridToText } from '../../../src/imaging/cells/grid.ts';
import { pngOf } from '../../../src/imaging/files/png.ts';
import { blocksOf } from '../../../src/imaging/pictures/blocks.ts';
import { diacritics, placeholderCells, transmitForPlaceholders } from '../../../src/imaging/pictures/kitty.ts';
import { contactSheet, fitInCells, fitted, isWhole, resized } from '../../../src/imaging/pictures/fit.ts';
import { palettePng } from '../../../src/imaging/pictures/encoder.ts';
import { quantised } from '../../../src/imaging/pictures/quantise.ts';
import { sixelSequence } from '../../../src/imaging/pictures/sixel.ts';
import { throughTmux } from '../../../src/imaging/pictures/tmux.ts';
import { quarterPicture, quarterRaster, quarters } from '../../support/terminal/quarters.ts';
import { pixelsIn } from '../../support/pixels.ts';

const anyRaster = fc
  .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }), grey: fc.boolean() })
  .chain(({ width, height, grey }) =>
    fc
      .uint8Array({ minLength: width * height * (grey ? 1 : 3), maxLength: width * height * (grey ? 1 : 3) })
      .map((pixels): Raster => ({ width, height, channels: grey ? 1 : 3, pixels })),
  );

/** Smooth, as photographs are: more colours than any palette has. */
function gradient(width: number, height: number): Raster {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set([(255 * x) / width, (255 * y) / height, 128 + 100 * Math.sin((x + y) / 9)], (y * width + x) * 3);
    }
  }
  return { width, height, channels: 3, pixels };
}

function meanOf({ pixels }: Raster): number {
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
}

/** Peak signal-to-noise ratio, dB. */
function psnr(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < one.length; place++) sum += (one[place] - other[place]) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / one.length));
}

describe('resizing', () => {
  test('by a whole number repeats pixels exactly', () => {
    fc.assert(
      fc.property(anyRaster, fc.integer({ min: 1, max: 4 }), (raster, factor) => {
        const { width, height, channels, pixels } = resized(raster, raster.width * factor, raster.height * factor);
        const repeated = Uint8Array.from({ length: width * height * channels }, (_, at) => {
          const [x, y] = [Math.floor(at / channels) % width, Math.floor(at / channels / width)];
          const from = Math.floor(y / factor) * raster.width + Math.floor(x / factor);
          return raster.pixels[from * channels + (at % channels)];
        });
        expect(Buffer.compare(pixels, repeated)).toBe(0);
      }),
    );
  });

  test('to any size keeps the mean and makes no new extremes', () => {
    fc.assert(
      fc.property(
        anyRaster,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (raster, width, height) => {
          const result = resized(raster, width, height);
          expect(isWhole(result)).toBe(true);
          expect(Math.abs(meanOf(result) - meanOf(raster))).toBeLessThan(1);
          expect(Math.max(...result.pixels)).toBeLessThanOrEqual(Math.max(...raster.pixels));
          expect(Math.min(...result.pixels)).toBeGreaterThanOrEqual(Math.min(...raster.pixels));
        },
      ),
    );
  });

  test('by half is the mean of two by two', () => {
    const raster: Raster = { width: 4, height: 2, channels: 1, pixels: Uint8Array.of(0, 10, 100, 200, 20, 30, 50, 50) };
    expect([...resized(raster, 2, 1).pixels]).toEqual([15, 100]);
  });
});

test('a picture fits its box, with its proportions, by a whole number where that is nearly as large', () => {
  expect(fitted({ width: 32, height: 32 }, { width: 130, height: 129 })).toEqual({ width: 128, height: 128 });
  expect(fitted({ width: 16, height: 16 }, { width: 60, height: 60 })).toEqual({ width: 60, height: 60 });
  expect(fitted({ width: 200, height: 100 }, { width: 100, height: 100 })).toEqual({ width: 100, height: 50 });
  expect(fitted({ width: 1000, height: 1 }, { width: 10, height: 10 })).toEqual({ width: 10, height: 1 });
  expect(fitted({ width: 5, height: 5 }, { width: 0, height: 3 })).toEqual({ width: 0, height: 0 });
  const cell = { width: 8, height: 16 };
  expect(fitInCells({ width: 30, height: 10 }, { columns: 6, rows: 6 }, cell)).toEqual({
    pixels: { width: 48, height: 16 },
    columns: 6,
    rows: 1,
  });
});

describe('a contact sheet', () => {
  const tile = (value: number, width = 2, height = 2): Raster => ({
    width,
    height,
    channels: 1,
    pixels: new Uint8Array(width * height).fill(value),
  });

  test('has its tiles in rows with gaps between', () => {
    const sheet = contactSheet([tile(1), tile(2), tile(3)], 2);
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([5, 5, 1]);
    // prettier-ignore
    expect([...sheet.pixels]).toEqual([
      1, 1, 0, 2, 2,
      1, 1, 0, 2, 2,
      0, 0, 0, 0, 0,
      3, 3, 0, 0, 0,
      3, 3, 0, 0, 0,
    ]);
  });

  test('has them of the size asked for', () => {
    const sheet = contactSheet([tile(7), tile(8, 4, 4)], 2, { width: 4, height: 4 });
    expect([sheet.width, sheet.height]).toEqual([9, 4]);
    expect([...sheet.pixels.subarray(3 * 9)]).toEqual([7, 7, 7, 7, 0, 8, 8, 8, 8]);
  });
});

describe('a palette', () => {
  test('is exact where there are no more colours than it may have', () => {
    const { indices, palette } = quantised(quarterRaster(8), 4);
    expect(palette).toHaveLength(4);
    expect(palette[indices[0]]).toEqual(quarters[0]);
    expect(palette[indices[63]]).toEqual(quarters[3]);
  });

  test('of more colours than it may have is near them', () => {
    const raster = gradient(128, 128);
    const shown = (most: number): number[] => {
      const { indices, palette } = quantised(raster, most);
      expect(palette.length).toBeLessThanOrEqual(most);
      return Array.from(indices).flatMap((index) => [...palette[index]]);
    };
    expect(psnr(shown(255), raster.pixels)).toBeGreaterThan(28);
    expect(psnr(shown(15), raster.pixels)).toBeGreaterThan(18);
  });

  test('of any raster has an index for every pixel', () => {
    fc.assert(
      fc.property(anyRaster, fc.integer({ min: 2, max: 256 }), (raster, most) => {
        const { indices, palette } = quantised(raster, most);
        expect(palette.length).toBeLessThanOrEqual(most);
        expect(indices.every((index) => index < palette.length)).toBe(true);
        expect(palette.flat().every((value) => value >= 0 && value <= 255)).toBe(true);
      }),
    );
  });
});

test('a PNG of a palette is what others read, its padding transparent', async () => {
  const png = await palettePng(quantised(quarterRaster(6, 4), 255), { width: 8, height: 5 });
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([8, 5]);
  const at = (x: number, y: number): number[] => [...data.subarray((y * 8 + x) * 4, (y * 8 + x) * 4 + 4)];
  expect(at(0, 0)).toEqual([...quarters[0], 255]);
  expect(at(5, 3)).toEqual([...quarters[3], 255]);
  expect(at(6, 0)[3]).toBe(0);
  expect(at(0, 4)[3]).toBe(0);
});

/** A sequence's data, without the frame that a terminal takes off before it decodes. */
async function sixelData(...[raster, background]: Parameters<typeof sixelSequence>): Promise<Buffer> {
  // eslint-disable-next-line no-control-regex
  const [, data] = /^\u001bP0;1;0q([^\u001b]*)\u001b\\$/.exec(await sixelSequence(raster, background))!;
  return Buffer.from(data, 'latin1');
}

describe('sixels', () => {
  test('decode to the picture, the last band filled with the background', async () => {
    const raster = resized(gradient(40, 20), 40, 20);
    const few = quantised(raster, 255);
    const { width, height, data32 } = decodeSixel(await sixelData(few, [10, 20, 30]));
    expect([width, height]).toEqual([40, 24]);
    const rgba = new Uint8Array(data32.buffer, data32.byteOffset, width * height * 4);
    const rgb = Array.from({ length: 40 * 20 * 3 }, (_, place) => rgba[Math.floor(place / 3) * 4 + (place % 3)]);
    const wanted = Array.from(few.indices).flatMap((index) => [...few.palette[index]]);
    // Sixel has a hundred steps a channel.
    expect(rgb.every((value, place) => Math.abs(value - wanted[place]) <= 2)).toBe(true);
    const [red, green, blue] = rgba.subarray(22 * 40 * 4);
    expect([red, green, blue].every((value, channel) => Math.abs(value - [10, 20, 30][channel]) <= 2)).toBe(true);
  });

  test('of any picture decode to its size', async () => {
    await fc.assert(
      fc.asyncProperty(anyRaster, async (raster) => {
        const indexed = quantised(raster, 255);
        const { width, height, data32 } = decodeSixel(await sixelData(indexed, [0, 0, 0]));
        expect([width, height]).toEqual([raster.width, Math.ceil(raster.height / 6) * 6]);
        const last = new Uint8Array(data32.buffer, data32.byteOffset)[(raster.height * raster.width - 1) * 4];
        expect(Math.abs(last - indexed.palette[indexed.indices.at(-1)!][0])).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('kitty’s sequences', () => {
  test('are cut into parts of 4096 bytes, each quiet, each wrapped for tmux', () => {
    const png = Buffer.from(Array.from({ length: 10_000 }, (_, place) => place % 251));
    const sequence = transmitForPlaceholders(77, png, { columns: 3, rows: 2 }, throughTmux);
    const parts = sequence.split('\u001bPtmux;').slice(1);
    expect(parts).toHaveLength(4);
    const payloads = parts.map((part) => {
      // eslint-disable-next-line no-control-regex
      const [, keys, data] = /^\u001b\u001b_G([^;]*);([^\u001b]*)\u001b\u001b\\\u001b\\$/.exec(part)!;
      expect(keys).toContain('q=2');
      expect(data.length).toBeLessThanOrEqual(4096);
      return { keys, data };
    });
    expect(payloads[0].keys).toBe('a=T,U=1,f=100,i=77,c=3,r=2,q=2,m=1');
    expect(payloads.at(-1)!.keys).toBe('q=2,m=0');
    expect(Buffer.from(payloads.map(({ data }) => data).join(''), 'base64').equals(png)).toBe(true);
  });

  test.each([1, 2])('end with the part that fills the last 4096 bytes, of %i', (count) => {
    const png = Buffer.alloc((4096 / 4) * 3 * count, 7);
    const parts = transmitForPlaceholders(77, png, { columns: 3, rows: 2 }).split('\u001b\\').slice(0, -1);
    expect(parts.map((part) => /m=\d/.exec(part)?.[0])).toEqual([...Array<string>(count - 1).fill('m=1'), 'm=0']);
    expect(parts.map((part) => part.split(';')[1].length)).toEqual(Array<number>(count).fill(4096));
  });

  test('number rows and columns by 297 combining characters', () => {
    expect(diacritics).toHaveLength(297);
    expect(new Set(diacritics).size).toBe(297);
    expect(diacritics.every((mark) => /^\p{Mn}$/u.test(mark))).toBe(true);
    expect([diacritics[0], diacritics[1], diacritics[296]]).toEqual(['\u0305', '\u030d', '\u{1d244}']);
    const cells = placeholderCells(5 * 2 ** 24 + 200, { columns: 2, rows: 2 });
    expect(cells[1][0]).toEqual({ text: `\u{10eeee}\u030d\u0305${diacritics[5]}`, imageId: 200 });
  });
});

describe('blocks', () => {
  const raster = quarterRaster(32);
  const colourAt = (grid: CellGrid, row: number, column: number): Rgb | undefined => grid[row][column].background;

  test('show the quarters’ colours at every depth that has them', () => {
    for (const depth of ['truecolour', '256'] as const) {
      const grid = blocksOf(raster, { columns: 8, rows: 4, depth });
      expect([grid.length, grid[0].length]).toEqual([4, 8]);
      expect([0, 1, 2, 3].map((quarter) => colourAt(grid, quarter < 2 ? 0 : 3, quarter % 2 ? 7 : 0))).toEqual(quarters);
    }
    const sixteen = blocksOf(raster, { columns: 8, rows: 4, depth: '16' });
    expect(colourAt(sixteen, 0, 0)).toEqual([255, 0, 0]);
  });

  /** The colours of the cells' quarters, [2 rows][2 columns]. */
  const quartersIn = (grid: CellGrid): Rgb[][] =>
    grid.flatMap((row) =>
      [0, 2].map((first) =>
        row.flatMap(({ text, foreground, background }) =>
          [first, first + 1].map((bit) => ((' ▘▝▀▖▌▞▛'.indexOf(text) >> bit) & 1 ? foreground! : background!)),
        ),
      ),
    );
  /** OKLab of what is seen from afar: means of two by two cells, from each cell on. */
  const fromAfar = (pixels: readonly Rgb[][]): Oklab[] =>
    pixels.flatMap((line, y) =>
      line.flatMap((_, x) => {
        if (y % 2 || x % 2 || y + 4 > pixels.length || x + 4 > line.length) return [];
        const seen = pixels.slice(y, y + 4).flatMap((part) => part.slice(x, x + 4).map(oklabOf));
        const mean = (channel: 0 | 1 | 2): number => seen.reduce((sum, lab) => sum + lab[channel] / seen.length, 0);
        return [[mean(0), mean(1), mean(2)] as const];
      }),
    );
  const errorBetween = (one: readonly Rgb[][], other: readonly Rgb[][]): number => {
    const theirs = fromAfar(other);
    const errors = fromAfar(one).map((lab, place) => Math.sqrt(squaredDistance(lab, theirs[place])));
    return errors.reduce((sum, error) => sum + error / errors.length, 0);
  };

  test.each([
    ['256', 0.7],
    ['16', 0.5],
  ] as const)('keep the hues of photographs in %s colours', async (depth, most) => {
    const folder = fileURLToPath(new URL('../../../samples/demo/images', import.meta.url));
    const images = (await openBundledImages(folder, { imageShape: [32, 32, 3], count: 10_000, classes: 10 }))!;
    const { images: carried } = JSON.parse(await readFile(`${folder}/images.json`, 'utf8')) as { images: number[] };
    let [dithered, plain] = [0, 0];
    for (const image of carried.filter((_, place) => place % 97 === 0)) {
      const photograph = { width: 32, height: 32, channels: 3, pixels: Uint8Array.from(images.pixels(image)) };
      const grid = blocksOf(photograph, { columns: 16, rows: 8, depth });
      const { pixels } = resized(photograph, 32, 16);
      const wanted = Array.from({ length: 16 }, (_, y) =>
        Array.from({ length: 32 }, (__, x): Rgb => {
          const at = 3 * (32 * y + x);
          return [pixels[at], pixels[at + 1], pixels[at + 2]];
        }),
      );
      dithered += errorBetween(quartersIn(grid), wanted);
      plain += errorBetween(
        wanted.map((line) => line.map((colour) => shownColour(colour, depth)!)),
        wanted,
      );
      // The same picture becomes the same cells, and none but the terminal's colours.
      expect(blocksOf(photograph, { columns: 16, rows: 8, depth })).toEqual(grid);
      for (const colour of quartersIn(grid).flat()) expect(shownColour(colour, depth)).toBe(colour);
    }
    expect(dithered / plain).toBeLessThan(most);
  });

  test('of one of the terminal’s colours are of this colour alone', () => {
    for (const [depth, colours] of [
      ['256', xtermColours.slice(16)],
      ['16', ansiColours],
    ] as const) {
      for (const colour of colours) {
        const pixels = Uint8Array.from({ length: 48 }, (_, at) => colour[at % 3]);
        const grid = blocksOf({ width: 4, height: 4, channels: 3, pixels }, { columns: 6, rows: 3, depth });
        expect(grid.flat()).toEqual(grid.flat().map(() => ({ text: ' ', background: colour })));
      }
    }
  });

  test('keep hues in letters too', () => {
    // Half way between red and yellow.
    const pixels = Uint8Array.from({ length: 3 * 1024 }, (_, at) => [230, 105, 0][at % 3]);
    const raster = { width: 32, height: 32, channels: 3, pixels };
    const grid = blocksOf(raster, { columns: 16, rows: 8, depth: '16', ascii: true });
    expect(new Set(grid.flat().map(({ foreground }) => foreground)).size).toBeGreaterThan(1);
  });

  test('follow edges inside a cell', () => {
    const half = blocksOf(quarterRaster(2), {
      columns: 1,
      rows: 1,
      depth: 'truecolour',
      cell: { width: 8, height: 8 },
    });
    expect(half).toHaveLength(1);
    const left: Raster = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(0, 255) };
    const [[cell]] = blocksOf(left, { columns: 1, rows: 1, depth: 'truecolour' }) as [[CellGrid[number][number]]];
    expect(cell).toEqual({ text: '▌', foreground: [0, 0, 0], background: [255, 255, 255] });
  });

  test('become shades without colours, dark and light', () => {
    const ramp: Raster = { width: 5, height: 1, channels: 1, pixels: Uint8Array.of(0, 60, 120, 180, 255) };
    const options = { columns: 5, rows: 1, depth: 'none', cell: { width: 8, height: 8 } } as const;
    expect(gridToText(blocksOf(ramp, options))).toBe(' ░▒▓█');
    expect(gridToText(blocksOf(ramp, { ...options, isLight: true }))).toBe('█▓▒░');
    expect(gridToText(blocksOf(ramp, { ...options, ascii: true }))).toMatch(/^ [:.]=\*@$|^ [ -~]{4}$/);
  });

  test('never leave their rectangle', () => {
    fc.assert(
      fc.property(anyRaster, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }), (one, columns, rows) => {
        const grid = blocksOf(one, { columns, rows, depth: '256' });
        expect(grid.length).toBeLessThanOrEqual(rows);
        for (const row of grid) expect(row.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test('a PNG of a screen holds the pixels of its pictures', async () => {
  const grid: CellGrid = Array.from({ length: 6 }, () => Array.from({ length: 12 }, () => ({ text: ' ' })));
  const picture = quarterPicture({ row: 1, column: 2, raster: quarterRaster(33) });
  const png = await pngOf(grid, undefined, [picture, quarterPicture({ row: 5, column: 11, key: 'cut' })]);
  const { at } = await pixelsIn(png);
  // 33 x 33 pixels in 160 x 160 become 4.85 times as large: a whole number would be too small.
  expect([at(80, 80), at(160, 80), at(80, 160), at(160, 160)]).toEqual(quarters.map((colour) => [...colour]));
  expect(at(39, 80)).toEqual([17, 19, 24]);
  expect(at(239, 239)).toEqual([...quarters[0]]);
});
