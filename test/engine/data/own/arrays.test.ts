import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findIdx, provideIdx } from '../../../../src/engine/data/idx/idx-folder.ts';
import { readIdx } from '../../../../src/engine/data/idx/read-idx.ts';
import { provideNpz } from '../../../../src/engine/data/npz/provide-npz.ts';
import { noise, temporaryDirectory } from '../../transfer/support.ts';
import { npy, product, textNpy, zipOf } from './array-files.ts';
import { fixtures, scene } from './scene.ts';

const { images, labels } = JSON.parse(readFileSync(join(fixtures, 'arrays.json'), 'utf8')) as Record<
  'images' | 'labels',
  number[]
>;
const array = (name: string): string => join(fixtures, 'arrays', name);
const red = images.filter((_, at) => at % 3 === 0);

describe('provideNpz', () => {
  it.each([
    ['bytes, with the names of classes', 'plain.npz', ['ant', 'bée', 'cat']],
    ['channels first, compressed', 'first.npz', ['0', '1', '2']],
    ['single precision from 0 to 1', 'unit.npz', ['0', '1', '2']],
    ['double precision from 0 to 255, labels [N, 1]', 'double.npz', ['0', '1', '2']],
  ])('reads %s', async (_, file, classes) => {
    const { context } = await scene();
    const store = await provideNpz(array(file), {}, context);
    expect(store).toMatchObject({ classes, imageShape: [5, 4, 3], source: array(file) });
    expect(Array.from(store.images.all!.view(0, 12))).toEqual(images);
    expect(Array.from(store.images.all!.labels)).toEqual(labels);
  });

  it("reads Keras' names as a given split, and grey images", async () => {
    const { context } = await scene();
    const { images: parts, imageShape } = await provideNpz(array('keras.npz'), {}, context);
    expect(imageShape).toEqual([5, 4, 1]);
    expect(Array.from(parts.train!.view(0, 9))).toEqual(red.slice(0, 9 * 20));
    expect(Array.from(parts.validation!.labels)).toEqual(labels.slice(9));
  });

  it('resizes', async () => {
    const { context } = await scene();
    const { images: parts, imageShape } = await provideNpz(array('plain.npz'), { imageSize: 8 }, context);
    expect(imageShape).toEqual([8, 8, 3]);
    expect(parts.all!.count).toBe(12);
  });

  it.each([
    ['negative.npz', 'its values go from -128 to 127'],
    ['count.npz', 'there are 12 images'],
    ['lonely.npz', 'has images, but no labels'],
    ['other.npz', 'has no images and labels: it holds weights [12, 5, 4, 3], bias [12]'],
    ['float-labels.npz', 'image 0 has the class 0.5'],
    ['shape.npz', 'its shape [12, 60] is not a shape of images'],
    ['pickle.npz', 'which are never read'],
  ])('refuses %s by name', async (file, why) => {
    const { context } = await scene();
    const refused = provideNpz(array(file), {}, context);
    await expect(refused).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining(why) });
    await expect(refused).rejects.toThrow(file);
  });

  const values = (shape: number[], make: (at: number) => number, kind: 'float32' | 'float64' = 'float32'): Buffer => {
    const numbers = Array.from({ length: product(shape) }, (_, at) => make(at));
    return npy(shape, kind, kind === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers));
  };
  const ints = (shape: number[], make: (at: number) => number): Buffer =>
    npy(
      shape,
      'int32',
      Int32Array.from({ length: product(shape) }, (_, at) => make(at)),
    );
  const four = ints([4], (at) => at % 2);
  const shape = [4, 2, 2];
  const read = async (arrays: Readonly<Record<string, Buffer>>) => {
    const { context, home } = await scene();
    const path = join(home, 'x.npz');
    await writeFile(path, zipOf(arrays));
    return provideNpz(path, {}, context);
  };
  const pixelsOf = async (images: Buffer): Promise<number[]> =>
    Array.from((await read({ images, labels: four })).images.all!.view(0, 4));

  it.each<[string, Buffer, (at: number) => number]>([
    [
      'one value just above 1',
      values(shape, (at) => (at === 3 ? 1.0000002 : at / 16)),
      (at) => (at === 3 ? 255 : Math.round((at * 255) / 16)),
    ],
    [
      'a hundredth beyond 0 and 1',
      values(shape, (at) => (at < 2 ? at * 1.02 - 0.01 : 0.5)),
      (at) => [0, 255][at] ?? 128,
    ],
    ['one value just below 0', values(shape, (at) => (at === 0 ? -1e-7 : at / 15)), (at) => at * 17],
    ['0 to 255 with a little beyond', values(shape, (at) => at * 17.01 - 0.1), (at) => at * 17],
    ['whole numbers', values(shape, (at) => at * 17, 'float64'), (at) => at * 17],
    ['12 bits', ints(shape, (at) => at * 273), (at) => at * 17],
  ])('reads %s', async (_, images, wanted) => {
    expect(await pixelsOf(images)).toEqual(Array.from({ length: 16 }, (__, at) => wanted(at)));
  });

  it.each<[string, Buffer, string]>([
    ['fractions up to 2', values(shape, (at) => at / 8), 'its values go from 0 to 1.875, which is neither 0 to 1 nor'],
    ['fractions up to 16', values(shape, (at) => at + 0.5), 'its values go from 0.5 to 15.5, which is neither'],
    ['values around 0', values(shape, (at) => at / 8 - 1), 'its values go from -1 to 0.875'],
    ['more than 16 bits', ints(shape, (at) => at * 9999), 'its values go from 0 to 149985'],
    ['what is not a number', values(shape, (at) => (at === 5 ? NaN : 0.5)), 'it holds NaN'],
  ])('refuses %s', async (_, images, why) => {
    await expect(read({ images, labels: four })).rejects.toMatchObject({
      code: 'bad-images',
      message: expect.stringContaining(why) as string,
    });
  });

  it.each<[string, Record<string, Buffer>, { classes?: string[]; remarks: unknown[] }]>([
    [
      'values up to 16',
      { images: ints(shape, (at) => at), labels: four },
      { remarks: [{ code: 'value-range', count: 1, message: expect.stringContaining('is 15 of 255') as string }] },
    ],
    [
      '12 bits',
      { images: ints(shape, (at) => at * 273), labels: four },
      { remarks: [{ code: 'sixteen-bits', count: 1, message: expect.stringContaining('use 0 to 4095') as string }] },
    ],
    [
      'classes from 1',
      { images: ints(shape, (at) => at * 17), labels: ints([4], (at) => 1 + (at % 2)) },
      {
        classes: ['1', '2'],
        remarks: [{ code: 'note', count: 1, message: expect.stringContaining('count from 1 to 2') as string }],
      },
    ],
    [
      'a third part',
      {
        x_train: ints(shape, (at) => at * 17),
        y_train: four,
        x_val: ints(shape, (at) => at * 17),
        y_val: four,
        x_test: ints(shape, (at) => at),
        y_test: four,
      },
      { classes: ['0', '1'], remarks: [{ code: 'note', count: 2, message: 'not used of the file: x_test, y_test' }] },
    ],
    [
      'names as labels',
      { images: ints(shape, (at) => at * 17), labels: textNpy(['dog', 'ant', 'dog', 'cow']) },
      { classes: ['ant', 'cow', 'dog'], remarks: [] },
    ],
  ])('says of %s what it took them for', async (_, arrays, wanted) => {
    expect(await read(arrays)).toMatchObject(wanted);
  });

  it('gives names as labels the places of their classes, and names of classes to numbers from 1', async () => {
    const images = ints(shape, (at) => at * 17);
    const named = await read({ images, labels: textNpy(['dog', 'ant', 'dog', 'cow']) });
    expect(Array.from(named.images.all!.labels)).toEqual([2, 0, 2, 1]);
    const labels = ints([4], (at) => 1 + (at % 2));
    const counted = await read({ images, labels, classes: textNpy(['ant', 'b\u200bee']) });
    expect(counted.classes).toEqual(['ant', 'b<U+200B>ee']);
    expect(Array.from(counted.images.all!.labels)).toEqual([0, 1, 0, 1]);
    await expect(read({ images, labels: ints([4, 2], (at) => at % 2) })).rejects.toMatchObject({
      hint: expect.stringContaining('labels.argmax(1)') as string,
    });
  });

  it('refuses a file that was cut short or changed', async () => {
    const { context, home } = await scene();
    const bytes = await readFile(array('plain.npz'));
    const short = join(home, 'short.npz');
    await writeFile(short, bytes.subarray(0, 900));
    await expect(provideNpz(short, {}, context)).rejects.toMatchObject({ code: 'bad-array', exitCode: 4 });
    const flipped = Buffer.from(bytes);
    flipped[500] ^= 1;
    await writeFile(short, flipped);
    await expect(provideNpz(short, {}, context)).rejects.toThrow('does not match its checksum');
  });
});

