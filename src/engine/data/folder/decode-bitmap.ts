import type { ImageShape } from '../images/image-options.ts';
import { loadDecoder } from './decode-plain.ts';

/**
 * The shape of a BMP or of a Netpbm image (PBM, PGM, PPM) by its header, before memory is taken for it.
 * @returns undefined for a header that makes no sense
 */
export function bitmapShape(bytes: Buffer): ImageShape | undefined {
  const shape = bytes[0] === 0x42 ? bmpShape(bytes) : netpbmShape(bytes);
  return shape?.every((side) => side >= 1) ? shape : undefined;
}

function bmpShape(bytes: Buffer): ImageShape | undefined {
  if (bytes.length < 26) return undefined;
  // OS/2 has sides of 16 bits; elsewhere a negative height says that the upper row comes first.
  const isOld = bytes.readUInt32LE(14) === 12;
  const [width, height] = isOld
    ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    : [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))];
  return [height, width, 3];
}

/** `P5 # a comment`, then width and height, white between them. */
function netpbmShape(bytes: Buffer): ImageShape | undefined {
  const header = bytes.toString('latin1', 0, 4096).replace(/#[^\n\r]*/g, ' ');
  const match = /^P([1-6])\s+(\d{1,9})\s+(\d{1,9})\s/.exec(header);
  return match ? [Number(match[3]), Number(match[2]), match[1] === '3' || match[1] === '6' ? 3 : 1] : undefined;
}

/** Pixels, 0..255, with their number of channels: 1, 3, or with transparency 2 or 4. */
export interface Bitmap {
  data: Uint8Array;
  channels: 1 | 2 | 3 | 4;
}

/**
 * Decodes a BMP or a Netpbm image. Values are scaled to 0..255, whatever the greatest of the file is said to be.
 * @returns 'no decoder' where the library is not made for this machine
 * @throws Error for a damaged file
 */
export async function decodeBitmap(bytes: Buffer, [height, width]: ImageShape): Promise<Bitmap | 'no decoder'> {
  const library = await loadDecoder();
  if (!library) return 'no decoder';
  const pixels = await new library.Transformer(bytes).rawPixels().catch((thrown: unknown) => {
    // The library's errors have a code, as those of the system do.
    throw new Error('it cannot be decoded', { cause: thrown });
  });
  const values = height * width;
  const depth = pixels.length / values;
  // Of more than 8 bits the library leaves 16, the upper ones second; they are scaled to all of them.
  const isWide = depth === 6 || depth === 8 || (depth === 2 && bytes[0] !== 0x42);
  const data = isWide ? pixels.filter((_, at) => at % 2 === 1) : pixels;
  const channels = data.length / values;
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) throw new Error('it has other sides');
  // Programs that write 32 bits a pixel often leave the last 8 empty: that is no transparency.
  const isEmpty = channels === 4 && data.every((value, at) => at % 4 < 3 || value === 0);
  return isEmpty ? { data: data.filter((_, at) => at % 4 < 3), channels: 3 } : { data, channels };
}
