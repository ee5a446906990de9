import type { ImageToStore } from '../store/write-store.ts';
import type { Fit, ImageShape } from './image-options.ts';
import { inOrder } from './in-order.ts';
import { loadSharp, sharpFit, workers } from './sharp.ts';

/**
 * Images brought to another size, as image files are (Lanczos), several at a time.
 * @param shape theirs
 * @returns [size, size, C] in the same order
 */
export async function* fitImages(
  images: AsyncIterable<ImageToStore>,
  [height, width, channels]: ImageShape,
  { size, fit }: { size: number; fit: Fit },
): AsyncGenerator<ImageToStore> {
  const sharp = await loadSharp();
  const raw = { width, height, channels: channels as 1 | 3 };
  const resize = ({ pixels }: ImageToStore): Promise<Uint8Array> => {
    // Copied: pixels are valid only until the next image is asked for.
    const picture = sharp(pixels.slice(), { raw }).resize(size, size, { fit: sharpFit[fit] });
    return (channels === 1 ? picture.toColourspace('b-w') : picture).raw().toBuffer();
  };
  for await (const { item, result } of inOrder(images, workers(), resize)) yield { ...item, pixels: result };
}
