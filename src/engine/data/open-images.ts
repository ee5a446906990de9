import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DataOrigin } from '../base/data-origin.ts';
import { exitCodes, systemCode, unreadable, misuse } from '../base/errors.ts';
import { fileError, statOf, withFile } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { checkSettings } from '../base/training-settings.ts';
import { datasetEntry, isPlace, type DataContext, type DatasetEntry } from './catalogue.ts';
import { provideFolder, type FolderOptions } from './folder/provide-folder.ts';
import { findIdx, provideIdx } from './idx/idx-folder.ts';
import type { ImageShape } from './images/image-options.ts';
import { storeOf } from './images/store-of.ts';
import { provideNpz } from './npz/provide-npz.ts';
import type { RawImages } from './raw-images.ts';
import { defaultValidation, splitImages, validationShare, type Split } from './split-images.ts';
import { findStore, openStore, type ImageStore } from './store/open-store.ts';
import { provideStore, storeDirectory, storesFolder } from './store/provide-store.ts';
import { writeStore } from './store/write-store.ts';

/** A data set as far as it is known before any of its images is fetched or read. */
export interface ForeseenDataset {
  name: string;
  imageShape: ImageShape;
  classes: readonly string[];
  /** Validation images of each class, where they are known. */
  validationCounts?: readonly number[];
}

export interface ImagesRequest extends Omit<FolderOptions, 'foreseen'> {
  /** A name of the catalogue, or the absolute path of a file or folder. */
  name: string;
  /** A local archive or folder to take a data set of the catalogue from, should it not be there yet. */
  source?: string | undefined;
  /** How images without a given split are split; by default a tenth of each class is kept, with seed 1. */
  split?: Partial<Split> | undefined;
  /** The images must be these, as `DataOrigin.content` says. */
  content?: string | undefined;
  /** The least number of training images that is needed. */
  limit: number;
  /** Told what there will be before the first image is fetched or read; what it throws ends it. */
  foreseen?: ((dataset: ForeseenDataset) => void) | undefined;
}

/** A data set before preparation. */
export interface OpenedImages {
  name: string;
  classes: readonly string[];
  imageShape: ImageShape;
  train: RawImages;
  validation: RawImages;
  origin?: DataOrigin;
  /** The store, and how it was split, for those who want to know where each image came from. */
  store?: ImageStore;
}

/**
 * Opens the images of a data set, getting, reading and keeping them first if need be.
 * @throws DeepviewError `unknown-dataset`, `bad-option` (usage), `run-differs` where they are not those asked for,
 *   and what getting or reading them throws
 */
export async function openImages(request: ImagesRequest, context: DataContext): Promise<OpenedImages> {
  const split = { validation: defaultValidation, seed: 1, ...request.split };
  checkSettings({ ...split, imageSize: request.imageSize });
  if (isPlace(request.name)) {
    const store = (await keptImages(request, context)) ?? (await placeStore(request, split, context));
    requireContent(store, request);
    return ofStore(store, request, split, context);
  }
  const entry = datasetEntry(request.name);
  if (request.source !== undefined) await statOf(request.source);
  if (request.split?.validation !== undefined) {
    context.onNotice(`${entry.name} has validation images of its own; --validation is not needed`);
  }
  const { imageSize } = request;
  const [height, width, channels] = entry.imageShape;
  const { name, classes } = entry;
  request.foreseen?.({ name, classes, imageShape: [imageSize ?? height, imageSize ?? width, channels] });
  if (imageSize !== undefined && entry.imageShape.slice(0, 2).some((side) => side !== imageSize)) {
    const store = await resizedStore(entry, request, context);
    requireContent(store, request);
    return ofStore(store, request, split, context);
  }
  return { name, classes, imageShape: entry.imageShape, ...(await entry.provide(context, request)) };
}

/** What a run recorded may lie here although its source is gone or has changed since. */
async function keptImages({ content }: ImagesRequest, { paths }: DataContext): Promise<ImageStore | undefined> {
  const directory = content === undefined ? undefined : await findStore(storesFolder(paths), content);
  const opened = directory === undefined ? undefined : await openStore(directory);
  return opened?.state === 'ready' ? opened.store : undefined;
}

function requireContent(store: ImageStore, { content, name }: ImagesRequest): void {
  if (content === undefined || content === store.content) return;
  throw unreadable(
    'run-differs',
    `The run cannot go on: the images at ${printable(name, 1000)} are no longer those that it began with.`,
    'Put them back as they were, or start a new run.',
  );
}