const mnist = array('MNIST');

describe('IDX files', () => {
  it('are read as torchvision keeps them, gzipped or not', async () => {
    const { context } = await scene();
    const parts = (await findIdx(mnist))!;
    const store = await provideIdx(mnist, parts, {}, context);
    expect(store).toMatchObject({ name: 'MNIST', classes: ['0', '1', '2'], imageShape: [5, 4, 1] });
    expect(Array.from(store.images.train!.view(0, 9))).toEqual(red.slice(0, 9 * 20));
    expect(Array.from(store.images.validation!.view(0, 3))).toEqual(red.slice(9 * 20));
    expect(Array.from(store.images.validation!.labels)).toEqual(labels.slice(9));
  });

  it('hold all images where there is one pair, and nothing where there is none', async () => {
    const folder = await temporaryDirectory();
    expect(await findIdx(folder)).toBeUndefined();
    await cp(join(mnist, 'raw'), folder, { recursive: true });
    await rm(join(folder, 't10k-images-idx3-ubyte'));
    await expect(findIdx(folder)).rejects.toMatchObject({
      code: 'bad-idx',
      message: expect.stringContaining('there is no t10k-images-idx3-ubyte'),
    });
    await rm(join(folder, 't10k-labels-idx1-ubyte.gz'));
    expect(await findIdx(folder)).toMatchObject([{ name: 'all' }]);
  });

  const header = (...bytes: number[]): Buffer => Buffer.from(bytes);
  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'ends within its header'],
    ['another file', Buffer.from('hello there, this is text'), 'it is no IDX file'],
    ['floats', header(0, 0, 13, 3, ...Array<number>(12).fill(1)), 'of type 0xd'],
    ['labels for images', header(0, 0, 8, 1, 0, 0, 0, 1, 5, ...Array<number>(9).fill(1)), 'has 1 axes where'],
    ['too few values', header(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1), 'ends after 1 of 8'],
    ['too many values', header(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2), 'more than the 1 values'],
    ['a claim of terabytes', header(0, 0, 8, 3, 0, 255, 255, 255, 0, 255, 255, 255, 0, 9, 9, 9), 'more than is read'],
    [
      'a bomb',
      gzipSync(Buffer.concat([header(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1), Buffer.alloc(5e7)])),
      'more than the 1 values',
    ],
    [
      'half a gzip',
      gzipSync(Buffer.concat([header(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 100, 0, 0, 0, 100), noise(10_000)])).subarray(
        0,
        5000,
      ),
      'damaged',
    ],
  ])('are refused when they are %s', async (_, content, why) => {
    const path = join(await temporaryDirectory(), 'x-idx3-ubyte');
    await writeFile(path, content);
    const { context } = await scene();
    await expect(readIdx(path, 3, context)).rejects.toMatchObject({
      code: 'bad-idx',
      exitCode: 4,
      message: expect.stringContaining(why),
    });
  });

  it('are refused when labels and images do not belong together', async () => {
    const { context, home } = await scene();
    const folder = join(home, 'idx');
    await mkdir(folder);
    await cp(join(mnist, 'raw'), folder, { recursive: true });
    const packed = await readFile(join(folder, 'train-labels-idx1-ubyte.gz'));
    const fewer = gunzipSync(packed).subarray(0, -1);
    fewer.writeUInt32BE(8, 4);
    await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(fewer));
    const parts = (await findIdx(folder))!;
    await expect(provideIdx(folder, parts, {}, context)).rejects.toThrow('8 labels for the 9 images');
  });
});
