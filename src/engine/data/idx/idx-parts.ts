import { basename } from 'node:path';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import type { UnpackedImages } from '../images/store-of.ts';
import type { ImageToStore } from '../store/write-store.ts';
import type { IdxPart } from './find-idx.ts';
import { idxError, readIdx, type IdxArray } from './read-idx.ts';

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
): Pick<UnpackedImages, 'classes' | 'shape' | 'parts'> {
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
  const greatestOf = ({ data }: IdxArray): number => data.reduce((most, label) => Math.max(most, label), 0);
  const greatest = Math.max(...parts.map(({ labelArray }) => greatestOf(labelArray)));
  if (classNames && greatest >= classNames.length) {
    throw idxError(parts[0].labels, `a label is ${greatest}; there are ${classNames.length} classes`);
  }
  return {
    classes: classNames ?? Array.from({ length: greatest + 1 }, (_, label) => String(label)),
    shape: [height, width, 1],
    parts: parts.map(({ name, imageArray, labelArray }) => ({
      name,
      labels: Uint16Array.from(labelArray.data),
      images: () => eachImage(imageArray, labelArray.data),
    })),
  };
}

async function* eachImage({ shape, data }: IdxArray, labels: Uint8Array): AsyncGenerator<ImageToStore> {
  const [count, height, width] = shape;
  const size = height * width;
  for (let image = 0; image < count; image++) {
    yield { pixels: data.subarray(image * size, (image + 1) * size), label: labels[image] };
    // Whoever cancels must get a turn.
    if (image % 4096 === 4095) await new Promise((resolve) => setImmediate(resolve));
  }
}
