import { inflateSync } from 'node:zlib';
import { codePointOf } from '../../engine/base/printable.ts';
import { glyphAtlasData } from './glyph-atlas-data.ts';

/** Coverage of one cell, 0..15, row-major [cellHeight][cellWidth]. */
type Mask = Uint8Array;

/** Pixels of a cell in a picture at full size. */
export const cellWidth = 20;
export const cellHeight = 40;

const boldBit = 1 << 20;
const pixels = cellWidth * cellHeight;

let masks: Map<number, Buffer> | undefined;
const unpacked = new Map<string, Mask[]>();

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

/** Whether a grapheme has a glyph of its own: one character, in whatever form. */
function hasGlyph(grapheme: string): boolean {
  const [first, ...rest] = grapheme.normalize('NFC');
  return atlas().has(first.codePointAt(0)!) && rest.every((mark) => mark === '\ufe0e' || mark === '\ufe0f');
}

/** Whether a text has letters that are spelled where it is drawn. */
export const isSpelled = (text: string): boolean => text.trim() !== '' && !hasGlyph(text);

/**
 * How a grapheme is drawn: DejaVu Sans Mono (Latin, Greek, Cyrillic, arrows, mathematics, geometric shapes, dingbats),
 * geometry for blocks, boxes and braille; anything else is spelled by its code points, so that no two look the same.
 * Bold letters are bold in ASCII only.
 * @param columns cells that it takes
 * @returns a mask for each of them
 */
export function glyphMasks(grapheme: string, isBold: boolean, columns: 1 | 2): Mask[] {
  const key = `${columns}${isBold ? 'b' : ' '}${grapheme}`;
  let drawn = unpacked.get(key);
  if (drawn) return drawn;
  const code = grapheme.normalize('NFC').codePointAt(0) ?? 0x20;
  drawn = isSpelled(grapheme) ? spelled(grapheme, columns) : [maskOf(isBold ? code | boldBit : code)];
  unpacked.set(key, drawn);
  return drawn;
}

function maskOf(key: number): Mask {
  const packed = atlas().get(key) ?? atlas().get(key & ~boldBit);
  const mask = new Uint8Array(pixels);
  packed?.forEach((pair, index) => mask.set([pair >> 4, pair & 15], 2 * index));
  return mask;
}

/** The digits of all code points, small, in rows: `72` over `AC`. */
function spelled(grapheme: string, columns: 1 | 2): Mask[] {
  const digits = Array.from(grapheme, (character) => codePointOf(character).slice(2)).join('');
  const shrink = digits.length <= 4 * columns ? 2 : 4;
  const [width, height, across] = [cellWidth / shrink, cellHeight / shrink, shrink * columns];
  const masks = Array.from({ length: columns }, () => new Uint8Array(pixels));
  const rows = Math.min(shrink, Math.ceil(digits.length / across));
  const above = Math.floor((cellHeight - rows * height) / 2);
  Array.from(digits.slice(0, across * shrink)).forEach((digit, place) => {
    const glyph = maskOf(digit.codePointAt(0)!);
    const [left, top] = [(place % across) * width, above + Math.floor(place / across) * height];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let ink = 0;
        for (let at = 0; at < shrink * shrink; at++) {
          ink += glyph[(y * shrink + Math.floor(at / shrink)) * cellWidth + x * shrink + (at % shrink)];
        }
        const column = left + x;
        masks[Math.floor(column / cellWidth)][(top + y) * cellWidth + (column % cellWidth)] = ink / shrink ** 2;
      }
    }
  });
  return masks;
}
