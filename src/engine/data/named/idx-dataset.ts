import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { findIdx, idxParts, readIdxParts, type IdxPart, type ReadIdxPart } from '../idx/idx-folder.ts';
import { collectIdx, type IdxArray } from '../idx/read-idx.ts';
import { readTar } from '../read-tar.ts';
import type { NamedDataset } from './named-dataset.ts';

export const idxFiles = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
export type IdxFileName = (typeof idxFiles)[number];

export interface IdxDatasetOptions extends Pick<
  NamedDataset,
  'name' | 'title' | 'description' | 'classes' | 'trainImages' | 'validationImages' | 'offers'
> {
  /** Height and width of the images. */
  side: number;
  /** SHA-256 of the files, unpacked, where they are known for certain. */
  unpackedSums?: Readonly<Record<IdxFileName, string>>;
}

/** A data set published as the four IDX files that MNIST has. */
export function idxDataset({ side, unpackedSums, ...facts }: IdxDatasetOptions): NamedDataset {
  const dataset: NamedDataset = {
    ...facts,
    shape: [side, side, 1],
    remedy: 'the folder with train-images-idx3-ubyte.gz and the three other files',
    read: async (paths, context) => {
      const parts =
        paths.length === 4
          ? await readIdxParts(downloaded(paths), context)
          : await readSource(paths[0], dataset, context);
      for (const part of parts) checkPart(part, dataset, unpackedSums);
      return idxParts(parts, dataset.classes);
    },
  };
  return dataset;
}

const notIt = (path: string, { title, remedy }: NamedDataset, why: string): DeepviewError =>
  new DeepviewError('data-damaged', `${printable(path, 1000)} is not ${title}: ${why}`, {
    hint: `Name ${remedy}, or leave out --source to let the program fetch it.`,
    exitCode: exitCodes.unreadable,
  });

/** The four files in their order. */
const downloaded = ([a, b, c, d]: readonly string[]): IdxPart[] => [
  { name: 'train', images: a, labels: b },
  { name: 'validation', images: c, labels: d },
];

async function readSource(path: string, dataset: NamedDataset, context: StepContext): Promise<ReadIdxPart[]> {
  const info = await stat(path).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  });
  if (!info.isDirectory()) return readArchive(path, dataset, context);
  const found = await findIdx(path);
  if (found?.length === 2) return readIdxParts(found, context);
  throw notIt(path, dataset, `there is no ${found ? idxFiles[2] : idxFiles[0]}`);
}

/** A tar archive with the four files, as npm has them. */
async function readArchive(path: string, dataset: NamedDataset, { signal }: StepContext): Promise<ReadIdxPart[]> {
  const { side, most } = { side: dataset.shape[0], most: Math.max(dataset.trainImages, dataset.validationImages) };
  const found = new Map<string, IdxArray>();
  const files = readTar(path, {
    wanted: (entry) =>
      (idxFiles as readonly string[]).includes(basename(entry)) ? most * side * side + 16 : undefined,
    bounds: {
      bytes: 2 * (dataset.trainImages + dataset.validationImages) * (side * side + 1) + 2 ** 22,
      entries: 1000,
    },
    signal,
  });
  for await (const { path: entry, content } of files) {
    const name = basename(entry);
    found.set(name, await collectIdx(`${path}: ${name}`, name.includes('images') ? 3 : 1, [content]));
  }
  const missing = idxFiles.find((name) => !found.has(name));
  if (missing !== undefined) throw notIt(path, dataset, `there is no ${missing}`);
  return downloaded(idxFiles).map((part) => ({
    ...part,
    imageArray: found.get(part.images)!,
    labelArray: found.get(part.labels)!,
  }));
}

/**
 * Whether a part is the published one: by its files' sums where they are known, else by its counts, of which each
 * class has the same.
 */
function checkPart(part: ReadIdxPart, dataset: NamedDataset, sums?: IdxDatasetOptions['unpackedSums']): void {
  const count = part.name === 'train' ? dataset.trainImages : dataset.validationImages;
  const expected = `${count}x${dataset.shape[0]}x${dataset.shape[1]}`;
  const shape = part.imageArray.shape.join('x');
  if (shape !== expected) throw notIt(part.images, dataset, `it holds ${shape} values, not ${expected}`);
  if (sums) {
    const [images, labels] = part.name === 'train' ? idxFiles.slice(0, 2) : idxFiles.slice(2);
    for (const [path, array, name] of [
      [part.images, part.imageArray, images],
      [part.labels, part.labelArray, labels],
    ] as const) {
      const found = sumOf(array);
      if (found !== sums[name])
        throw notIt(path, dataset, `its sha256 is ${found.slice(0, 16)}…, not ${sums[name].slice(0, 16)}…`);
    }
    return;
  }
  const perClass = new Uint32Array(dataset.classes.length);
  for (const label of part.labelArray.data) if (label < perClass.length) perClass[label]++;
  const odd = perClass.findIndex((images) => images !== count / perClass.length);
  if (odd >= 0) {
    throw notIt(part.labels, dataset, `class ${odd} has ${perClass[odd]} images, not ${count / perClass.length}`);
  }
}

/** SHA-256 of an IDX file, unpacked. */
function sumOf({ shape, data }: IdxArray): string {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((axis, i) => header.writeUInt32BE(axis, 4 + 4 * i));
  return createHash('sha256').update(header).update(data).digest('hex');
}
