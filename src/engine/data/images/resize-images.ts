import type { ImageToStore } from '../store/write-store.ts';
import type { Fit, ImageShape } from './image-options.ts';
import { resampler } from './resample.ts';

/**
 * Images brought to another size. Small ones come by the ten thousand, and the library of images takes a millisecond
 * to be asked; what they need is done here.
 * @param shape theirs
 * @returns [size, size, C] in the same order
 */
export async function* fitImages(
  images: AsyncIterable<ImageToStore>,
  shape: ImageShape,
  { size, fit }: { size: number; fit: Fit },
): AsyncGenerator<ImageToStore> {
  const [height, width] = shape;
  const side = Math.min(height, width);
  const box =
    fit === 'stretch'
      ? { top: 0, left: 0, height, width }
      : { top: (height - side) / 2, left: (width - side) / 2, height: side, width: side };
  const resize = resampler(shape, box, size);
  for await (const image of images) yield { ...image, pixels: resize(image.pixels) };
}
