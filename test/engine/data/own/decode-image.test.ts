import { readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, imageFacts, Oddities } from '../../../../src/engine/data/folder/decode-image.ts';
import { resampler } from '../../../../src/engine/data/images/resample.ts';
import { temporaryDirectory } from '../../transfer/support.ts';
import { bmp565, bmps, greyNetpbms, netpbms, sixColours, tiff } from './bitmaps.ts';
import { fixtures } from './scene.ts';

interface Picture {
  shape: [number, number, number];
  values: number[];
}
const { expected, resized, fits } = JSON.parse(readFileSync(join(fixtures, 'images.json'), 'utf8')) as {
  expected: Record<string, Picture & { tolerance: number }>;
  resized: { photo: Picture; crop: number[]; stretch: number[]; digit: Picture; larger: number[] };
  fits: Record<string, number[]>;
};

const greatestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
};

const fixture = (name: string): string => join(fixtures, 'images', name);

describe('decodeImage', () => {
  it.each(Object.entries(expected))('reads %s as Pillow does', async (name, { shape, tolerance, values }) => {
    const [height, width, channels] = shape;
    expect(await imageFacts(fixture(name))).toEqual({ height, width, channels });
    const pixels = await decodeImage(fixture(name), shape, 'crop');
    expect(greatestDifference(pixels, values)).toBeLessThanOrEqual(tolerance);
  });

  it('makes colours of grey, and grey of colours, as asked', async () => {
    const grey = await decodeImage(fixture('grey.png'), [6, 8, 3], 'crop');
    expect(Array.from(grey)).toEqual(expected['grey.png'].values.flatMap((value) => [value, value, value]));
    expect(await decodeImage(fixture('colour.png'), [6, 8, 1], 'crop')).toHaveLength(48);
    expect(await decodeImage(fixture('cmyk.tiff'), [6, 8, 3], 'crop')).toHaveLength(144);
  });

  it('cuts to the middle or stretches', async () => {
    const whole = expected['colour.png'].values;
    const cut = await decodeImage(fixture('colour.png'), [6, 6, 3], 'crop');
    const rows = Array.from({ length: 6 }, (_, y) => whole.slice((y * 8 + 1) * 3, (y * 8 + 7) * 3)).flat();
    expect(Array.from(cut)).toEqual(rows);
    expect(Array.from(await decodeImage(fixture('colour.png'), [6, 6, 3], 'stretch'))).not.toEqual(rows);
  });

  const decoding = (path: string): Promise<Uint8Array> => decodeImage(path, [8, 8, 3], 'crop');

  it.each(['smooth.jpg', 'colour.png', 'lossless.webp', 'grey.gif', 'plain.tiff'])(
    'refuses half of %s',
    async (name) => {
      const bytes = await readFile(fixture(name));
      const path = join(await temporaryDirectory(), name);
      await writeFile(path, bytes.subarray(0, bytes.length >> 1));
      await expect(decoding(path)).rejects.toThrow(/cut short|damaged/);
    },
  );

  it.each(Object.entries(fits))('resizes %s as Pillow does', async (name, values) => {
    const channels = name.includes('grey') ? 1 : 3;
    const pixels = await decodeImage(fixture(name), [20, 20, channels], 'crop');
    const mean = pixels.reduce((sum, value, i) => sum + Math.abs(value - values[i]), 0) / values.length;
    expect(pixels).toHaveLength(values.length);
    expect(mean).toBeLessThan(1);
  });

  it('reads a photograph alike, whichever library does', async () => {
    const bytes = await readFile(fixture('hills.jpg'));
    const path = join(await temporaryDirectory(), 'special.jpg');
    // Exif data that cannot be read: who knows how the picture is turned.
    const exif = Buffer.from('ffe1000a', 'hex');
    await writeFile(path, Buffer.concat([bytes.subarray(0, 2), exif, Buffer.from('Exif\0\0??'), bytes.subarray(2)]));
    const [plain, special] = [fixture('hills.jpg'), path].map((each) => decodeImage(each, [60, 90, 3], 'crop'));
    expect(greatestDifference(await plain, await special)).toBeLessThanOrEqual(8);
  });

  it('gives the same reason each time, however many are read at once', async () => {
    const directory = await temporaryDirectory();
    const hills = await readFile(fixture('hills.jpg'));
    const png = await readFile(fixture('hills.png'));
    const flipped = Buffer.from(png);
    flipped[png.length >> 1] ^= 1;
    const noTables = Buffer.concat([hills.subarray(0, 20), Buffer.from([0xff, 0xd9])]);
    const files: [string, Buffer, string][] = [
      ['short.jpg', hills.subarray(0, 1500), 'cut short'],
      ['header.jpg', hills.subarray(0, 30), 'cut short'],
      ['tables.jpg', noTables, 'damaged'],
      ['short.png', png.subarray(0, 5000), 'cut short'],
      ['flipped.png', flipped, 'damaged (its IDAT does not match its sum)'],
      ['short.webp', (await readFile(fixture('lossless.webp'))).subarray(0, 100), 'cut short'],
      ['short.gif', (await readFile(fixture('grey.gif'))).subarray(0, 40), 'cut short'],
    ];
    for (const [name, content] of files) await writeFile(join(directory, name), content);
    const many = Array.from({ length: 30 }, () => files).flat();
    const reasons = await Promise.all(
      many.map(([name]) =>
        decoding(join(directory, name)).then(
          () => 'none',
          (thrown: unknown) => (thrown instanceof Error ? thrown.message : thrown),
        ),
      ),
    );
    expect(reasons).toEqual(many.map(([, , why]) => why));
  });

  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'empty'],
    ['a text', 'hello', 'no image'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'an SVG'],
    ['a PDF', '%PDF-1.7', 'a PDF'],
    ['a header alone', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'cut short'],
  ])('refuses %s called .png', async (_, content, why) => {
    const path = join(await temporaryDirectory(), 'x.png');
    await writeFile(path, content);
    await expect(decoding(path)).rejects.toThrow(why);
  });

  it('refuses an AVIF by its name, and reads a PNG that is called .jpg', async () => {
    await expect(decoding(await written(Buffer.from('\0\0\0\x1cftypavif and more')))).rejects.toThrow(
      'a HEIF or AVIF, which is not read',
    );
    const path = join(await temporaryDirectory(), 'x.jpg');
    await copyFile(fixture('colour.png'), path);
    expect(await decodeImage(path, [6, 8, 3], 'crop')).toHaveLength(144);
  });

  const written = async (content: Buffer): Promise<string> => {
    const path = join(await temporaryDirectory(), 'x.png');
    await writeFile(path, content);
    return path;
  };

  it.each([...Object.entries(bmps), ...Object.entries(netpbms)])(
    'reads a BMP or Netpbm image %s',
    async (_, content) => {
      const path = await written(content);
      expect(await imageFacts(path)).toEqual({ height: 2, width: 3, channels: 3 });
      expect(Array.from(await decodeImage(path, [2, 3, 3], 'crop'))).toEqual(sixColours);
    },
  );

  it.each(greyNetpbms)('reads grey Netpbm images: %s', async (_, content, values) => {
    const path = await written(content);
    expect(await imageFacts(path)).toEqual({ height: 2, width: 3, channels: 1 });
    expect(Array.from(await decodeImage(path, [2, 3, 1], 'crop'))).toEqual(values);
  });

  it('reads BMPs as it does PNGs, and takes the colours of 16 bits for what they are', async () => {
    const [bmp, png] = ['plain.bmp', 'colour.png'].map((name) => decodeImage(fixture(name), [6, 8, 3], 'crop'));
    expect(Array.from(await bmp)).toEqual(Array.from(await png));
    expect(await decodeImage(fixture('plain.bmp'), [16, 16, 1], 'stretch')).toHaveLength(256);
    const pixels = await decodeImage(await written(bmp565), [2, 3, 3], 'crop');
    expect(greatestDifference(pixels, sixColours)).toBeLessThanOrEqual(1);
  });

  it.each<[string, Buffer, string]>([
    ['half a BMP', Object.values(bmps)[0].subarray(0, 60), 'cut short'],
    ['a BMP of more pixels than any camera has', hugeBmp(), 'more pixels than the 67 million'],
    ['half a PPM', Object.values(netpbms)[0].subarray(0, 40), 'damaged'],
    ['a PPM without sides', Buffer.from('P6 three by two'), 'damaged'],
    [
      'a TIFF of single precision',
      tiff(Buffer.from(Float32Array.of(0, 0.5, 1, 1).buffer), { bits: 32, format: 3 }),
      'of the type float',
    ],
    [
      'a TIFF of signed values',
      tiff(Buffer.from(Int16Array.of(-9, 0, 9, 1000).buffer), { bits: 16, format: 2 }),
      'of the type short',
    ],
    ['a TIFF of 32 bits', tiff(Buffer.from(Uint32Array.of(0, 1, 2, 70_000).buffer), { bits: 32 }), 'of the type uint'],
  ])('refuses %s', async (_, content, why) => {
    await expect(decoding(await written(content))).rejects.toThrow(why);
  });

  it('turns a TIFF round in which zero is white', async () => {
    const path = await written(tiff(Buffer.of(0, 50, 100, 255), { bits: 8, photometric: 0 }));
    expect(Array.from(await decodeImage(path, [2, 2, 1], 'crop'))).toEqual([255, 205, 155, 0]);
  });

  it.each(['png', 'tiff'] as const)('brings 16 bits of a %s to 8 by what stands for white', async (format) => {
    const raw = { width: 2, height: 2, channels: 1 } as const;
    const values = Uint16Array.of(0, 1024, 4095, 2048);
    const content =
      format === 'png'
        ? await sharp(values, { raw }).toColourspace('grey16').png().toBuffer()
        : tiff(Buffer.from(values.buffer), { bits: 16 });
    const path = await written(content);
    const met = new Oddities();
    expect(Array.from(await decodeImage(path, [2, 2, 1], 'crop', { met }))).toEqual([0, 4, 15, 8]);
    expect(met.deep).toEqual({ count: 1, greatest: 4095 });
    expect(Array.from(await decodeImage(path, [2, 2, 1], 'crop', { white: 4095 }))).toEqual([0, 64, 255, 128]);
    const colours = await decodeImage(path, [2, 2, 3], 'crop', { white: 4095 });
    expect(Array.from(colours)).toEqual([0, 64, 255, 128].flatMap((value) => [value, value, value]));
  });

  it('tells of pictures that are the first of several, and of those that can be seen through', async () => {
    const met = new Oddities();
    for (const name of ['frames.gif', 'frames.webp', 'alpha.png', 'grey-alpha.png', 'colour.png', 'palette.png']) {
      await decodeImage(fixture(name), [6, 8, 3], 'crop', { met });
    }
    const opaque = await sharp({ create: { width: 9, height: 9, channels: 4, background: '#123' } })
      .png()
      .toBuffer();
    await decodeImage(await written(opaque), [6, 8, 3], 'crop', { met });
    // A PNG of linear light, and one that says the same but has sRGB's chunk.
    const png = await readFile(fixture('colour.png'));
    const withChunks = (...chunks: Buffer[]): Buffer =>
      Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
    const gamma = pngChunk('gAMA', Buffer.from('000186a0', 'hex'));
    const linear = await written(withChunks(gamma));
    expect(Array.from(await decodeImage(linear, [6, 8, 3], 'crop', { met }))).toEqual(expected['colour.png'].values);
    await decodeImage(await written(withChunks(pngChunk('sRGB', Buffer.of(0)), gamma)), [6, 8, 3], 'crop', { met });
    expect(met.gamma).toEqual({ count: 1, example: linear });
    expect(met.several).toEqual({ count: 2, example: fixture('frames.gif') });
    expect(met.transparent).toEqual({ count: 2, example: fixture('alpha.png') });
  });

  it('refuses a picture that unpacks to more pixels than any camera has', async () => {
    const path = join(await temporaryDirectory(), 'bomb.png');
    await writeFile(path, bomb(30_000));
    await expect(imageFacts(path)).rejects.toThrow('more pixels than the 67 million');
    await expect(decoding(path)).rejects.toThrow('more pixels than the 67 million');
  });
});

