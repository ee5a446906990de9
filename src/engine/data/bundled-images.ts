import { join } from 'node:path';
import { DeepviewError, unreadable } from '../base/errors.ts';
import { readBounded } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { check, choice, list, needed, openObject, ValidationError, whole, type Value } from '../base/schema/index.ts';
import type { StoredImages } from './stored-images.ts';

/** What the run says of its validation images. */
export interface ExpectedImages {
  /** [height, width, channels], 1 or 3 channels. */
  imageShape: readonly [height: number, width: number, channels: number];
  /** Validation images; 0 where the run does not say. */
  count: number;
  classes: number;
}

/** `images.json`: which images lie where on the sheet. */
const indexForm = ({ count, classes }: Pick<ExpectedImages, 'count' | 'classes'>) =>
  openObject({
    format: needed(whole(1, 1), 'of this description'),
    sheet: needed(choice(['sheet.png', 'sheet.webp']), "the sheet's file, beside this one"),
    across: needed(whole(1, 65_535), 'images a row of the sheet; they lie row by row, in the order of `images`'),
    images: needed(
      list(whole(0, (count || 2 ** 31) - 1), 1, limits.images),
      'places in the validation images, ascending',
    ),
    labels: needed(list(whole(0, Math.max(0, classes - 1)), 1, limits.images), 'the class of each, from 0'),
  });
export type BundledIndex = Value<ReturnType<typeof indexForm>>;

export const bundledFiles = { index: 'images.json', sheets: ['sheet.png', 'sheet.webp'] } as const;

/** Pixels of a sheet that are decoded at most: 192 MiB in colour. */
const mostPixels = 2 ** 26;
/** Bytes of the index and of a sheet's file that are read at most. */
const mostIndexBytes = 16 * 2 ** 20;
const mostSheetBytes = 256 * 2 ** 20;

/**
 * Opens the validation images that a run carries with it, so that its patches are seen where the data set is not.
 * @param folder the run's `images/`
 * @returns undefined where there is none
 * @throws DeepviewError `bad-images` (exit code 4), naming the file: not what docs/run-format.md says, too large, or
 *   not of the run's shape
 */
export async function openBundledImages(folder: string, expected: ExpectedImages): Promise<StoredImages | undefined> {
  const path = join(folder, bundledFiles.index);
  const text = await readBounded(path, mostIndexBytes, (problem) => badImages(path, problem));
  if (!text) return undefined;
  const index = parseIndex(text.toString(), path, expected);
  const sheetPath = join(folder, index.sheet);
  const encoded = await readBounded(sheetPath, mostSheetBytes, (problem) => badImages(sheetPath, problem));
  if (!encoded) throw badImages(sheetPath, 'it is missing');
  const sheet = await decodeSheet(encoded, sheetPath, index, expected);
  return imagesOf(index, sheet, expected);
}

const badImages = (path: string, problem: string, cause?: unknown): DeepviewError =>
  unreadable(
    'bad-images',
    `${printable(path, 1000)}: ${problem}`,
    'The run is damaged or was not written as docs/run-format.md says; its numbers need no images.',
    cause,
  );

function parseIndex(text: string, path: string, expected: ExpectedImages): BundledIndex {
  let index: BundledIndex;
  try {
    index = check(indexForm(expected), JSON.parse(text));
  } catch (thrown) {
    throw badImages(path, thrown instanceof ValidationError ? thrown.message.trim() : 'it is not JSON', thrown);
  }
  const { images, labels } = index;
  if (labels.length !== images.length) {
    throw badImages(path, `it has ${images.length} images and ${labels.length} labels`);
  }
  const repeated = images.findIndex((image, place) => place > 0 && image <= images[place - 1]);
  if (repeated >= 0) throw badImages(path, `images do not ascend at place ${repeated}`);
  return index;
}

/** The sheet's pixels, [height, width, channels] row-major. */
async function decodeSheet(
  encoded: Buffer,
  path: string,
  { across, images }: BundledIndex,
  { imageShape: [height, width, channels] }: ExpectedImages,
): Promise<Uint8Array> {
  const wanted = { width: across * width, height: Math.ceil(images.length / across) * height };
  if (wanted.width * wanted.height > mostPixels) {
    throw badImages(path, `${wanted.width}x${wanted.height} pixels are more than are read`);
  }
  // Loaded when it is needed: most runs carry no images.
  const { default: sharp } = await import('sharp');
  try {
    const picture = sharp(encoded, { limitInputPixels: mostPixels, failOn: 'warning' });
    const found = await picture.metadata();
    if (found.width !== wanted.width || found.height !== wanted.height) {
      throw badImages(path, `it is ${found.width}x${found.height} pixels, not ${wanted.width}x${wanted.height}`);
    }
    const flat = picture.removeAlpha().toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const pixels = await flat.raw({ depth: 'uchar' }).toBuffer();
    if (pixels.length === wanted.width * wanted.height * channels) return pixels;
  } catch (thrown) {
    if (thrown instanceof DeepviewError) throw thrown;
    throw badImages(path, 'it is not a picture that can be decoded', thrown);
  }
  throw badImages(path, `it does not have ${channels} ${channels === 1 ? 'channel' : 'channels'}`);
}

function imagesOf(
  { across, images, labels }: BundledIndex,
  sheet: Uint8Array,
  { imageShape, count }: ExpectedImages,
): StoredImages {
  const [height, width, channels] = imageShape;
  const placeOf = new Map(images.map((image, place) => [image, place]));
  const all = count || (images.at(-1) ?? 0) + 1;
  const labelOf = new Uint16Array(all);
  images.forEach((image, place) => (labelOf[image] = labels[place] ?? 0));
  const rowBytes = width * channels;
  const target = new Uint8Array(height * rowBytes);
  return {
    count: all,
    imageShape,
    labels: labelOf,
    pixels(image) {
      const place = placeOf.get(image);
      if (place === undefined) {
        throw unreadable(
          'image-not-carried',
          `The run does not carry validation image ${image}.`,
          'Its recorder left out an image that a patch is cut from.',
        );
      }
      const top = Math.floor(place / across) * height;
      const left = (place % across) * rowBytes;
      for (let row = 0; row < height; row++) {
        const from = (top + row) * across * rowBytes + left;
        target.set(sheet.subarray(from, from + rowBytes), row * rowBytes);
      }
      return target;
    },
  };
}
