import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cifar10Of } from '../../../../src/engine/data/published/cifar10.ts';
import { recording, temporaryDirectory } from '../../transfer/support.ts';
import { expected, npmFiles, officialFiles, pack, smallLayout, writeFolder, type Files } from './small-archives.ts';
import { pngOfPixels } from '../../../support/pixels.ts';

const official = officialFiles();
let npm: Files;
beforeAll(async () => {
  npm = await npmFiles();
});

/** Each part's pixels and labels, once all images have been seen. */
async function read(path: string, { context } = recording()): Promise<Record<'train' | 'validation', Buffer>> {
  const { parts } = await cifar10Of(smallLayout).read([path], context);
  const contents = parts.map(async ({ name, labels, images }) => {
    const pixels: Buffer[] = [];
    for await (const image of images()) pixels.push(Buffer.from(image.pixels));
    return [name, Buffer.concat([...pixels, Uint8Array.from(labels)])] as const;
  });
  return Object.fromEntries(await Promise.all(contents)) as Record<'train' | 'validation', Buffer>;
}

async function archive(prefix: string, files: Files): Promise<string> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'archive.tgz');
  await writeFile(path, await pack(directory, prefix, files));
  return path;
}

const without = (files: Files, name: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([each]) => each !== name));

const same = (content: { train: Uint8Array; validation: Uint8Array }): void => {
  expect(expected.train.equals(content.train)).toBe(true);
  expect(expected.validation.equals(content.validation)).toBe(true);
};

describe("CIFAR-10's own files", () => {
  it('finds the same images and labels in the official and in the npm archive', async () => {
    same(await read(await archive('cifar-10-batches-bin', official)));
    same(await read(await archive('package', npm)));
  });

  it('reads a folder that either was unpacked to, its inner folder, one that holds both, and an earlier cache', async () => {
    same(await read(await writeFolder(await temporaryDirectory(), official)));
    same(await read(await writeFolder(await temporaryDirectory(), npm)));
    const outer = await temporaryDirectory();
    await writeFolder(join(outer, 'cifar-10-batches-bin'), official);
    same(await read(outer));
    same(await read(await writeFolder(await temporaryDirectory(), { ...npm, ...official })));
    const kept = { 'train.bin': expected.train, 'validation.bin': expected.validation };
    same(await read(await writeFolder(await temporaryDirectory(), kept)));
  });

  const batch = official['data_batch_2.bin'] as Buffer;
  const label = (value: number): Buffer => {
    const copy = Buffer.from(batch);
    copy[3 * 3073] = value;
    return copy;
  };
  const flipped = Buffer.from(batch);
  flipped[5000] ^= 4;

  it.each([
    ['a batch cut short', { 'data_batch_2.bin': batch.subarray(0, -1) }, 'data_batch_2.bin has 36875 bytes, not 36876'],
    ['a batch too long', { 'data_batch_2.bin': Buffer.concat([batch, batch]) }, 'data_batch_2.bin has 73752 bytes'],
    ['an impossible label', { 'data_batch_2.bin': label(10) }, 'data_batch_2.bin gives image 3 the label 10'],
    ['one wrong bit', { 'data_batch_2.bin': flipped }, "its train images are not CIFAR-10's"],
    ['other classes', { 'batches.meta.txt': 'cat dog' }, 'batches.meta.txt names other classes: cat, dog'],
  ])('refuses an official archive with %s', async (_what, change, message) => {
    for (const path of [
      await archive('cifar-10-batches-bin', { ...official, ...change }),
      await writeFolder(await temporaryDirectory(), { ...official, ...change }),
    ]) {
      await expect(read(path)).rejects.toMatchObject({ exitCode: 4 });
      if (!path.endsWith('.tgz') && message.includes('73752')) continue;
      await expect(read(path)).rejects.toThrow(message);
    }
  });

  it('names a batch that is missing', async () => {
    const files = without(official, 'test_batch.bin');
    await expect(read(await archive('cifar-10-batches-bin', files))).rejects.toThrow(
      'the images of test_batch are missing',
    );
    await expect(read(await archive('package', without(npm, 'train_lables.json')))).rejects.toThrow(
      'the labels of data_batch_1 are missing',
    );
  });

  it('refuses damaged pictures and label lists of the npm archive', async () => {
    const png = npm['data_batch_3.png'] as Buffer;
    const flippedPng = Buffer.from(png);
    flippedPng[png.length >> 1] ^= 1;
    const changes: [Files, string][] = [
      [{ 'data_batch_3.png': png.subarray(0, png.length >> 1) }, 'data_batch_3.png is'],
      [{ 'data_batch_3.png': flippedPng }, 'data_batch_3.png is'],
      [{ 'data_batch_3.png': 'no picture' }, 'data_batch_3.png is'],
      [{ 'data_batch_3.png': await pngOfPixels(new Uint8Array(64 * 64 * 3), 64, 64) }, 'a 64x64 png picture'],
      [{ 'test_lables.json': '[1,2' }, 'test_lables.json is no JSON'],
      [{ 'test_lables.json': '[1,2]' }, 'test_lables.json is no list of 12 labels'],
      [{ 'test_lables.json': '{"length":12}' }, 'test_lables.json is no list'],
      [{ 'test_lables.json': JSON.stringify(Array(12).fill('3')) }, 'an impossible label at place 0'],
      [{ 'test_lables.json': JSON.stringify([...Array<number>(11).fill(0), 255]) }, 'an impossible label at place 11'],
      [{ 'test_lables.json': JSON.stringify([...Array<number>(11).fill(0), 0.5]) }, 'an impossible label at place 11'],
    ];
    for (const [change, message] of changes) {
      const wrong = read(await archive('package', { ...npm, ...change }));
      await expect(wrong).rejects.toMatchObject({ code: 'data-damaged', exitCode: 4 });
      await expect(wrong).rejects.toThrow(message);
    }
  });

  it('refuses swapped labels, which only the checksum shows', async () => {
    const list = JSON.parse(npm['test_lables.json'] as string) as number[];
    const swapped = { 'test_lables.json': JSON.stringify([list[1], list[0], ...list.slice(2)]) };
    await expect(read(await archive('package', { ...npm, ...swapped }))).rejects.toThrow(
      "its validation images are not CIFAR-10's",
    );
  });

  it('refuses what is no CIFAR-10: an archive of other things, another folder, a folder in place of a file', async () => {
    await expect(read(await archive('other', { 'a.txt': 'a' }))).rejects.toThrow(
      'the images of data_batch_1 are missing',
    );
    await expect(read(await temporaryDirectory())).rejects.toMatchObject({ code: 'not-cifar10', exitCode: 4 });
    const folder = await writeFolder(await temporaryDirectory(), without(official, 'test_batch.bin'));
    await mkdir(join(folder, 'test_batch.bin'));
    await expect(read(folder)).rejects.toThrow('test_batch.bin: it is a directory');
    await expect(read(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
  });

  it('refuses an archive that was cut short, and can be cancelled', async () => {
    const path = await archive('cifar-10-batches-bin', official);
    const recorded = recording();
    recorded.abort.abort();
    await expect(read(path, recorded)).rejects.toMatchObject({ code: 'cancelled' });
    await truncate(path, 50_000);
    await expect(read(path)).rejects.toMatchObject({ code: 'archive-damaged', exitCode: 4 });
  });
});
