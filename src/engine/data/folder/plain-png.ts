import type { PlainImage } from './plain-image.ts';

/** Chunks that change nothing of the pixels, as far as decoders heed them. */
const harmless = new Set([
  'IDAT',
  'PLTE',
  'tEXt',
  'zTXt',
  'iTXt',
  'pHYs',
  'tIME',
  'bKGD',
  'sRGB',
  'gAMA',
  'cHRM',
  'sBIT',
]);

const kinds = { grey: 0, colour: 2, palette: 3 };

/**
 * A PNG of grey values, colours or a palette, see `plainImage`.
 * @param bytes the whole file, beginning with the signature
 */
export function plainPng(bytes: Buffer): PlainImage | undefined {
  let found: PlainImage | undefined;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const from = at + 8;
    at = from + length + 4;
    if (at > bytes.length) return undefined;
    if (type === 'IEND') return found;
    if (type === 'IHDR') {
      if (found || length !== 13) return undefined;
      found = headerOf(bytes.subarray(from, from + 13));
      if (!found) return undefined;
    } else if (!found || !harmless.has(type)) return undefined;
  }
  return undefined;
}

function headerOf(header: Buffer): PlainImage | undefined {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, kind, compression, filter] = header.subarray(8, 12);
  const isKnown = kind === kinds.grey || kind === kinds.palette || (kind === kinds.colour && depth === 8);
  if (!isKnown || ![1, 2, 4, 8].includes(depth) || compression !== 0 || filter !== 0) return undefined;
  if (width === 0 || height === 0) return undefined;
  return { height, width, channels: kind === kinds.grey ? 1 : 3 };
}
