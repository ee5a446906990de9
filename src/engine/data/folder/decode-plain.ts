import type * as decoding from '@napi-rs/image';
import type { Fit, ImageShape } from '../images/image-options.ts';
import type { PlainImage } from './plain-image.ts';

type Decoder = typeof decoding;

/**
 * Pixels up to which an image is decoded here, before and after resizing. Small images come by the hundred thousand,
 * and building the other library's pipeline costs five times what their pixels do; large ones it reads faster, since
 * it decodes a JPEG at a fraction of its size.
 */
const mostPixels = 2 ** 18;
const mostResized = 2 ** 20;

let decoder: Promise<Decoder | undefined> | undefined;

/** Absent where its native part is not made for this machine: then the other library reads everything. */
export const loadDecoder = (): Promise<Decoder | undefined> => {
  decoder ??= import('@napi-rs/image').catch(() => undefined);
  return decoder;
};

/**
 * Decodes a small plain image, made to fit the shape.
 * @param bytes the whole file
 * @returns [H, W, C], or undefined for one that is better decoded otherwise, or cannot be decoded
 */
export async function decodePlain(
  bytes: Buffer,
  { height: ownHeight, width: ownWidth, channels: own }: PlainImage,
  [height, width, channels]: ImageShape,
  fit: Fit,
): Promise<Uint8Array | undefined> {
  if (own > channels || ownHeight * ownWidth > mostPixels) return undefined;
  // As sharp does it: the whole is resized until it covers the shape, and the middle of that is taken.
  const scale = Math.max(height / ownHeight, width / ownWidth);
  const [tall, wide] =
    fit === 'stretch'
      ? [height, width]
      : [Math.max(height, Math.round(ownHeight * scale)), Math.max(width, Math.round(ownWidth * scale))];
  if (tall * wide > mostResized) return undefined;
  const library = await loadDecoder();
  if (!library) return undefined;
  const { Transformer, FastResizeFilter, ResizeFit } = library;
  let pixels: Buffer;
  try {
    const picture = new Transformer(bytes);
    if (tall !== ownHeight || wide !== ownWidth) {
      picture.fastResize({ width: wide, height: tall, filter: FastResizeFilter.Lanczos3, fit: ResizeFit.Fill });
    }
    pixels = await picture.rawPixels();
  } catch {
    // Why is for the other library to say, if it cannot read it either.
    return undefined;
  }
  return middleOf(pixels, { tall, wide }, [height, width, channels]);
}

/** @param pixels [tall, wide] of one grey value each, or of three colours and perhaps an opaque fourth */
function middleOf(
  pixels: Uint8Array,
  { tall, wide }: { tall: number; wide: number },
  [height, width, channels]: ImageShape,
): Uint8Array | undefined {
  const step = pixels.length / (tall * wide);
  if (step !== 1 && step !== 3 && step !== 4) return undefined;
  if (tall === height && wide === width && step === channels) return pixels;
  const top = (tall - height + 1) >> 1;
  const left = (wide - width + 1) >> 1;
  const result = new Uint8Array(height * width * channels);
  const [green, blue] = step === 1 ? [0, 0] : [1, 2];
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = ((top + y) * wide + left) * step;
    for (let x = 0; x < width; x++, from += step) {
      result[to++] = pixels[from];
      if (channels === 1) continue;
      result[to++] = pixels[from + green];
      result[to++] = pixels[from + blue];
    }
  }
  return result;
}
