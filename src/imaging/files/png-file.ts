import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Rgb } from '../cells/cells.ts';

const deflated = promisify(deflate);
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A picture as PNG stores it before compression. */
export interface PngImage {
  width: number;
  height: number;
  /** Each row after a byte that names its filter (0: none). */
  scanlines: Uint8Array;
  /** Colours that the pixels are places in, one byte each; without it pixels are three bytes. */
  palette?: readonly Rgb[];
  /** The place in the palette that is transparent. */
  transparent?: number;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const frame = Buffer.alloc(12 + data.length);
  frame.writeUInt32BE(data.length, 0);
  frame.write(type, 4, 'latin1');
  frame.set(data, 8);
  frame.writeUInt32BE(crc32(frame.subarray(4, 8 + data.length)), 8 + data.length);
  return frame;
}

/** Of compression, 1 (fast) to 9. */
const level = 6;

/** Packs a picture as a PNG file; compression runs beside the main thread. */
export async function pngFile(image: PngImage): Promise<Buffer> {
  const { width, height, palette, transparent } = image;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, palette ? 3 : 2, 0, 0, 0], 8);
  const opacities = transparent === undefined ? undefined : Buffer.alloc(transparent + 1, 255);
  if (opacities) opacities[opacities.length - 1] = 0;
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette.flat()))] : []),
    ...(opacities ? [chunk('tRNS', opacities)] : []),
    chunk('IDAT', await deflated(image.scanlines, { level })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
