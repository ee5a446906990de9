import type { Cell, CellGrid } from '../cells/cells.ts';

// Combining characters of class 230 without a decomposition. Hexadecimal; +n stands for the n that follow.
const ranges =
  '305 30d+1 310 312 33d+2 346 34a+2 350+2 357 35b 363+12 483+4 592+3 597+2 59c+5 5a8+1 5ab+1 5af 5c4 610+7 657+4 ' +
  '65d+1 6d6+6 6df+3 6e4 6e7+1 6eb+1 730 732+1 735+1 73a 73d 73f+2 743 745 747 749+1 7eb+6 7f3 816+3 81b+8 825+2 ' +
  '829+4 951 953+1 f82+1 f86+1 135d+2 17dd 193a 1a17 1a75+7 1b6b 1b6d+6 1cd0+2 1cda+1 1ce0 1dc0+1 1dc3+6 1dcb+1 ' +
  '1dd1+21 1dfe 20d0+1 20d4+3 20db+1 20e1 20e7 20e9 20f0 2cef+2 2de0+31 a66f a67c+1 a6f0+1 a8e0+17 aab0 aab2+1 ' +
  'aab7+1 aabe+1 aac1 fe20+6 10a0f 10a38 1d185+4 1d1aa+3 1d242+2';

/** Numbers 0..296 as combining characters, in the order of kitty's graphics protocol (rowcolumn-diacritics.txt). */
export const diacritics: readonly string[] = ranges.split(' ').flatMap((range) => {
  const [first, more = '0'] = range.split('+');
  return Array.from({ length: Number(more) + 1 }, (_, index) => String.fromCodePoint(parseInt(first, 16) + index));
});

/** The character that stands for a part of a picture. */
const placeholder = '\u{10eeee}';
/** Bytes of base64 in one sequence, at most. */
const chunkLength = 4096;

/** Rows and columns that placeholders can number. */
export const largestPlacement = diacritics.length;

/** Low bytes that an image's number may have, and how many those are. */
export const firstLow = 16;
export const lows = 256 - firstLow;
/** High bytes are 1 to this: above, the third combining character is one that some multiplexers do not know. */
export const mostHigh = 29;

/**
 * An image's number: the low byte, 16..255, is sent as a colour of 256 (tmux turns 0..15 into something else, and takes
 * no larger ones), the high byte as a third combining character.
 */
export const imageNumber = (low: number, high: number): number => high * 2 ** 24 + low;

const command = (keys: string, payload = ''): string => `\u001b_G${keys}${payload && `;${payload}`}\u001b\\`;

/** A PNG's transmission, split as the protocol asks; the keys stand in the first part. */
function transmission(keys: string, png: Uint8Array): string[] {
  const data = Buffer.from(png).toString('base64');
  const parts: string[] = [];
  for (let at = 0; at < data.length; at += chunkLength) {
    const more = at + chunkLength < data.length ? 1 : 0;
    const part = data.slice(at, at + chunkLength);
    parts.push(command(at === 0 ? `${keys},q=2,m=${more}` : `q=2,m=${more}`, part));
  }
  return parts;
}

/**
 * Hands kitty a picture that {@link placeholderCells} then show. Source: kitty's graphics protocol, "Unicode
 * placeholders".
 * @param wrap puts each sequence into one that a multiplexer hands on
 */
export const transmitForPlaceholders = (
  id: number,
  png: Uint8Array,
  { columns, rows }: { columns: number; rows: number },
  wrap: (sequence: string) => string = (sequence) => sequence,
): string => transmission(`a=T,U=1,f=100,i=${id},c=${columns},r=${rows}`, png).map(wrap).join('');

/** Hands kitty a picture that {@link placeDirectly} then shows. */
export const transmitForPlacing = (
  id: number,
  png: Uint8Array,
  wrap: (sequence: string) => string = (sequence) => sequence,
): string => transmission(`a=t,f=100,i=${id}`, png).map(wrap).join('');

/** Shows a picture at the cursor, over the text there, without moving the cursor. */
export const placeDirectly = (
  id: number,
  placement: number,
  { columns, rows }: { columns: number; rows: number },
): string => command(`a=p,i=${id},p=${placement},c=${columns},r=${rows},C=1,q=2`);

/** Takes a placement away; text does not. */
export const removePlacement = (id: number, placement: number): string => command(`a=d,d=i,i=${id},p=${placement},q=2`);

/** Makes the terminal forget a picture, wherever it is shown. */
export const deleteImage = (id: number): string => command(`a=d,d=I,i=${id},q=2`);

/**
 * Cells that show an image which has been handed over.
 * @param size at most {@link largestPlacement} each way
 */
export function placeholderCells(id: number, { columns, rows }: { columns: number; rows: number }): CellGrid {
  const third = diacritics[Math.floor(id / 2 ** 24)];
  const imageId = id % 256;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column): Cell => {
      return { text: placeholder + diacritics[row] + diacritics[column] + third, imageId };
    }),
  );
}
