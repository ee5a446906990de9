import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openStoredImages } from '../../../src/engine/data/stored-images.ts';
import { generateShapes } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { temporary } from '../run/sample-run.ts';
import { cifar10Classes } from '../../../src/engine/data/published/cifar10.ts';
import { writeStore } from '../../../src/engine/data/store/write-store.ts';
import { expected } from './published/small-archives.ts';

const cifar10 = { name: 'cifar10', validationImages: 12, imageShape: [32, 32, 3] };

const size = 32 * 32 * 3;
const pixels = expected.validation.subarray(0, 12 * size);
const labels = expected.validation.subarray(12 * size);

/** Places in which twelve validation images are kept as CIFAR-10's, and where those lie. */
async function home({ isEmpty = false } = {}) {
  const paths = pathsFor({ HOME: await temporary() });
  const directory = join(paths.cache, 'cifar10');
  if (isEmpty) return { paths, directory };
  const images = [...labels].map((label, i) => ({ pixels: pixels.subarray(i * size, (i + 1) * size), label }));
  const parts = (['train', 'validation'] as const).map((name) => ({ name, atMost: 12, images: Readable.from(images) }));
  await writeStore(directory, { name: 'cifar10', classes: cifar10Classes, imageShape: [32, 32, 3], parts });
  return { paths, directory };
}

test('CIFAR-10 images are read one by one from the cache', async () => {
  const images = await openStoredImages(cifar10, (await home()).paths);
  for (const image of [11, 0, 5]) {
    expect(Buffer.from(images.pixels(image))).toEqual(pixels.subarray(image * size, (image + 1) * size));
  }
  expect(Array.from(images.labels)).toEqual([...labels]);
});

test('shapes are generated again', async () => {
  const images = await openStoredImages(
    { ...cifar10, name: 'shapes', validationImages: 1000 },
    (await home({ isEmpty: true })).paths,
  );
  const { pixels, labels } = generateShapes(3, 'validation');
  expect(images.pixels(2)).toEqual(pixels.subarray(2 * 3072));
  expect(images.labels.subarray(0, 3)).toEqual(labels);
});

test.each<[string, (path: string) => Promise<void>, string]>([
  ['absent', (path) => rm(dirname(path), { recursive: true }), 'data-unavailable'],
  ['of another class than was written', (path) => flip(path, 12 * size), 'data-damaged'],
  ['cut short', (path) => truncate(path, 1000), 'data-damaged'],
])('images that are %s are said to be, with the remedy', async (_, damage, code) => {
  const { paths, directory } = await home();
  await damage(join(directory, 'validation.bin'));
  const opening = openStoredImages(cifar10, paths);
  await expect(opening).rejects.toMatchObject({
    code,
    exitCode: 4,
    hint: expect.stringContaining('data fetch cifar10'),
  });
});

test('an image of a flipped bit is refused when it is looked at', async () => {
  const { paths, directory } = await home();
  await flip(join(directory, 'validation.bin'), 77);
  const images = await openStoredImages(cifar10, paths);
  expect(Buffer.from(images.pixels(1))).toEqual(pixels.subarray(size, 2 * size));
  expect(() => images.pixels(0)).toThrow(expect.objectContaining({ code: 'data-damaged', exitCode: 4 }) as Error);
});

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] ^= 1;
  await writeFile(path, bytes);
}

test('another data set, or another number of images, is refused', async () => {
  const { paths } = await home();
  const mine = openStoredImages({ ...cifar10, name: 'mi\u001bne' }, paths);
  await expect(mine).rejects.toMatchObject({
    code: 'data-unavailable',
    message: expect.stringContaining('mi\ufffdne'),
  });
  const more = openStoredImages({ ...cifar10, validationImages: 13 }, paths);
  await expect(more).rejects.toMatchObject({ code: 'run-differs', exitCode: 4 });
});
