import { basename } from 'node:path';
import { openNpz, type ArrayFile, type TextSource, type ArraySource } from '../../arrays/index.ts';
import { unreadable, type DeepviewError } from '../../base/errors.ts';
import { statOf } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { noteOf, numberedClasses, tellOf, type NumberedClasses } from '../images/class-labels.ts';
import type { ImageOptions, ImageShape } from '../images/image-options.ts';
import { storeOf } from '../images/store-of.ts';
import type { ImageStore } from '../store/open-store.ts';
import type { Remark } from '../store/store-format.ts';
import { provideStore, storeDirectory } from '../store/provide-store.ts';
import { writeStore } from '../store/write-store.ts';
import { arrayImages, readLabels, valueScale } from './array-images.ts';

/**
 * The images of an .npz file, kept unpacked for as long as the file does not change (by size and time).
 * @param path absolute
 * @throws DeepviewError `bad-images`, `bad-array`, `image-size` (exit code 4), `disk-full`, `cancelled`
 */
export async function provideNpz(
  path: string,
  options: ImageOptions,
  context: StepContext & { paths: Paths },
): Promise<ImageStore> {
  const { size, mtimeMs } = await statOf(path);
  const { imageSize, fit = 'crop' } = options;
  const directory = storeDirectory(context.paths, 'npz', 2, path, size, mtimeMs, imageSize ?? null, fit);
  const name = basename(path).replace(/\.npz$/i, '') || 'images';
  let file: ArrayFile | undefined;
  try {
    const store = await provideStore(directory, printable(basename(path)), context, async (at) => {
      file = await openNpz(path);
      const parts = findArrays(file, path);
      const { classes, labels, remarks } = await classesOf(parts, file.texts ?? [], path);
      const scale = await valueScale(parts.map(({ images }) => images));
      const unpacked = parts.map((part, i) => ({
        name: part.name,
        labels: labels[i],
        images: () => arrayImages(part, labels[i], scale),
      }));
      const images = {
        ...{ name, source: path, classes, shape: parts[0].shape, parts: unpacked },
        remarks: [...remarks, ...scale.remarks, ...unusedArrays(file, parts)],
      };
      await writeStore(at, storeOf(images, options, context));
    });
    tellOf(store.remarks, options, context);
    return store;
  } finally {
    await file?.close();
  }
}

const nameArrays = ['classes', 'class_names', 'label_names'];

/** Classes as labels name them, or as `classes` names the labels' numbers, else called by their numbers. */
async function classesOf(
  parts: readonly ArrayPart[],
  texts: readonly TextSource[],
  path: string,
): Promise<NumberedClasses> {
  const refuse = (problem: string): never => {
    throw npzError(`${printable(path, 1000)} ${problem}`);
  };
  const given = await Promise.all(parts.map(async ({ labels }) => ('read' in labels ? labels.read() : undefined)));
  if (given.every((names) => names !== undefined)) {
    const names = [...new Set(given.flat())].sort();
    if (names.length > limits.classes) refuse(`has ${names.length} classes; up to ${limits.classes} are read`);
    const places = new Map(names.map((name, place) => [name, place]));
    const labels = given.map((part) => Uint16Array.from(part, (name) => places.get(name)!));
    return numberedClasses(labels, names, refuse);
  }
  const numbers = await Promise.all(parts.map(readLabels));
  const named = texts.find(({ name }) => nameArrays.includes(name.toLowerCase()));
  return numberedClasses(numbers, await named?.read(), refuse);
}

/** A third part, or another pair of arrays, is not passed over without a word. */
function unusedArrays({ arrays, texts = [] }: ArrayFile, parts: readonly ArrayPart[]): Remark[] {
  const used = new Set(parts.flatMap(({ images, labels }) => [images.name, labels.name]));
  const left = [...arrays, ...texts.filter(({ name }) => !nameArrays.includes(name.toLowerCase()))]
    .map(({ name }) => name)
    .filter((name) => !used.has(name));
  if (left.length === 0) return [];
  const named = `${left.slice(0, 6).join(', ')}${left.length > 6 ? `, and ${left.length - 6} more` : ''}`;
  return [noteOf(`not used of the file: ${named}`, left.length)];
}

