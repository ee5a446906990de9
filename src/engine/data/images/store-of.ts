import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProgressMeter, type StepContext } from '../../base/progress.ts';
import type { Remark, StorePartName } from '../store/store-format.ts';
import type { ImageToStore, StoreToWrite } from '../store/write-store.ts';
import { classCounts, requireSide, type ImageOptions, type ImageShape } from './image-options.ts';
import { fitImages } from './resample.ts';

type ImageStream = Iterable<ImageToStore> | AsyncIterable<ImageToStore>;

/** Images as a file holds them, all of one shape. */
export interface UnpackedImages {
  name: string;
  source?: string;
  classes: readonly string[];
  shape: ImageShape;
  parts: readonly { name: StorePartName; labels: Uint16Array; images: () => ImageStream }[];
  remarks?: readonly Remark[];
}

/**
 * What is to be written of such images: as they are, or resized.
 * @throws DeepviewError `image-size` for images that are too large and are not to be resized, or what `foreseen` throws
 */
export function storeOf(
  { name, source, classes, shape, parts, remarks = [] }: UnpackedImages,
  { imageSize, fit = 'crop', foreseen }: ImageOptions,
  context: Pick<StepContext, 'onProgress' | 'signal'>,
): StoreToWrite {
  const [height, width, channels] = shape;
  const resized = imageSize !== undefined && (height !== imageSize || width !== imageSize);
  if (!resized) requireSide(source ?? name, shape);
  const imageShape: ImageShape = resized ? [imageSize, imageSize, channels] : shape;
  foreseen?.({
    imageShape,
    classes,
    parts: parts.map((part) => ({ name: part.name, classCounts: classCounts(part.labels, classes.length) })),
  });
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const meter = new ProgressMeter({ label: `reading images of ${name}`, unit: 'items', total, ...context });
  const counted = async function* (images: () => ImageStream): AsyncGenerator<ImageToStore> {
    const stream = images();
    for await (const image of resized ? fitImages(stream, shape, { size: imageSize, fit }) : stream) {
      yield image;
      meter.advance(1);
      // Cancelling needs a turn of the event loop, which reading from memory never gives.
      if (meter.done % 1024 === 0) await nextTurn();
      if (meter.done === total) meter.finish();
    }
  };
  return {
    name,
    ...(source !== undefined && { source }),
    classes,
    imageShape,
    parts: parts.map((part) => ({ name: part.name, atMost: part.labels.length, images: counted(part.images) })),
    remarks: () => remarks,
  };
}
