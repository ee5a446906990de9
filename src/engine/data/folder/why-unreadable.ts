import { crc32 } from 'node:zlib';
import { hasJpegEnd, type ImageFormat } from './plain-image.ts';

/**
 * Why a file that no decoder takes cannot be read, by its structure alone. The library's own words are not used: its
 * threads share one buffer of errors, so that they change from run to run.
 * @returns completes `FILE is ...`
 */
export function whyUnreadable(bytes: Buffer, format: ImageFormat): string {
  return hasEnd[format](bytes) ? (format === 'png' && damagedChunk(bytes)) || 'damaged' : 'cut short';
}

const hasEnd: Record<ImageFormat, (bytes: Buffer) => boolean> = {
  jpeg: hasJpegEnd,
  png: (bytes) => chunksOf(bytes).at(-1)?.type === 'IEND',
  webp: (bytes) => bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length,
  gif: (bytes) => bytes.at(-1) === 0x3b,
  tiff: (bytes) => {
    if (bytes.length < 8) return false;
    const isLittle = bytes[0] === 0x49;
    const first = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
    if (first + 2 > bytes.length) return false;
    const count = isLittle ? bytes.readUInt16LE(first) : bytes.readUInt16BE(first);
    return first + 2 + 12 * count <= bytes.length;
  },
};

interface Chunk {
  type: string;
  /** Of its type, and after its data. */
  from: number;
  to: number;
}

/** The chunks of a PNG that are there as a whole. */
function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const from = at + 4;
    const to = from + 4 + bytes.readUInt32BE(at);
    at = to + 4;
    if (at > bytes.length) break;
    const type = bytes.toString('latin1', from, from + 4);
    chunks.push({ type, from, to });
    if (type === 'IEND') break;
  }
  return chunks;
}

function damagedChunk(bytes: Buffer): string | undefined {
  const wrong = chunksOf(bytes).find(({ from, to }) => crc32(bytes.subarray(from, to)) !== bytes.readUInt32BE(to));
  if (!wrong) return undefined;
  return /^[A-Za-z]{4}$/.test(wrong.type) ? `damaged (its ${wrong.type} does not match its sum)` : 'damaged';
}
