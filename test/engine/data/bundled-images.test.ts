import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundledImages, type BundledIndex } from '../../../src/engine/data/bundled-images.ts';
import { temporary } from '../run/sample-run.ts';
import { pngOfPixels } from '../../support/pixels.ts';

const expected = { imageShape: [2, 3, 3], count: 50, classes: 4 } as const;
const pixel = (image: number, at: number): number => (image * 31 + at * 7) % 256;

/** Three images of 3x2 pixels on a sheet of two a row; the last place is empty. */
async function bundled(index: unknown, png?: Buffer, name = 'sheet.png'): Promise<string> {
  const folder = join(await temporary(), 'images');
  await mkdir(folder);
  await writeFile(join(folder, 'images.json'), typeof index === 'string' ? index : JSON.stringify(index));
  if (png) await writeFile(join(folder, name), png);
  return folder;
}

async function sheetOf(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  for (const [place, image] of [4, 9, 20].entries()) {
    for (let at = 0; at < 18; at++) {
      const [row, column, channel] = [Math.floor(at / 9), Math.floor((at % 9) / 3), at % 3];
      const y = Math.floor(place / 2) * 2 + row;
      const x = (place % 2) * 3 + column;
      if (y < height && x < width) data[(y * width + x) * 3 + channel] = pixel(image, at);
    }
  }
  return pngOfPixels(data, width, height);
}

const index: BundledIndex = { format: 1, sheet: 'sheet.png', across: 2, images: [4, 9, 20], labels: [3, 0, 1] };

describe('images that a run carries', () => {
  it('are read as they were, by their places in the validation images', async () => {
    const images = await openBundledImages(await bundled(index, await sheetOf(6, 4)), expected);
    expect(images).toMatchObject({ count: 50, imageShape: [2, 3, 3] });
    for (const [image, label] of [
      [20, 1],
      [4, 3],
      [9, 0],
    ] as const) {
      expect([...(images?.pixels(image) ?? [])]).toEqual(Array.from({ length: 18 }, (_, at) => pixel(image, at)));
      expect(images?.labels[image]).toBe(label);
    }
    expect(() => images?.pixels(5)).toThrow(
      expect.objectContaining({ code: 'image-not-carried', exitCode: 4 }) as Error,
    );
  });

  it('may be grey', async () => {
    const grey = await pngOfPixels(Uint8Array.of(1, 2, 3, 4), 2, 2, 1);
    const folder = await bundled({ ...index, across: 1, images: [7], labels: [0] }, grey);
    const images = await openBundledImages(folder, { ...expected, imageShape: [2, 2, 1] });
    expect([...(images?.pixels(7) ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('are none where there is no folder', async () => {
    expect(await openBundledImages(join(await temporary(), 'images'), expected)).toBeUndefined();
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /images\.json: it is not JSON/],
    ['another format', { ...index, format: 2 }, /format must be 1; it is 2/],
    ['a list', [], /must be an object .*; it is a list/],
    ['a sheet elsewhere', { ...index, sheet: '../../secret.png' }, /sheet must be "sheet.png" or "sheet.webp"; it is/],
    [
      'an image that there is not',
      { ...index, images: [4, 9, 50] },
      /images\[2\] must be a whole number from 0 to 49; it is 50/,
    ],
    ['images out of order', { ...index, images: [9, 4, 20] }, /do not ascend at place 1/],
    ['an unknown class', { ...index, labels: [3, 0, 4] }, /labels\[2\] must be a whole number from 0 to 3; it is 4/],
    ['labels too few', { ...index, labels: [3] }, /3 images and 1 labels/],
    ['no image', { ...index, images: [], labels: [] }, /images must be a list of 1 to/],
    ['no row', { ...index, across: 0 }, /across/],
    ['a huge row', { ...index, across: 1e9 }, /across/],
    ['a huge sheet', { ...index, across: 65_535 }, /sheet\.png: it is 6x4 pixels, not 196605x2/],
  ])('are refused with %s', async (_, content, said) => {
    const folder = await bundled(content, await sheetOf(6, 4));
    await expect(openBundledImages(folder, expected)).rejects.toMatchObject({
      code: 'bad-images',
      exitCode: 4,
      message: expect.stringMatching(said),
    });
  });

  it('are refused with a sheet that is missing, cut short or of another size', async () => {
    const png = await sheetOf(6, 4);
    await expect(openBundledImages(await bundled(index), expected)).rejects.toThrow(/sheet\.png: it is missing/);
    const short = await bundled(index, png.subarray(0, png.length - 20));
    await expect(openBundledImages(short, expected)).rejects.toThrow(/not a picture that can be decoded/);
    const small = await bundled(index, await sheetOf(6, 2));
    await expect(openBundledImages(small, expected)).rejects.toThrow(/it is 6x2 pixels, not 6x4/);
  });
});
