import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { openNpz, type ArrayFile, type TextSource } from '../../arrays/index.ts';
import { exitCodes } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { ImageOptions } from '../images/image-options.ts';
import { storeOf } from '../images/store-of.ts';
import type { ImageStore } from '../store/open-store.ts';
import { provideStore, storeDirectory } from '../store/provide-store.ts';
import { writeStore } from '../store/write-store.ts';
import { arrayImages, readLabels, valueScale } from './array-images.ts';
import { findArrays, npzError } from './find-arrays.ts';

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
  const { size, mtimeMs } = await stat(path).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  });
  const { imageSize, fit = 'crop' } = options;
  const directory = storeDirectory(context.paths, 'npz', 1, path, size, mtimeMs, imageSize ?? null, fit);
  const name = basename(path).replace(/\.npz$/i, '') || 'images';
  let file: ArrayFile | undefined;
  try {
    return await provideStore(directory, printable(basename(path)), context, async (at) => {
      file = await openNpz(path);
      const parts = findArrays(file.arrays, path);
      const labels = await Promise.all(parts.map(readLabels));
      const classes = await classNames(file.texts ?? [], labels, path);
      const scale = await valueScale(parts.map(({ images }) => images));
      const unpacked = parts.map((part, i) => ({
        name: part.name,
        labels: labels[i],
        images: () => arrayImages(part, labels[i], scale),
      }));
      const images = { name, source: path, classes, shape: parts[0].shape, parts: unpacked };
      await writeStore(at, storeOf(images, options, context));
    });
  } finally {
    await file?.close();
  }
}

/** The names in `classes`, else the numbers 0, 1, ... up to the greatest. */
async function classNames(
  texts: readonly TextSource[],
  labels: readonly Uint16Array[],
  path: string,
): Promise<string[]> {
  let greatest = 0;
  for (const part of labels) for (const label of part) if (label > greatest) greatest = label;
  if (greatest >= limits.classes) {
    throw npzError(`${printable(path, 1000)} has a class ${greatest}; up to ${limits.classes} classes are read`);
  }
  const named = texts.find(({ name }) => ['classes', 'class_names', 'label_names'].includes(name.toLowerCase()));
  const names = named
    ? (await named.read()).map((each) => printable(each))
    : Array.from({ length: greatest + 1 }, (_, label) => String(label));
  if (names.length <= greatest) {
    throw npzError(`${printable(path, 1000)} names ${names.length} classes, and an image has the class ${greatest}`);
  }
  return names;
}
