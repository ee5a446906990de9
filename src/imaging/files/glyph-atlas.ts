import { inflateSync } from 'node:zlib';
import { glyphAtlasData } from './glyph-atlas-data.ts';

/** Coverage of one cell, 0..15, row-major [cellHeight][cellWidth]. */
type Mask = Uint8Array;

/** Pixels of a cell in a picture at full size. */
export const cellWidth = 20;
export const cellHeight = 40;

const boldBit = 1 << 20;
/** In the place of a character that the atlas does not have. */
const hollowBox = 0;
const pixels = cellWidth * cellHeight;

let masks: Map<number, Buffer> | undefined;
const unpacked = new Map<number, Mask>();

function atlas(): Map<number, Buffer> {
  if (masks) return masks;
  const data = inflateSync(Buffer.from(glyphAtlasData, 'base64'));
  const count = data.readUInt16LE(0);
  masks = new Map();
  for (let index = 0; index < count; index++) {
    const start = 2 + 3 * count + (index * pixels) / 2;
    masks.set(data.readUIntLE(2 + 3 * index, 3), data.subarray(start, start + pixels / 2));
  }
  return masks;
}

/**
 * How a grapheme is drawn: DejaVu Sans Mono (Latin, Greek, Cyrillic, arrows, mathematics, geometric shapes, dingbats),
 * geometry for blocks, boxes and braille, a hollow box for the rest. Bold letters are bold in ASCII only.
 */
export function glyphMask(grapheme: string, isBold: boolean): Mask {
  const code = grapheme.normalize('NFC').codePointAt(0) ?? 0x20;
  const key = isBold ? code | boldBit : code;
  let mask = unpacked.get(key);
  if (mask) return mask;
  const packed = atlas().get(key) ?? atlas().get(code) ?? atlas().get(hollowBox)!;
  mask = new Uint8Array(pixels);
  for (let index = 0; index < packed.length; index++) {
    mask[2 * index] = packed[index] >> 4;
    mask[2 * index + 1] = packed[index] & 15;
  }
  unpacked.set(key, mask);
  return mask;
}
