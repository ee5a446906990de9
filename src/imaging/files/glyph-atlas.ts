import { inflateSync } from 'node:zlib';
import { glyphAtlasData } from './glyph-atlas-data.ts';
import { cellHeight, cellWidth, shapeMask, type Mask } from './glyph-shapes.ts';

const boldBit = 1 << 20;
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

/** A hollow box: a character that the atlas does not have. */
function missingMask(): Mask {
  const mask = new Uint8Array(pixels);
  for (let y = 8; y < 32; y++) {
    for (let x = 3; x < cellWidth - 3; x++) {
      if (y < 10 || y >= 30 || x < 5 || x >= cellWidth - 5) mask[y * cellWidth + x] = 15;
    }
  }
  return mask;
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
  const packed = atlas().get(key) ?? atlas().get(code);
  mask = shapeMask(code);
  if (!mask && packed) {
    mask = new Uint8Array(pixels);
    for (let index = 0; index < packed.length; index++) {
      mask[2 * index] = packed[index] >> 4;
      mask[2 * index + 1] = packed[index] & 15;
    }
  }
  mask ??= missingMask();
  unpacked.set(key, mask);
  return mask;
}