async function placeStore(request: ImagesRequest, split: Split, context: DataContext): Promise<ImageStore> {
  const { name: place } = request;
  const options: FolderOptions = { ...request, foreseen: foreseenBy(request, split) };
  if (request.source !== undefined) context.onNotice('--source is for data sets by name; it is not read');
  const info = await stat(place).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') {
      throw unreadable(
        'data-unavailable',
        `The images at ${printable(place, 1000)} are not there.`,
        'Put them back, or name another place with --data.',
      );
    }
    throw fileError(thrown, 'read', place, exitCodes.unreadable);
  });
  if (!info.isDirectory()) {
    if (await isZip(place)) return provideNpz(place, options, context);
    throw unreadable(
      'unknown-data-file',
      `${printable(place, 1000)} is no .npz file`,
      'Images are read from an .npz file, a folder of class folders, or a folder of IDX files.',
    );
  }
  const idx = await findIdx(place);
  if (idx) return provideIdx(place, idx, options, context);
  await refusePublished(place);
  return provideFolder(place, options, context);
}

/** What a request is told of a place's images, once they are split as it asks. */
function foreseenBy({ name, foreseen }: ImagesRequest, split: Split): FolderOptions['foreseen'] {
  return ({ imageShape, classes, parts }) => {
    const validation = parts.find((part) => part.name === 'validation')?.classCounts;
    const all = parts.find((part) => part.name === 'all')?.classCounts;
    const validationCounts = validation ?? all?.map((images) => validationShare(images, split));
    foreseen?.({ name: nameOf(name), imageShape, classes, ...(validationCounts && { validationCounts }) });
  };
}

/** As runs call a data set. */
const nameOf = (place: string): string => printable(basename(place).replace(/\.npz$/i, ''));

const isZip = (path: string): Promise<boolean> =>
  withFile(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === 'PK';
  });

/** A folder that a data set of the catalogue unpacks to is read as that, not as a folder of images. */
async function refusePublished(place: string): Promise<void> {
  for (const [name, file] of [
    ['cifar10', 'data_batch_1.bin'],
    ['cifar100', 'fine_label_names.txt'],
  ] as const) {
    const isThere = await stat(join(place, file)).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    throw misuse(
      'published-data',
      `${printable(place, 1000)} holds the files of ${name}`,
      `Use them with: --data ${name} --source ${printable(place, 1000)}`,
    );
  }
}

/** A data set of the catalogue at another size. */
async function resizedStore(
  entry: DatasetEntry,
  { imageSize, fit = 'crop', source }: ImagesRequest,
  context: DataContext,
): Promise<ImageStore> {
  const directory = storeDirectory(context.paths, 'resized', 1, entry.name, imageSize, fit);
  return provideStore(directory, entry.name, context, async (at) => {
    const { name, classes, imageShape: shape } = entry;
    const given = await entry.provide(context, { source, limit: Infinity });
    const parts = (['train', 'validation'] as const).map((part) => ({
      name: part,
      labels: given[part].labels,
      images: () => imagesOf(given[part]),
    }));
    await writeStore(at, storeOf({ name, classes, shape, parts }, { imageSize, fit }, context));
  });
}

function* imagesOf(images: RawImages): Generator<{ pixels: Uint8Array; label: number }> {
  for (let image = 0; image < images.count; image++) {
    yield { pixels: images.view(image, image + 1), label: images.labels[image] };
  }
}

function ofStore(store: ImageStore, request: ImagesRequest, split: Split, context: DataContext): OpenedImages {
  const { imageSize, fit, skipCorrupt, followLinks } = request;
  const { all, train, validation } = store.images;
  const origin: DataOrigin = {
    ...(store.source !== undefined && { source: store.source }),
    ...(imageSize !== undefined && { imageSize }),
    ...(fit !== undefined && { fit }),
    ...(skipCorrupt && { skipCorrupt }),
    ...(followLinks && { followLinks }),
    ...(all && { split }),
    content: store.content,
  };
  const { classes, imageShape } = store;
  const name = nameOf(store.source ?? store.name);
  const common = { name, classes, imageShape, origin, store };
  if (all) return { ...common, ...splitImages(all, classes, split, request) };
  if (request.split?.validation !== undefined && request.content === undefined && store.source !== undefined) {
    context.onNotice(`${name} has validation images of its own; --validation is not needed`);
  }
  // A store has both parts or all images in one.
  return { ...common, train: train!, validation: validation! };
}
