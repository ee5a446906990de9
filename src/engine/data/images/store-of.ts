import type { StepContext } from '../../progress.ts';
import { cancelled } from '../../transfer/cancelled.ts';
import { ProgressMeter } from '../../transfer/progress-meter.ts';
import type { StorePartName } from '../store/store-format.ts';
import type { ImageToStore, StoreToWrite } from '../store/write-store.ts';
import { requireSide, type ImageOptions, type ImageShape } from './image-options.ts';
import { fitImages } from './resize-images.ts';

/** Images as a file holds them, all of one shape. */
export interface UnpackedImages {
  name: string;
  source?: string;
  classes: readonly string[];
  shape: ImageShape;
  parts: readonly { name: StorePartName; labels: Uint16Array; images: () => AsyncIterable<ImageToStore> }[];
}

/**
 * What is to be written of such images: as they are, or resized.
 * @throws DeepviewError `image-size` for images that are too large and are not to be resized
 */
export function storeOf(
  { name, source, classes, shape, parts }: UnpackedImages,
  { imageSize, fit = 'crop' }: ImageOptions,
  { onProgress, signal }: Pick<StepContext, 'onProgress' | 'signal'>,
): StoreToWrite {
  const [height, width, channels] = shape;
  const resized = imageSize !== undefined && (height !== imageSize || width !== imageSize);
  if (!resized) requireSide(source ?? name, shape);
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const label = `reading images of ${name}`;
  const meter = new ProgressMeter({ label, unit: 'items', total, onProgress });
  const counted = async function* (images: () => AsyncIterable<ImageToStore>): AsyncGenerator<ImageToStore> {
    const stream = images();
    for await (const image of resized ? fitImages(stream, shape, { size: imageSize, fit }) : stream) {
      if (signal.aborted) throw cancelled(label);
      yield image;
      meter.advance(1);
      if (meter.done === total) meter.finish();
    }
  };
  return {
    name,
    ...(source !== undefined && { source }),
    classes,
    imageShape: resized ? [imageSize, imageSize, channels] : shape,
    parts: parts.map((part) => ({ name: part.name, atMost: part.labels.length, images: counted(part.images) })),
  };
}
