import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStoredImages } from '../../../src/engine/data/stored-images.ts';
import { generateShapes } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { temporary } from '../run/sample-run.ts';
import { expected, smallLayout } from './cifar10/small-archives.ts';

const cifar10 = { name: 'cifar10', validationImages: 12, imageShape: [32, 32, 3] };

async function home(content?: Uint8Array) {
  const paths = pathsFor({ HOME: await temporary() });
  if (content) {
    await mkdir(join(paths.cache, 'cifar10'), { recursive: true });
    await writeFile(join(paths.cache, 'cifar10', 'validation.bin'), content);
  }
  return paths;
}

test('CIFAR-10 images are read one by one from the cache', async () => {
  const images = await openStoredImages(cifar10, await home(expected.validation), smallLayout);
  for (const image of [11, 0, 5]) {
    expect(Buffer.from(images.pixels(image))).toEqual(expected.validation.subarray(image * 3072, (image + 1) * 3072));
  }
  expect(Array.from(images.labels)).toEqual([...expected.validation.subarray(12 * 3072)]);
  images.close();
});

test('shapes are generated again', async () => {
  const images = await openStoredImages({ ...cifar10, name: 'shapes', validationImages: 1000 }, await home());
  const { pixels, labels } = generateShapes(3, 'validation');
  expect(images.pixels(2)).toEqual(pixels.subarray(2 * 3072));
  expect(images.labels.subarray(0, 3)).toEqual(labels);
});

const damaged = Buffer.from(expected.validation);
damaged[77] ^= 1;
test.each<[string, Uint8Array | undefined, string]>([
  ['absent', undefined, 'data-unavailable'],
  ['of a flipped bit', damaged, 'data-damaged'],
  ['cut short', expected.validation.subarray(0, 1000), 'data-damaged'],
])('images that are %s are said to be, with the remedy', async (_, content, code) => {
  const opening = openStoredImages(cifar10, await home(content), smallLayout);
  await expect(opening).rejects.toMatchObject({
    code,
    exitCode: 4,
    hint: expect.stringContaining('data fetch cifar10'),
  });
});

test('another data set, or another number of images, is refused', async () => {
  const paths = await home(expected.validation);
  const mine = openStoredImages({ ...cifar10, name: 'mi\u001bne' }, paths, smallLayout);
  await expect(mine).rejects.toMatchObject({
    code: 'data-unavailable',
    message: expect.stringContaining('mi\ufffdne'),
  });
  const fewer = openStoredImages({ ...cifar10, validationImages: 11 }, paths, smallLayout);
  await expect(fewer).rejects.toMatchObject({ code: 'run-differs', exitCode: 4 });
});
