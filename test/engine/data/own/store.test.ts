import fc from 'fast-check';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { eachImage, GreyAsColour, MemoryImages } from '../../../../src/engine/data/raw-images.ts';
import { splitImages } from '../../../../src/engine/data/split-images.ts';
import { findStore, openStore, type ImageStore } from '../../../../src/engine/data/store/open-store.ts';
import { writeStore } from '../../../../src/engine/data/store/write-store.ts';
import { noise, temporaryDirectory } from '../../transfer/support.ts';

const count = 40;
const size = 2 * 3 * 3;
const pixels = new Uint8Array(noise(count * size));
const labels = Uint16Array.from({ length: count }, (_, image) => image % 3);

async function* stored() {
  for (let image = 0; image < count; image++) {
    yield await Promise.resolve({ pixels: pixels.subarray(image * size, (image + 1) * size), label: labels[image] });
  }
}

const facts = { name: 'x', classes: ['a', 'b', 'c'], imageShape: [2, 3, 3] as const };

async function write(directory: string): Promise<void> {
  await writeStore(directory, { ...facts, parts: [{ name: 'all', atMost: count, images: stored() }] });
}

async function ready(directory: string, inMemory?: number): Promise<ImageStore> {
  const opened = await openStore(directory, inMemory === undefined ? {} : { inMemory });
  if (opened.state !== 'ready') throw new Error(JSON.stringify(opened));
  return opened.store;
}

describe('a store', () => {
  it('gives back what was written, from memory and from the disk', async () => {
    const folder = await temporaryDirectory();
    const directory = join(folder, 'one');
    expect(await openStore(directory)).toEqual({ state: 'absent' });
    await write(directory);
    for (const inMemory of [1e9, 0]) {
      const all = (await ready(directory, inMemory)).images.all!;
      expect(all.onDisk ?? false).toBe(inMemory === 0);
      expect(Buffer.from(all.view(0, count))).toEqual(Buffer.from(pixels));
      expect(Buffer.from(all.view(7, 9))).toEqual(Buffer.from(pixels.subarray(7 * size, 9 * size)));
      expect(all.labels).toEqual(labels);
      expect(() => all.view(39, 41)).toThrow(RangeError);
    }
    expect((await readdir(folder)).sort()).toEqual(['.uses', 'one']);
    const { content } = await ready(directory);
    expect(await findStore(folder, content)).toBe(directory);
    expect(await findStore(folder, 'another')).toBeUndefined();
    expect(await findStore(join(folder, 'gone'), content)).toBeUndefined();
  });

  it('says so where no image fills half of the range, unless there is none', async () => {
    const directory = join(await temporaryDirectory(), 'one');
    const remarksOf = async (values: readonly number[]): Promise<string[]> => {
      const images = async function* () {
        for (const value of values) yield await Promise.resolve({ pixels: new Uint8Array(size).fill(value), label: 0 });
      };
      await writeStore(directory, { ...facts, parts: [{ name: 'all', atMost: values.length, images: images() }] });
      return ((await ready(directory)).remarks ?? []).map(({ code, message }) => `${code}: ${message}`);
    };
    expect(await remarksOf([0, 1, 16])).toEqual([
      expect.stringContaining('value-range: the greatest value of all images is 16 of 255'),
    ]);
    expect(await remarksOf([127])).toHaveLength(1);
    expect(await remarksOf([0, 128])).toEqual([]);
    expect(await remarksOf([])).toEqual([]);
  });

  it('hands over images on the disk in their order there', async () => {
    const directory = join(await temporaryDirectory(), 'one');
    await write(directory);
    const all = (await ready(directory, 0)).images.all!;
    const seen: [number, number][] = [];
    eachImage(all, [30, 2, 30, 11], (image, place) => {
      expect(Buffer.from(image)).toEqual(Buffer.from(pixels.subarray([30, 2, 30, 11][place] * size).subarray(0, size)));
      seen.push([[30, 2, 30, 11][place], place]);
    });
    expect(seen.map(([image]) => image)).toEqual([2, 11, 30, 30]);
    expect(seen.map(([, place]) => place).sort()).toEqual([0, 1, 2, 3]);
  });

  it.each<[string, (directory: string) => Promise<unknown>]>([
    ['cut short', (directory) => truncate(join(directory, 'all.bin'), 99)],
    ['of no JSON', (directory) => writeFile(join(directory, 'images.json'), '{')],
    ['of impossible sizes', (directory) => edit(directory, (text) => text.replace('"count": 40', '"count": 1e300'))],
    ['of another class', (directory) => edit(directory, (text) => text.replace('"b"', '"q"'))],
    ['of a flipped label', (directory) => flip(directory, count * size)],
  ])('is damaged when it is %s', async (_, damage) => {
    const directory = join(await temporaryDirectory(), 'one');
    await write(directory);
    await damage(directory);
    expect(await openStore(directory)).toMatchObject({ state: 'damaged' });
  });

  it.each([0, 5, count - 1])(
    'notices a flipped bit in image %i: at once in memory, on the disk when it is read',
    async (image) => {
      const directory = join(await temporaryDirectory(), 'one');
      await write(directory);
      await flip(directory, image * size);
      expect(await openStore(directory)).toEqual({
        state: 'damaged',
        why: `image ${image} of all.bin does not match its sum`,
      });
      const all = (await ready(directory, 0)).images.all!;
      const other = (image + 1) % count;
      expect(Array.from(all.view(other, other + 1))).toEqual(
        Array.from(pixels.subarray(other * size, (other + 1) * size)),
      );
      expect(() => all.view(image, image + 1)).toThrow(`image ${image} does not match its sum`);
    },
  );

  it('is not there when writing failed, and what was there before stays', async () => {
    const folder = await temporaryDirectory();
    const directory = join(folder, 'one');
    await mkdir(join(folder, '.one.old.tmp'));
    await write(directory);
    const failing = async function* () {
      yield* stored();
      throw new Error('no more');
    };
    const again = writeStore(directory, { ...facts, parts: [{ name: 'all', atMost: count, images: failing() }] });
    await expect(again).rejects.toThrow('no more');
    expect(await readdir(folder)).toEqual(['one']);
    await ready(directory);
  });

  it('says that the disk is full, and leaves no part behind', async () => {
    const folder = await temporaryDirectory();
    const full = async function* () {
      yield* stored();
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    const parts = [{ name: 'all' as const, atMost: count, images: full() }];
    const failed = writeStore(join(folder, 'one'), { ...facts, parts });
    await expect(failed).rejects.toMatchObject({ code: 'disk-full', exitCode: 1 });
    expect(await readdir(folder)).toEqual([]);
    const tooMany = [{ name: 'all' as const, atMost: 2 ** 45, images: stored() }];
    await expect(writeStore(join(folder, 'one'), { ...facts, parts: tooMany })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('free') as string,
    });
  });
});