/** A BMP that says it has 30 000 x 30 000 pixels. */
function hugeBmp(): Buffer {
  const bytes = Buffer.from(Object.values(bmps)[0]);
  bytes.writeInt32LE(30_000, 18);
  bytes.writeInt32LE(30_000, 22);
  return bytes;
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of side x side black pixels: a few kilobytes that unpack to a gigabyte. */
function bomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('resampler', () => {
  const { photo, digit } = resized;
  it('resizes as Pillow does', () => {
    const pixels = Uint8Array.from(photo.values);
    const crop = resampler(photo.shape, { top: 0, left: 6, height: 24, width: 24 }, 10)(pixels);
    expect(greatestDifference(crop, resized.crop)).toBeLessThanOrEqual(1);
    const stretch = resampler(photo.shape, { top: 0, left: 0, height: 24, width: 36 }, 10)(pixels);
    expect(greatestDifference(stretch, resized.stretch)).toBeLessThanOrEqual(1);
    const larger = resampler(digit.shape, { top: 0, left: 0, height: 28, width: 28 }, 32);
    expect(greatestDifference(larger(Uint8Array.from(digit.values)), resized.larger)).toBeLessThanOrEqual(1);
  });

  it('leaves a picture of one colour, and one of the right size, as they are', () => {
    const flat = resampler([9, 9, 3], { top: 0, left: 0, height: 9, width: 9 }, 20)(new Uint8Array(243).fill(200));
    expect(new Set(flat)).toEqual(new Set([200]));
    const same = resampler(digit.shape, { top: 0, left: 0, height: 28, width: 28 }, 28);
    expect(Array.from(same(Uint8Array.from(digit.values)))).toEqual(digit.values);
  });
});
