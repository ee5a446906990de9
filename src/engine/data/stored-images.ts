import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, type PathLike } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DeepviewError, exitCodes, systemCode } from '../base/errors.ts';
import { fileError, readFully } from '../base/files.ts';
import type { Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import { catalogue } from './catalogue.ts';
import type { DataOrigin } from './dataset.ts';
import { partFile } from './cifar10/cache.ts';
import { bytesOf, cifar10Layout, cifar10Shape, imageBytes, imagesOf, type Cifar10Layout } from './cifar10/layout.ts';
import { cifar10Cache } from './cifar10/provide.ts';
import type { RawImages } from './raw-images.ts';
import { defaultValidation, splitImages } from './split-images.ts';
import { findStore, openStore } from './store/open-store.ts';
import { storesFolder } from './store/provide-store.ts';
import { generateShapes, shapesShape, shapesSizes } from './shapes/generate-shapes.ts';

/** The validation images of a data set as a person sees them; read one at a time. */
export interface StoredImages {
  readonly count: number;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  /** The class of each image, [count]. */
  readonly labels: Uint16Array;
  /** [H, W, C] row-major, 0..255; valid until the next call. */
  pixels: (image: number) => Uint8Array;
  close: () => void;
}

/** What a run says of its data. */
export interface RecordedDataset {
  name: string;
  origin?: DataOrigin;
  validationImages: number;
  imageShape: readonly number[];
}

/**
 * Opens the validation images that a run was trained with, as far as they are on this machine; nothing is fetched.
 * @throws DeepviewError `data-unavailable` (exit code 4), with the remedy; `data-damaged`, `run-differs`
 */
export async function openStoredImages(
  recorded: RecordedDataset,
  paths: Paths,
  layout: Cifar10Layout = cifar10Layout,
): Promise<StoredImages> {
  const opened = recorded.origin
    ? inChannels(await openKept(recorded.name, recorded.origin, paths), recorded.imageShape[2])
    : inChannels(await openByName(recorded.name, paths, layout), recorded.imageShape[2]);
  const fits = opened.count === recorded.validationImages && opened.imageShape.join() === recorded.imageShape.join();
  if (fits) return opened;
  opened.close();
  throw new DeepviewError(
    'run-differs',
    `The run saw ${recorded.validationImages} validation images of ${recorded.imageShape.join('x')}; ` +
      `${recorded.name} has ${opened.count} of ${opened.imageShape.join('x')} here.`,
    { hint: 'Its pictures cannot be shown; its numbers can.', exitCode: exitCodes.unreadable },
  );
}

async function openByName(name: string, paths: Paths, layout: Cifar10Layout): Promise<StoredImages> {
  if (name === 'cifar10') return openCifar10(paths, layout);
  if (name === 'shapes') return generatedShapes();
  const entry = catalogue.find((each) => each.name === name);
  if (entry?.store) return openNamed(entry.name, entry.store.directory(paths));
  throw new DeepviewError('data-unavailable', `The images of ${printable(name)} are not on this machine.`, {
    hint: "The run does not say where they came from: pictures are shown of the program's own data sets, folders and files; the numbers of the run need no images.",
    exitCode: exitCodes.unreadable,
  });
}

/** A data set of the catalogue that is kept as a store. */
async function openNamed(name: string, directory: string): Promise<StoredImages> {
  const hint = `Get them with: deepview-tui data fetch ${name}`;
  const opened = await openStore(directory, { inMemory: 0, parts: ['validation'] });
  const images = opened.state === 'ready' ? opened.store.images.validation : undefined;
  if (opened.state === 'ready' && images) return fromRaw(images, opened.store.imageShape);
  throw new DeepviewError(
    opened.state === 'damaged' ? 'data-damaged' : 'data-unavailable',
    `The images of ${name} are ${opened.state === 'damaged' ? `damaged: ${opened.why}` : 'not on this machine'}.`,
    { hint, exitCode: exitCodes.unreadable },
  );
}

/** Images of one's own, or of another size, as they were kept when the run began; the source is not looked at. */
async function openKept(name: string, origin: DataOrigin, paths: Paths): Promise<StoredImages> {
  const directory = await findStore(storesFolder(paths), origin.content);
  const opened = directory === undefined ? undefined : await openStore(directory, { inMemory: 0 });
  if (opened?.state !== 'ready') {
    throw new DeepviewError(
      opened?.state === 'damaged' ? 'data-damaged' : 'data-unavailable',
      `The images of ${printable(name)} that the run saw are ${opened?.state === 'damaged' ? 'damaged' : 'not on this machine'}.`,
      { hint: `Read them again with: ${fetchAgain(name, origin)}`, exitCode: exitCodes.unreadable },
    );
  }
  const { images, classes, imageShape } = opened.store;
  if (images.validation) return fromRaw(images.validation, imageShape);
  const split = { validation: defaultValidation, seed: 1, ...origin.split };
  return fromRaw(splitImages(images.all!, classes, split).validation, imageShape);
}

/** The command that makes the same images again, if their source is still the same. */
function fetchAgain(name: string, { source, imageSize, fit, skipCorrupt }: DataOrigin): string {
  const options = [
    ...(imageSize !== undefined ? [`--image-size ${imageSize}`] : []),
    ...(fit !== undefined ? [`--fit ${fit}`] : []),
    ...(skipCorrupt ? ['--skip-corrupt'] : []),
  ];
  return ['deepview-tui data fetch', printable(source ?? name, 1000), ...options].join(' ');
}

const fromRaw = (images: RawImages, imageShape: StoredImages['imageShape']): StoredImages => ({
  count: images.count,
  imageShape,
  labels: images.labels,
  pixels: (image) => images.view(image, image + 1),
  close: () => undefined,
});

/** Grey images as a network of three channels saw them. */
function inChannels(stored: StoredImages, channels: number): StoredImages {
  const [height, width, own] = stored.imageShape;
  if (own !== 1 || channels !== 3) return stored;
  const target = new Uint8Array(height * width * 3);
  return {
    ...stored,
    imageShape: [height, width, 3],
    pixels: (image) => {
      const grey = stored.pixels(image);
      for (let i = 0; i < target.length; i++) target[i] = grey[Math.floor(i / 3)];
      return target;
    },
  };
}

let shapes: StoredImages | undefined;

function generatedShapes(): StoredImages {
  if (!shapes) {
    const { count, pixels, labels } = generateShapes(shapesSizes.validation, 'validation');
    const size = pixels.length / count;
    shapes = {
      count,
      imageShape: shapesShape,
      labels,
      pixels: (image) => pixels.subarray(image * size, (image + 1) * size),
      close: () => undefined,
    };
  }
  return shapes;
}

async function openCifar10(paths: Paths, layout: Cifar10Layout): Promise<StoredImages> {
  const path = partFile(cifar10Cache(paths, layout), 'validation');
  const hint = 'Get them with: deepview-tui data fetch cifar10';
  const refuse = (code: string, message: string): DeepviewError =>
    new DeepviewError(code, message, { hint, exitCode: exitCodes.unreadable });
  const size = await stat(path).then(
    (info) => info.size,
    (thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') {
        throw refuse('data-unavailable', 'The images of cifar10 are not on this machine.');
      }
      throw fileError(thrown, 'read', path, exitCodes.unreadable);
    },
  );
  // The file's own name and place could be anybody's doing; its content is fixed.
  if (size !== bytesOf('validation', layout) || (await sha256(path)) !== layout.checksums.validation) {
    throw refuse('data-damaged', `The images of cifar10 are damaged: ${printable(path, 1000)}.`);
  }
  const count = imagesOf('validation', layout);
  const file = openSync(path, 'r');
  const read = (position: number, target: Uint8Array): Uint8Array => {
    if (readFully(file, target, position)) return target;
    throw refuse('data-damaged', `The images of cifar10 became shorter: ${printable(path, 1000)}.`);
  };
  const target = new Uint8Array(imageBytes);
  return {
    count,
    imageShape: cifar10Shape,
    labels: Uint16Array.from(read(count * imageBytes, new Uint8Array(count))),
    pixels: (image) => read(image * imageBytes, target),
    close: () => closeSync(file),
  };
}

async function sha256(path: PathLike): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer);
  } catch (thrown) {
    throw fileError(thrown, 'read', String(path), exitCodes.unreadable);
  }
  return hash.digest('hex');
}