async function edit(directory: string, change: (text: string) => string): Promise<void> {
  const path = join(directory, 'images.json');
  const text = await readFile(path, 'utf8');
  expect(change(text)).not.toBe(text);
  await writeFile(path, change(text));
}

async function flip(directory: string, at: number): Promise<void> {
  const bytes = await readFile(join(directory, 'all.bin'));
  bytes[at] ^= 1;
  await writeFile(join(directory, 'all.bin'), bytes);
}

describe('splitImages', () => {
  const classes = ['a', 'b', 'c'];
  const images = new MemoryImages(pixels, labels, size);

  it('keeps the same share of every class, by the seed alone, every image once', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat(1000), (validation, seed) => {
        const split = splitImages(images, classes, { validation, seed });
        const { train, validation: kept } = split;
        expect(train.count + kept.count).toBe(count);
        for (const label of [0, 1, 2]) {
          const own = labels.filter((each) => each === label).length;
          const share = kept.labels.filter((each) => each === label).length;
          expect(share).toBe(Math.min(own - 1, Math.max(1, Math.round(own * validation))));
        }
        const seen = [...bytesOf(train), ...bytesOf(kept)].sort();
        expect(seen).toEqual(bytesOf(images).sort());
        const again = splitImages(images, classes, { validation, seed });
        expect(bytesOf(again.validation)).toEqual(bytesOf(kept));
      }),
      { numRuns: 30 },
    );
    const one = bytesOf(splitImages(images, classes, { validation: 0.5, seed: 1 }).validation);
    expect(bytesOf(splitImages(images, classes, { validation: 0.5, seed: 2 }).validation)).not.toEqual(one);
  });

  it('refuses a class with less than two images', () => {
    expect(() => splitImages(images, [...classes, 'd'], { validation: 0.1, seed: 1 })).toThrow(
      'Class d has no image; a split needs two at least',
    );
  });
});

const bytesOf = (images: MemoryImages | ReturnType<typeof splitImages>['train']): string[] =>
  Array.from({ length: images.count }, (_, image) => Buffer.from(images.view(image, image + 1)).toString('hex'));

it('grey images are given in three channels', () => {
  const grey = new MemoryImages(Uint8Array.of(1, 2, 3, 4), Uint16Array.of(0, 1), 2);
  const colour = new GreyAsColour(grey);
  expect(colour.imageSize).toBe(6);
  expect([...colour.view(1, 2)]).toEqual([3, 3, 3, 4, 4, 4]);
  expect([...colour.view(0, 2)]).toHaveLength(12);
  expect(() => colour.view(1, 3)).toThrow(RangeError);
});
