import { unreadable } from '../base/errors.ts';
import type { DataOrigin } from '../base/data-origin.ts';
import { patchImagesOf, type PatchImages } from '../base/features.ts';
import type { Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import { catalogue } from './catalogue.ts';
import type { ImageShape } from './dataset.ts';
import { GreyAsColour, type RawImages } from './raw-images.ts';
import { defaultValidation, splitImages } from './split-images.ts';
import { findStore, openStore } from './store/open-store.ts';
import { storesFolder } from './store/provide-store.ts';
import { generateShapes, shapesShape, shapesSizes } from './shapes/generate-shapes.ts';

/** Images of one part of a data set as they are shown; read one at a time. */
export interface StoredImages {
  readonly count: number;
  readonly imageShape: ImageShape;
  /** The class of each image, [count]. */
  readonly labels: Uint16Array;
  /** [H, W, C] row-major, 0..255; valid until the next call. */
  pixels: (image: number) => Uint8Array;
}

/** What a run says of its data. */
export interface RecordedDataset extends PatchImages {
  name: string;
  origin?: DataOrigin;
  imageShape: readonly number[];
}

/**
 * Opens images that a run was trained or measured with, as far as they are on this machine; nothing is fetched.
 * @throws DeepviewError `data-unavailable` (exit code 4), with the remedy; `data-damaged`, `run-differs`
 */
export async function openStoredImages(recorded: RecordedDataset, paths: Paths): Promise<StoredImages> {
  const { name, origin } = recorded;
  const { part, count } = patchImagesOf(recorded);
  const found = origin ? await openKept(name, origin, part, paths) : await openByName(name, paths);
  // Grey images are shown as a network of three channels saw them.
  const isColoured = found.imageShape[2] === 1 && recorded.imageShape[2] === 3;
  const images = isColoured ? new GreyAsColour(found.images) : found.images;
  const [height, width, channels] = found.imageShape;
  const imageShape = [height, width, isColoured ? 3 : channels] as const;
  if (images.count < count || imageShape.join() !== recorded.imageShape.join()) {
    throw unreadable(
      'run-differs',
      `The run saw ${count} ${part} images of ${recorded.imageShape.join('x')}; ` +
        `${name} has ${images.count} of ${imageShape.join('x')} here.`,
      'Its pictures cannot be shown; its numbers can.',
    );
  }
  const labels = images.labels.subarray(0, count);
  return { count, imageShape, labels, pixels: (image) => images.view(image, image + 1) };
}

interface FoundImages {
  images: RawImages;
  imageShape: ImageShape;
}

async function openByName(name: string, paths: Paths): Promise<FoundImages> {
  if (name === 'shapes') {
    shapes ??= generateShapes(shapesSizes.validation, 'validation');
    return { images: shapes, imageShape: shapesShape };
  }
  const store = catalogue.find((each) => each.name === name)?.store;
  if (!store) {
    throw unreadable(
      'data-unavailable',
      `The images of ${printable(name)} are not on this machine.`,
      "The run does not say where they came from: pictures are shown of the program's own data sets, folders and files; the numbers of the run need no images.",
    );
  }
  const opened = await store.openValidation(paths);
  const images = opened.state === 'ready' ? opened.store.images.validation : undefined;
  if (opened.state === 'ready' && images) return { images, imageShape: opened.store.imageShape };
  const isDamaged = opened.state === 'damaged';
  throw unreadable(
    isDamaged ? 'data-damaged' : 'data-unavailable',
    `The images of ${name} are ${isDamaged ? `damaged: ${opened.why}` : 'not on this machine'}.`,
    `Get them with: deepview-tui data fetch ${name}`,
  );
}

let shapes: RawImages | undefined;

/** Images of one's own, or of another size, as they were kept when the run began; the source is not looked at. */
async function openKept(
  name: string,
  origin: DataOrigin,
  part: 'training' | 'validation',
  paths: Paths,
): Promise<FoundImages> {
  const directory = await findStore(storesFolder(paths), origin.content);
  const opened = directory === undefined ? undefined : await openStore(directory, { inMemory: 0 });
  if (opened?.state !== 'ready') {
    throw unreadable(
      opened?.state === 'damaged' ? 'data-damaged' : 'data-unavailable',
      `The images of ${printable(name)} that the run saw are ${opened?.state === 'damaged' ? 'damaged' : 'not on this machine'}.`,
      `Read them again with: ${fetchAgain(name, origin)}`,
    );
  }
  const { images, classes, imageShape } = opened.store;
  const split = { validation: defaultValidation, seed: 1, ...origin.split };
  const { train, validation } = images.all ? splitImages(images.all, classes, split) : images;
  // A store has both parts or all images in one.
  return { images: (part === 'training' ? train : validation)!, imageShape };
}

/** The command that makes the same images again, if their source is still the same. */
function fetchAgain(name: string, { source, imageSize, fit, skipCorrupt, followLinks }: DataOrigin): string {
  const options = [
    ...(imageSize !== undefined ? [`--image-size ${imageSize}`] : []),
    ...(fit !== undefined ? [`--fit ${fit}`] : []),
    ...(skipCorrupt ? ['--skip-corrupt'] : []),
    ...(followLinks ? ['--follow-links'] : []),
  ];
  return ['deepview-tui data fetch', printable(source ?? name, 1000), ...options].join(' ');
}
