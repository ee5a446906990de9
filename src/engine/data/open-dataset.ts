import { DeepviewError, exitCodes, reportOf } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { printable } from '../printable.ts';
import { catalogue, type DataContext, type DatasetEntry } from './catalogue.ts';
import type { Dataset } from './dataset.ts';
import { preparationSteps, type Preparation } from '../preparations.ts';
import type { Matrices } from '../matrices.ts';
import { prepareImages } from './preparation/index.ts';
import { firstImages } from './raw-images.ts';

export interface DatasetRequest {
  name: string;
  /** Only the first so many training images. */
  limit?: number | undefined;
  /** A local archive or folder to take the data from, should they not be there yet. */
  source?: string | undefined;
  /** What the network was designed for; without a network `contrast`. */
  suggested?: Preparation | undefined;
  /** What a person asked for instead. */
  preparation?: Preparation | undefined;
}

/** What opening a data set needs from its caller. */
export type OpenContext = DataContext & {
  /** The linear algebra of the engine, once there is one; whitening needs it. */
  matrices?: () => Promise<Matrices>;
};

/** What is trained on where the wanted data cannot be had. */
export const fallbackDataset = 'shapes';

/** @throws DeepviewError `unknown-dataset` (usage), with the nearest name */
export function datasetEntry(name: string): DatasetEntry {
  const entry = catalogue.find((each) => each.name === name);
  if (entry) return entry;
  const names = catalogue.map((each) => each.name);
  const meant = nearest(name, names);
  throw new DeepviewError('unknown-dataset', `There is no data set ${printable(name)}`, {
    hint: meant ? `Did you mean ${meant}?` : `There are: ${names.join(', ')}.`,
    exitCode: exitCodes.usage,
  });
}

/**
 * Opens a data set, fetching it first if need be, and prepares its images. The statistics of the preparation are those
 * of the images used: with `limit`, of the first training images (and, for mean(n), the validation images).
 * @throws DeepviewError `unknown-dataset`, `limit` (usage), what getting and preparing the data may throw, `cancelled`
 */
export async function openDataset(request: DatasetRequest, context: OpenContext): Promise<Dataset> {
  const entry = datasetEntry(request.name);
  const limit = request.limit ?? entry.trainImages;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new DeepviewError('limit', `Training on ${limit} images is not possible`, {
      hint: `Choose a limit of 1 to ${entry.trainImages} images.`,
      exitCode: exitCodes.usage,
    });
  }
  if (limit > entry.trainImages)
    context.onNotice(`${entry.name} has ${entry.trainImages} training images; all are used`);
  const { train, validation } = await entry.provide(context, { source: request.source, limit });
  const parts = { train: firstImages(train, limit), validation };
  const prepared = await prepareImages(parts, {
    channels: entry.imageShape[2],
    suggested: request.suggested ?? 'contrast',
    asked: request.preparation,
    paths: context.paths,
    context,
    matrices: context.matrices,
  });
  return {
    ...prepared,
    name: entry.name,
    classes: entry.classes,
    imageShape: entry.imageShape,
    preparation: preparationSteps[prepared.preparation],
  };
}

/**
 * As `openDataset`, but where the data cannot be had, a notice says why and generated shapes are opened instead. What
 * the caller got wrong (a name, a limit, a source) and cancellation are still thrown.
 */
export async function openDatasetOrFallback(request: DatasetRequest, context: OpenContext): Promise<Dataset> {
  try {
    return await openDataset(request, context);
  } catch (error) {
    const { code, message } = reportOf(error);
    const own = request.name === fallbackDataset || request.source !== undefined;
    if (own || context.signal.aborted || !passable.has(code)) throw error;
    context.onNotice(`${message}; training on generated ${fallbackDataset} instead`);
    return openDataset({ ...request, name: fallbackDataset }, context);
  }
}

/** Failures of the network, the disk or the data, none of which generated images need. */
const passable = new Set([
  'data-unavailable',
  'data-damaged',
  'archive-damaged',
  'archive-hostile',
  'disk-full',
  'disk-error',
  'no-space',
  'no-permission',
  'no-rights',
  'not-a-directory',
  'file-error',
  'file-system',
  'lock-lost',
]);