/** Arrays of images and classes that belong together. */
export interface ArrayPart {
  name: 'train' | 'validation' | 'all';
  images: ArraySource;
  labels: ArraySource | TextSource;
  count: number;
  shape: ImageShape;
  /** Whether the channels come before rows and columns: [N, C, H, W]. */
  channelsFirst: boolean;
}

/** How the arrays may be called; the first pair that is there counts. */
const pairs = [
  ['images', 'labels'],
  ['train_images', 'train_labels'],
  ['x_train', 'y_train'],
  ['x', 'y'],
] as const;
const validationPairs = [
  ['val_images', 'val_labels'],
  ['validation_images', 'validation_labels'],
  ['test_images', 'test_labels'],
  ['x_val', 'y_val'],
  ['x_test', 'y_test'],
] as const;

export const npzError = (message: string, hint?: string): DeepviewError => unreadable('bad-images', message, hint);

/**
 * Which arrays of an .npz file are the images and which their classes.
 * @throws DeepviewError `bad-images` (exit code 4) where they are missing or do not belong together
 */
function findArrays({ arrays, texts = [] }: ArrayFile, file: string): ArrayPart[] {
  const byName = new Map(arrays.map((array) => [array.name.toLowerCase(), array]));
  const textsByName = new Map(texts.map((array) => [array.name.toLowerCase(), array]));
  const find = (names: readonly (readonly [string, string])[]): [ArraySource, ArraySource | TextSource] | undefined => {
    for (const [images, labels] of names) {
      const found = byName.get(images);
      if (!found) continue;
      const own = byName.get(labels) ?? textsByName.get(labels);
      if (own) return [found, own];
      throw npzError(
        `${printable(file, 1000)} has ${images}, but no ${labels}`,
        `Save both: np.savez(file, ${images}=..., ${labels}=...).`,
      );
    }
    return undefined;
  };
  const train = find(pairs);
  if (!train) {
    const there = arrays.slice(0, 8).map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
    throw npzError(
      `${printable(file, 1000)} has no images and labels: it holds ${there.join(', ') || 'nothing'}`,
      'Save them under these names: np.savez(file, images=..., labels=...).',
    );
  }
  const validation = find(validationPairs);
  if (!validation) return [partOf('all', ...train)];
  const parts = [partOf('train', ...train), partOf('validation', ...validation)];
  const [a, b] = parts.map(({ shape }) => shape.join('x'));
  if (a !== b) {
    throw npzError(`${printable(file, 1000)}: ${train[0].name} has images of ${a}, ${validation[0].name} of ${b}`);
  }
  return parts;
}

function partOf(name: ArrayPart['name'], images: ArraySource, labels: ArraySource | TextSource): ArrayPart {
  const { shape } = images;
  const list = `[${shape.join(', ')}]`;
  if (images.fortranOrder) {
    throw npzError(`${images.origin}: it is in Fortran order`, 'Save it with np.ascontiguousarray(images).');
  }
  const [count = 0, ...rest] = shape;
  const layout = layoutOf(rest);
  if (!layout) {
    throw npzError(
      `${images.origin}: its shape ${list} is not a shape of images`,
      'Images are [N, H, W], [N, H, W, C] or [N, C, H, W], with one channel or three.',
    );
  }
  if (count < 1 || count > limits.images) throw npzError(`${images.origin}: it holds ${count} images`);
  const [labelCount, ...more] = 'read' in labels ? [labels.count] : labels.shape;
  // Keras keeps CIFAR's labels as [N, 1].
  if (labelCount !== count || more.length > 1 || (more[0] ?? 1) !== 1) {
    throw npzError(
      `${labels.origin}: its shape is [${[labelCount, ...more].join(', ')}], and there are ${count} images`,
      'There must be one class number per image, [N]; of one-hot labels that is labels.argmax(1).',
    );
  }
  return { name, images, labels, count, ...layout };
}

function layoutOf(rest: readonly number[]): Pick<ArrayPart, 'shape' | 'channelsFirst'> | undefined {
  if (rest.some((side) => side < 1) || rest.length < 2 || rest.length > 3) return undefined;
  const [a, b, c = 1] = rest;
  const isChannels = (n: number): boolean => n === 1 || n === 3;
  if (rest.length === 2) return { shape: [a, b, 1], channelsFirst: false };
  if (isChannels(c)) return { shape: [a, b, c], channelsFirst: false };
  return isChannels(a) ? { shape: [b, c, a], channelsFirst: true } : undefined;
}
