import { reportOf, misuse } from '../base/errors.ts';
import { datasetEntry, isPlace, type DataContext } from './catalogue.ts';
import type { Dataset } from './dataset.ts';
import { openImages, type ForeseenDataset, type ImagesRequest, type OpenedImages } from './open-images.ts';
import { preparationSteps, type Preparation } from '../base/preparations.ts';
import type { Matrices } from '../base/matrices.ts';
import { prepareImages } from './preparation/index.ts';
import { firstImages, GreyAsColour } from './raw-images.ts';
import { validationFor } from './sample-probe.ts';

export interface DatasetRequest extends Omit<ImagesRequest, 'limit'> {
  /** Only this many training images, the first. */
  limit?: number | undefined;
  /**
   * Only this many validation images, the first; by default all, and with `limit` no more than that, but enough of each
   * class for a probe of `probe` images.
   */
  validationImages?: number | undefined;
  probe?: number | undefined;
  /** Channels that the network takes: grey images are repeated for three. */
  channels?: number | undefined;
  /** What the network was designed for; without a network `contrast`. */
  suggested?: Preparation | undefined;
  /** What the user asked for instead. */
  preparation?: Preparation | undefined;
}

/** What opening a data set needs from its caller. */
export type OpenContext = DataContext & {
  /** The linear algebra of the engine, once there is one; whitening needs it. */
  matrices?: () => Promise<Matrices>;
};

/** What is trained on where the wanted data is not available. */
const fallbackDataset = 'shapes';

/**
 * Opens a data set, fetching, reading and keeping it first if need be, and prepares its images. The statistics of the
 * preparation are those of the images used: with `limit`, of the first training images (and, for mean(n), the
 * validation images).
 * @throws DeepviewError `unknown-dataset`, `limit` (usage), what getting and preparing the data may throw, `cancelled`
 */
export async function openDataset(request: DatasetRequest, context: OpenContext): Promise<Dataset> {
  const limit = request.limit ?? Infinity;
  if (limit !== Infinity && (!Number.isSafeInteger(limit) || limit < 1)) {
    throw misuse('limit', `Training on ${limit} images is not possible`, 'Choose a limit of 1 or more images.');
  }
  const { foreseen } = request;
  const inChannels = (dataset: ForeseenDataset): ForeseenDataset => {
    const [height, width, channels] = dataset.imageShape;
    return request.channels === 3 && channels === 1 ? { ...dataset, imageShape: [height, width, 3] } : dataset;
  };
  const told = foreseen && ((dataset: ForeseenDataset) => foreseen(inChannels(dataset)));
  const opened = await openImages({ ...request, limit, foreseen: told }, context);
  const { name, classes, imageShape, train, validation, origin } =
    request.channels === 3 ? inColour(opened, context) : opened;
  const available = isPlace(request.name) ? train.count : datasetEntry(request.name).trainImages;
  if (limit !== Infinity && limit > available) {
    context.onNotice(`${name} has ${available} training images; all are used`);
  }
  const { probe, validationImages = validationFor(validation.labels, classes.length, limit, probe) } = request;
  const parts = { train: firstImages(train, limit), validation: firstImages(validation, validationImages) };
  const prepared = await prepareImages(parts, {
    channels: imageShape[2],
    suggested: request.suggested ?? 'contrast',
    asked: request.preparation,
    name,
    paths: context.paths,
    context,
    matrices: context.matrices,
  });
  return {
    ...prepared,
    ...(origin && { origin }),
    name,
    classes,
    imageShape,
    preparation: preparationSteps[prepared.preparation],
  };
}

function inColour(opened: OpenedImages, { onNotice }: DataContext): OpenedImages {
  const [height, width, channels] = opened.imageShape;
  if (channels !== 1) return opened;
  onNotice(`the images of ${opened.name} are grey; each value is repeated for the network's three channels`);
  const [train, validation] = [opened.train, opened.validation].map((images) => new GreyAsColour(images));
  return { ...opened, imageShape: [height, width, 3], train, validation };
}

/**
 * As `openDataset`, but where the data is not available, a notice says why and generated shapes are opened instead. What
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
