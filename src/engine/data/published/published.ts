import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import { statOf, sizeOf } from '../../base/files.ts';
import { withLock } from '../../base/lock.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import type { DataContext, DatasetEntry, DatasetFacts, ProvideOptions } from '../catalogue.ts';
import { storeOf, type UnpackedImages } from '../images/store-of.ts';
import { openStore, readStoreHeader, type ImageStore, type StoreState } from '../store/open-store.ts';
import { provideStore } from '../store/provide-store.ts';
import { partFile, tableBytes } from '../store/store-format.ts';
import { writeStore } from '../store/write-store.ts';
import { withMirror, type Mirror } from './mirrors.ts';

/** A published data set: what it is, where it is had, and what its own files hold. */
export interface PublishedDataset extends DatasetFacts {
  /** As it is called in messages. */
  title: string;
  /** What may be named with --source. */
  remedy: string;
  mirrors: (env: NodeJS.ProcessEnv) => readonly Mirror[];
  /**
   * Reads the published files, from the folder or archive that holds them all or one by one. Where only the whole tells
   * whether images are the right ones, they say so at their end.
   * @throws DeepviewError exit code 4 where they are not those of the data set; `cancelled`
   */
  read: (paths: readonly string[], context: StepContext) => Promise<PublishedParts>;
  /** What an earlier version kept in the store's directory, if it did so in another form: files that `read` takes. */
  formerly?: Readonly<Record<string, number>>;
}

/** The images of a published data set, both its parts. */
export type PublishedParts = Pick<UnpackedImages, 'classes' | 'shape' | 'parts'>;

const directoryOf = (paths: Paths, { name }: Pick<PublishedDataset, 'name'>): string => join(paths.cache, name);

/** Bytes of the store that is made of a data set. */
const bytesOf = ({ imageShape, trainImages, validationImages }: DatasetFacts): number => {
  const images = trainImages + validationImages;
  return images * imageShape.reduce((product, side) => product * side, 1) + tableBytes(images);
};

/** The catalogue's entry for a published data set, whose images are kept as a store of their own. */
export const published = (dataset: PublishedDataset): DatasetEntry => ({
  ...dataset,
  store: {
    directory: (paths) => directoryOf(paths, dataset),
    glance: (paths) => glance(directoryOf(paths, dataset), dataset),
    openValidation: (paths) => openValidation(directoryOf(paths, dataset), dataset),
  },
  provide: async (context, options) => {
    const { images } = await provide(dataset, context, options);
    // Reading its files checked that both parts are there.
    return { train: images.train!, validation: images.validation! };
  },
});

/**
 * A published data set's images: from the cache, else from `source`, else from the network, in which cases they are
 * kept, under a lock, for the next time.
 * @throws DeepviewError `data-unavailable`, what reading its files throws, `disk-full`, `no-permission`, `cancelled`
 */
async function provide(
  dataset: PublishedDataset,
  context: DataContext,
  { source, checkSource, patience }: Omit<ProvideOptions, 'limit'>,
): Promise<ImageStore> {
  const { title, remedy } = dataset;
  const { paths, env } = context;
  // A source that was given must be there, also where it is not needed: a name written wrong is worth knowing.
  if (source !== undefined) await statOf(source);
  let isRead = false;
  const store = await provideStore(directoryOf(paths, dataset), title, context, async (directory) => {
    isRead = true;
    const keep = (files: readonly string[]): Promise<void> => keepImages(dataset, files, directory, context);
    if (source !== undefined) return keep([source]);
    const former = await adoptFormer(dataset, directory, context);
    if (former === 'adopted') return;
    if (former) context.onNotice(`the images kept of ${title} are damaged (${former.why}); making them again`);
    const mirrors = dataset.mirrors(env);
    const loading = join(paths.cache, 'downloads');
    await withMirror(
      { title, remedy, mirrors, directory: loading, room: bytesOf(dataset), context, env, patience },
      keep,
    );
  });
  if (source !== undefined && !isRead) {
    if (checkSource) await verify(await dataset.read([source], context));
    context.onNotice(
      `${title} is in the cache already; the given source ${checkSource ? 'holds the same and is not needed' : 'is not read'}`,
    );
  }
  return store;
}

async function keepImages(
  dataset: PublishedDataset,
  files: readonly string[],
  directory: string,
  context: StepContext,
): Promise<void> {
  const read = await dataset.read(files, context);
  await writeStore(directory, storeOf({ name: dataset.name, ...read }, {}, context));
}

/** Goes through all images, so that each part says at its end whether it is the right one. */
async function verify({ parts }: PublishedParts): Promise<void> {
  for (const { images } of parts) {
    for await (const _ of images());
  }
}

/**
 * Opens the validation images where they lie, without reading them. What an earlier version kept is brought into today's
 * form first.
 * @throws DeepviewError where it cannot be read or brought into that form
 */
async function openValidation(directory: string, dataset: PublishedDataset): Promise<StoreState> {
  const open = (): Promise<StoreState> => openStore(directory, { inMemory: 0, parts: ['validation'] });
  const opened = await open();
  if (opened.state !== 'absent' || !(await isFormer(directory, dataset))) return opened;
  const nothing = (): void => undefined;
  const context = { onProgress: nothing, onNotice: nothing, signal: new AbortController().signal };
  const former = await withLock(`${directory}.lock`, { label: `reading ${dataset.title}`, context }, () =>
    adoptFormer(dataset, directory, context),
  );
  return former === undefined || former === 'adopted' ? open() : { state: 'damaged', why: former.why };
}

/**
 * Brings what an earlier version kept into today's form; to be called under the directory's lock.
 * @returns what became of it; undefined where there is nothing of the kind
 */
async function adoptFormer(
  dataset: PublishedDataset,
  directory: string,
  context: StepContext,
): Promise<'adopted' | { why: string } | undefined> {
  if (!(await isFormer(directory, dataset))) return undefined;
  try {
    await keepImages(dataset, [directory], directory, context);
    return 'adopted';
  } catch (thrown) {
    if (thrown instanceof DeepviewError && thrown.code === 'data-damaged') return { why: thrown.message };
    throw thrown;
  }
}

async function isFormer(directory: string, { formerly }: PublishedDataset): Promise<boolean> {
  if (formerly === undefined || (await readStoreHeader(directory)) !== undefined) return false;
  const sizes = Object.entries(formerly).map(async ([file, bytes]) => (await sizeOf(join(directory, file))) === bytes);
  return (await Promise.all(sizes)).every(Boolean);
}

/** What lies in the cache, by the sizes of its files alone: quick, and good enough to tell the user. */
async function glance(
  directory: string,
  dataset: PublishedDataset,
): Promise<{ state: 'ready' | 'absent' | 'damaged'; bytes: number }> {
  if (dataset.formerly && (await isFormer(directory, dataset))) {
    return { state: 'ready', bytes: Object.values(dataset.formerly).reduce((sum, bytes) => sum + bytes, 0) };
  }
  const header = await readStoreHeader(directory);
  if (header === undefined) return { state: 'absent', bytes: 0 };
  if (typeof header === 'string') return { state: 'damaged', bytes: 0 };
  const size = header.imageShape.reduce((product, side) => product * side, 1);
  let bytes = 0;
  let isRight = true;
  for (const { name, count } of header.parts) {
    const found = await sizeOf(partFile(directory, name));
    bytes += found;
    isRight &&= found === count * size + tableBytes(count);
  }
  return { state: isRight ? 'ready' : 'damaged', bytes };
}
