import { crc32 } from 'node:zlib';

/** What the header of an image without anything special says. */
export interface PlainImage {
  height: number;
  width: number;
  channels: 1 | 3;
}

/**
 * What a file holds if it is one that every decoder reads alike: 8 bits a value or fewer, grey or colours, upright,
 * without transparency, colour profile or animation, and with its end. Only the structure is looked at, in JavaScript
 * and within bounds; the pixels may still be damaged.
 * @returns undefined for any other file, sound or not
 */
export function plainImage(bytes: Buffer, format: ImageFormat): PlainImage | undefined {
  if (format === 'jpeg') return plainJpeg(bytes);
  return format === 'png' ? plainPng(bytes) : undefined;
}

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

/** A part of a PNG: its type and where its data lie; its sum is of both and follows them. */
interface Chunk {
  type: string;
  from: number;
  to: number;
}

/** The chunks of a PNG, up to its end, as far as they are there as a whole. */
function* pngChunks(bytes: Buffer): Generator<Chunk> {
  for (let at = 8; at + 12 <= bytes.length;) {
    const from = at + 8;
    const to = from + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, from);
    at = to + 4;
    if (at > bytes.length) return;
    yield { type, from, to };
    if (type === 'IEND') return;
  }
}

/**
 * A PNG of grey values, colours or a palette, see `plainImage`.
 * @param bytes the whole file, beginning with the signature
 */
function plainPng(bytes: Buffer): PlainImage | undefined {
  let found: PlainImage | undefined;
  for (const { type, from, to } of pngChunks(bytes)) {
    if (type === 'IEND') return found;
    if (type === 'IHDR') {
      if (found || to - from !== 13) return undefined;
      found = headerOf(bytes.subarray(from, to));
      if (!found) return undefined;
    } else if (!found || !harmless.has(type) || (type === 'gAMA' && !isUsual(bytes.readUInt32BE(from))))
      return undefined;
  }
  return undefined;
}

/** Whether a gamma is a screen's: that of sRGB, or nearly. */
const isUsual = (gamma: number): boolean => gamma > 40_000 && gamma < 60_000;

/** Whether a PNG says that its values are not a screen's, such as linear light, and has no profile to convert them by. */
export function hasOtherGamma(bytes: Buffer): boolean {
  const chunks = [...pngChunks(bytes)];
  const gamma = chunks.find(({ type, from, to }) => type === 'gAMA' && to - from === 4);
  const isProfiled = chunks.some(({ type }) => type === 'sRGB' || type === 'iCCP');
  return gamma !== undefined && !isProfiled && !isUsual(bytes.readUInt32BE(gamma.from));
}

function headerOf(header: Buffer): PlainImage | undefined {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, kind, compression, filter] = header.subarray(8, 12);
  const isKnown = kind === kinds.grey || kind === kinds.palette || (kind === kinds.colour && depth === 8);
  if (!isKnown || ![1, 2, 4, 8].includes(depth) || compression !== 0 || filter !== 0) return undefined;
  if (width === 0 || height === 0) return undefined;
  return { height, width, channels: kind === kinds.grey ? 1 : 3 };
}

const marker = {
  frames: [0xc0, 0xc1, 0xc2],
  otherFrames: [0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf],
  end: 0xd9,
  scan: 0xda,
  lines: 0xdc,
  exif: 0xe1,
  profile: 0xe2,
  adobe: 0xee,
};

const begins = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

/** A part of a JPEG: its marker, and where its own bytes begin and end. */
interface Segment {
  kind: number;
  from: number;
  to: number;
}

/** The segments of a JPEG (ITU T.81, annex B) with the marker of its end, as far as they are there and make sense. */
function* jpegSegments(bytes: Buffer): Generator<Segment> {
  let at = 2;
  while (at + 2 <= bytes.length && bytes[at] === 0xff) {
    const kind = bytes[at + 1];
    // Any number of these may stand before a marker.
    if (kind === 0xff) {
      at++;
      continue;
    }
    if (kind === marker.end) {
      yield { kind, from: at + 2, to: at + 2 };
      return;
    }
    // Those without a length stand only within scans, where they are passed over.
    if (kind <= 0x01 || (kind >= 0xd0 && kind <= 0xd8) || at + 4 > bytes.length) return;
    const length = bytes.readUInt16BE(at + 2);
    const from = at + 4;
    at += 2 + length;
    if (length < 2 || at > bytes.length) return;
    yield { kind, from, to: at };
    if (kind === marker.scan) at = afterScan(bytes, at);
  }
}

/**
 * A JPEG of one or three components, baseline or progressive, see `plainImage`.
 * @param bytes the whole file, beginning with the start of an image
 */
function plainJpeg(bytes: Buffer): PlainImage | undefined {
  let found: PlainImage | undefined;
  for (const { kind, from, to } of jpegSegments(bytes)) {
    if (kind === marker.end) return found;
    if (marker.otherFrames.includes(kind) || kind === marker.lines) return undefined;
    if (marker.frames.includes(kind)) {
      if (found) return undefined;
      found = frameOf(bytes.subarray(from, to));
      if (!found) return undefined;
    } else if (kind === marker.scan && !found) return undefined;
    else if (kind === marker.exif && begins(bytes, from, 'Exif\0\0')) {
      if (!isUpright(bytes.subarray(from + 6, to))) return undefined;
    } else if (kind === marker.profile && begins(bytes, from, 'ICC_PROFILE\0')) return undefined;
    else if (kind === marker.adobe && begins(bytes, from, 'Adobe') && bytes[from + 11] !== 1) return undefined;
  }
  return undefined;
}

