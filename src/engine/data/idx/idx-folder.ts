import { readdir, stat } from 'node:fs/promises';
import { join, basename } from 'node:path';
import { exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { StorePartName } from '../store/store-format.ts';
import { idxError, readIdx, type IdxArray } from './read-idx.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { storeOf, type UnpackedImages } from '../images/store-of.ts';
import { writeStore, type ImageToStore } from '../store/write-store.ts';
import type { Paths } from '../../base/paths.ts';
import { numberedClasses, tellOf } from '../images/class-labels.ts';
import type { ImageOptions } from '../images/image-options.ts';
import type { ImageStore } from '../store/open-store.ts';
import { provideStore, storeDirectory } from '../store/provide-store.ts';

/** The files of one part. */
export interface IdxPart {
  name: StorePartName;
  images: string;
  labels: string;
}

/** What the validation part's files begin with, as MNIST's and its relatives' do. */
const validationPrefixes = ['t10k', 'test', 'val'];

/**
 * The IDX files of a folder: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, the same of `t10k` (or `test`,
 * `val`), gzipped (`.gz`) or not; also where they lie in `raw/`, as torchvision keeps them. Without a second pair the
 * first holds all images.
 * @returns nothing where there are none
 * @throws DeepviewError `bad-idx` (exit code 4) where half of a pair is missing
 */
export async function findIdx(folder: string): Promise<IdxPart[] | undefined> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', folder, exitCodes.unreadable);
  });
  const find = (prefix: string, kind: 'images' | 'labels'): string | undefined => {
    const axes = kind === 'images' ? 3 : 1;
    // Some copies spell the dot of the axes: `train-images.idx3-ubyte`.
    const pattern = new RegExp(`(^|-)${prefix}-${kind}[-.]idx${axes}-ubyte(\\.gz)?$`);
    const name = names.filter((each) => pattern.test(each)).sort((a, b) => a.length - b.length)[0];
    return name === undefined ? undefined : join(folder, name);
  };
  const pair = (prefix: string): { images: string; labels: string } | undefined => {
    const images = find(prefix, 'images');
    const labels = find(prefix, 'labels');
    if (images !== undefined && labels !== undefined) return { images, labels };
    if (images === undefined && labels === undefined) return undefined;
    const missing = images === undefined ? `${prefix}-images-idx3-ubyte` : `${prefix}-labels-idx1-ubyte`;
    throw idxError(folder, `there is no ${missing}`, 'Images and labels are both needed, gzipped or not.');
  };
  const train = pair('train');
  if (!train) return names.includes('raw') ? findIdx(join(folder, 'raw')) : undefined;
  for (const prefix of validationPrefixes) {
    const own = pair(prefix);
    if (own)
      return [
        { name: 'train', ...train },
        { name: 'validation', ...own },
      ];
  }
  return [{ name: 'all', ...train }];
}

/** A part's two files with what they hold. */
export interface ReadIdxPart extends IdxPart {
  /** [N, H, W] */
  imageArray: IdxArray;
  /** [N] */
  labelArray: IdxArray;
}

/** Reads the files of parts. @throws DeepviewError `bad-idx` (exit code 4), `cancelled` */
export async function readIdxParts(
  parts: readonly IdxPart[],
  context: Pick<StepContext, 'signal'>,
): Promise<ReadIdxPart[]> {
  const read: ReadIdxPart[] = [];
  for (const part of parts) {
    const imageArray = await readIdx(part.images, 3, context);
    read.push({ ...part, imageArray, labelArray: await readIdx(part.labels, 1, context) });
  }
  return read;
}

/**
 * Images and labels put together and checked against each other.
 * @param classNames in the order of their numbers; without them classes are called by their numbers
 * @throws DeepviewError `bad-idx` (exit code 4)
 */
export function idxParts(
  parts: readonly ReadIdxPart[],
  classNames?: readonly string[],
): Pick<UnpackedImages, 'classes' | 'shape' | 'parts' | 'remarks'> {
  const [, height, width] = parts[0].imageArray.shape;
  for (const { images, labels, imageArray, labelArray } of parts) {
    const [count, h, w] = imageArray.shape;
    if (count * h * w === 0) throw idxError(images, `it holds ${imageArray.shape.join(' x ')} values: no images`);
    if (h !== height || w !== width) {
      throw idxError(
        images,
        `its images are ${h}x${w}, those of ${printable(basename(parts[0].images))} ${height}x${width}`,
      );
    }
    if (labelArray.data.length !== count) {
      throw idxError(
        labels,
        `it has ${labelArray.data.length} labels for the ${count} images of ${printable(basename(images))}`,
      );
    }
  }
  const given = parts.map(({ labelArray }) => Uint16Array.from(labelArray.data));
  const { classes, labels, remarks } = numberedClasses(given, classNames, (problem) => {
    throw idxError(parts[0].labels, problem);
  });
  return {
    classes,
    remarks,
    shape: [height, width, 1],
    parts: parts.map(({ name, imageArray }, at) => ({
      name,
      labels: labels[at],
      images: () => eachImage(imageArray, labels[at]),
    })),
  };
}

function* eachImage({ shape, data }: IdxArray, labels: Uint16Array): Generator<ImageToStore> {
  const [count, height, width] = shape;
  const size = height * width;
  for (let image = 0; image < count; image++) {
    yield { pixels: data.subarray(image * size, (image + 1) * size), label: labels[image] };
  }
}

/**
 * The images of a folder's IDX files, kept unpacked for as long as no file changes (by size and time). Classes are
 * called by their numbers.
 * @param folder absolute
 * @throws DeepviewError `bad-idx`, `image-size` (exit code 4), `disk-full`, `cancelled`
 */
export async function provideIdx(
  folder: string,
  parts: readonly IdxPart[],
  options: ImageOptions,
  context: StepContext & { paths: Paths },
): Promise<ImageStore> {
  const files = parts.flatMap(({ images, labels }) => [images, labels]);
  const states = await Promise.all(files.map((file) => stat(file)));
  const facts = states.map(({ size, mtimeMs }, i) => [files[i], size, mtimeMs]);
  const directory = storeDirectory(context.paths, 'idx', 2, facts, options.imageSize ?? null, options.fit ?? 'crop');
  const store = await provideStore(directory, printable(basename(folder)), context, async (at) => {
    const read = await readIdxParts(parts, context);
    const unpacked = { name: basename(folder), source: folder, ...idxParts(read) };
    await writeStore(at, storeOf(unpacked, options, context));
  });
  tellOf(store.remarks, options, context);
  return store;
}
