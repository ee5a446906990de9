import sharp from 'sharp';
import type { Screenshot } from './terminal/quarter-boxes.ts';

/** A PNG of pixels: [height, width, channels], bytes. */
export const pngOfPixels = (pixels: Uint8Array, width: number, height: number, channels: 1 | 3 = 3): Promise<Buffer> =>
  sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();

/** The pixels of a picture (its bytes, or its file), without transparency, as a reader of others sees them. */
export async function pixelsIn(picture: Uint8Array | string): Promise<Screenshot> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, at: (x, y) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)] };
}