function frameOf(frame: Buffer): PlainImage | undefined {
  if (frame.length < 6 || frame[0] !== 8) return undefined;
  const components = frame[5];
  if ((components !== 1 && components !== 3) || frame.length < 6 + 3 * components) return undefined;
  // Components called R, G and B are just that, and not luminance and chrominance.
  if (components === 3 && frame[6] === 0x52 && frame[9] === 0x47 && frame[12] === 0x42) return undefined;
  const [height, width] = [frame.readUInt16BE(1), frame.readUInt16BE(3)];
  return height > 0 && width > 0 ? { height, width, channels: components } : undefined;
}

/** Where the next marker stands that ends the compressed values; the file's end where there is none. */
function afterScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    // A stuffed zero follows where the value itself is 255; restarts belong to the scan.
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7) && next !== 0xff) return at;
  }
  return bytes.length;
}

/** Whether Exif data (a TIFF header, then tags) asks for no turning; what cannot be read does not say so. */
function isUpright(exif: Buffer): boolean {
  const order = exif.toString('latin1', 0, 4);
  const isLittle = order === 'II*\0';
  if (!isLittle && order !== 'MM\0*') return false;
  const short = (at: number): number => (isLittle ? exif.readUInt16LE(at) : exif.readUInt16BE(at));
  if (exif.length < 8) return false;
  const first = isLittle ? exif.readUInt32LE(4) : exif.readUInt32BE(4);
  if (first + 2 > exif.length) return false;
  const count = short(first);
  for (let tag = 0; tag < count; tag++) {
    const at = first + 2 + 12 * tag;
    if (at + 12 > exif.length) return false;
    const orientation = 0x0112;
    if (short(at) === orientation) return short(at + 8) === 1;
  }
  return true;
}

/** The image formats that are read; what a file is called does not matter. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'bmp' | 'netpbm';

const isAscii = (start: Uint8Array, at: number, text: string): boolean =>
  Buffer.from(start.buffer, start.byteOffset, start.length).toString('latin1', at, at + text.length) === text;

/**
 * The format of an image file by its first bytes, of those formats alone that the decoder is given: it would also take
 * documents (SVG, PDF) that can name other files.
 * @param start the first 16 bytes
 * @returns the format, or what the file seems to be instead
 */
export function imageFormat(start: Uint8Array): ImageFormat | { not: string } {
  if (start.length === 0) return { not: 'empty' };
  if (start[0] === 0xff && start[1] === 0xd8 && start[2] === 0xff) return 'jpeg';
  if (start[0] === 0x89 && isAscii(start, 1, 'PNG\r\n\x1a\n')) return 'png';
  if (isAscii(start, 0, 'RIFF') && isAscii(start, 8, 'WEBP')) return 'webp';
  if (isAscii(start, 0, 'GIF87a') || isAscii(start, 0, 'GIF89a')) return 'gif';
  if (isAscii(start, 0, 'II*\0') || isAscii(start, 0, 'MM\0*')) return 'tiff';
  if (isAscii(start, 0, 'BM') && start.length > 14) return 'bmp';
  if (start[0] === 0x50 && start[1] >= 0x31 && start[1] <= 0x36 && /\s|#/.test(String.fromCharCode(start[2])))
    return 'netpbm';
  if (isAscii(start, 4, 'ftyp')) return { not: 'a HEIF or AVIF, which is not read' };
  if (isAscii(start, 0, '<')) return { not: 'an SVG or another document, which is not read' };
  if (isAscii(start, 0, '%PDF')) return { not: 'a PDF, which is not read' };
  return { not: 'no image' };
}

/**
 * Why a file that no decoder takes cannot be read, by its structure alone. The library's own words are not used: its
 * threads share one buffer of errors, so that they change from run to run.
 * @returns completes `FILE is ...`
 */
export function whyUnreadable(bytes: Buffer, format: ImageFormat): string {
  return hasEnd[format](bytes) ? (format === 'png' && damagedChunk(bytes)) || 'damaged' : 'cut short';
}

const hasEnd: Record<ImageFormat, (bytes: Buffer) => boolean> = {
  jpeg: (bytes) => [...jpegSegments(bytes)].at(-1)?.kind === marker.end,
  png: (bytes) => [...pngChunks(bytes)].at(-1)?.type === 'IEND',
  webp: (bytes) => bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length,
  gif: (bytes) => bytes.at(-1) === 0x3b,
  bmp: (bytes) => bytes.length >= 26 && bytes.readUInt32LE(2) <= bytes.length,
  netpbm: () => true,
  tiff: (bytes) => {
    if (bytes.length < 8) return false;
    const isLittle = bytes[0] === 0x49;
    const first = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
    if (first + 2 > bytes.length) return false;
    const count = isLittle ? bytes.readUInt16LE(first) : bytes.readUInt16BE(first);
    return first + 2 + 12 * count <= bytes.length;
  },
};

function damagedChunk(bytes: Buffer): string | undefined {
  for (const { type, from, to } of pngChunks(bytes)) {
    if (crc32(bytes.subarray(from - 4, to)) === bytes.readUInt32BE(to)) continue;
    return /^[A-Za-z]{4}$/.test(type) ? `damaged (its ${type} does not match its sum)` : 'damaged';
  }
  return undefined;
}
