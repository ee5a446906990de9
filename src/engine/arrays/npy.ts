import { crc32 } from 'node:zlib';
import * as yauzl from 'yauzl';
import { exitCodes, systemCode } from '../base/errors.ts';
import { fileError, openToRead } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { arrayError, type ArraySource } from './array-source.ts';
import {
  npyHeaderBytes,
  parseNpyHeader,
  parseNpyTextHeader,
  type NpyHeader,
  type NpyTextHeader,
} from './npy-header.ts';
import { readRange } from './safetensors.ts';

/** An array of texts, not yet read. */
export interface TextSource extends Pick<ArraySource, 'origin'> {
  /** As the file calls it, empty for an .npy file; safe to show. */
  name: string;
  count: number;
  /** As they are written, without padding; not made safe to show. */
  read: () => Promise<string[]>;
}

/** Arrays of an open file. */
export interface ArrayFile {
  arrays: ArraySource[];
  /** Arrays of texts, if any. */
  texts?: TextSource[];
  close: () => Promise<void>;
}

/**
 * Opens an .npy file: one array without a name.
 * @throws DeepviewError exit code 4
 */
export async function openNpy(path: string): Promise<ArrayFile> {
  const origin = printable(path, 1000);
  try {
    const file = await openToRead(path);
    try {
      const { size } = await file.stat();
      const readStart = async (length: number): Promise<Uint8Array> => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      };
      const start = await readStart(npyHeaderBytes(await readStart(12), origin));
      const bytes = ({ headerBytes, dataBytes }: Pick<NpyHeader, 'headerBytes' | 'dataBytes'>) =>
        readRange(file, headerBytes, dataBytes, origin);
      const source = arrayOf(start, size, { origin, name: '' }, bytes);
      const close = (): Promise<void> => file.close();
      return 'read' in source ? { arrays: [], texts: [source], close } : { arrays: [source], close };
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

/** Deflate cannot do better: whatever claims more is made to fill the memory. */
const greatestRatio = 1032;

/**
 * Opens an .npz file (a zip of .npy files, stored or deflated). Headers are read now, elements on demand;
 * nothing is unpacked beyond the size that the file's directory and the array's shape agree on.
 * @throws DeepviewError exit code 4
 */
export async function openNpz(path: string): Promise<ArrayFile> {
  const origin = printable(path, 1000);
  let zip: yauzl.ZipFile | undefined;
  try {
    zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: true });
    const names = new Set<string>();
    const arrays: ArraySource[] = [];
    const texts: TextSource[] = [];
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const name = printable(entry.fileName.replace(/\.npy$/, ''));
      if (names.has(name)) throw arrayError(origin, `array "${name}" is there twice`);
      names.add(name);
      if (names.size > 10_000) throw arrayError(origin, 'it holds more than 10 000 arrays');
      const source = await entrySource(zip, entry, `${origin}, array "${name}"`, name);
      if ('read' in source) texts.push(source);
      else arrays.push(source);
    }
    const opened = zip;
    return {
      arrays,
      texts,
      close: () => {
        opened.close();
        return Promise.resolve();
      },
    };
  } catch (thrown) {
    zip?.close();
    throw zipError(thrown, path);
  }
}

async function entrySource(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  origin: string,
  name: string,
): Promise<ArraySource | TextSource> {
  if (entry.isEncrypted()) throw arrayError(origin, 'it is encrypted', 'Save it without a password.');
  if (!entry.canDecodeFileData())
    throw arrayError(origin, `its compression method ${entry.compressionMethod} is not read`);
  if (entry.uncompressedSize > (entry.compressedSize + 1) * greatestRatio) {
    throw arrayError(
      origin,
      `it claims ${entry.uncompressedSize} bytes in ${entry.compressedSize}, which is impossible`,
    );
  }
  let start: Uint8Array = new Uint8Array(0);
  for await (const chunk of entryBytes(zip, entry, origin, false)) {
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    if (start.length >= 12 && start.length >= npyHeaderBytes(start, origin)) break;
  }
  return arrayOf(start, entry.uncompressedSize, { origin, name }, ({ headerBytes }) =>
    skip(entryBytes(zip, entry, origin, true), headerBytes),
  );
}

/**
 * An .npy file or entry by its header.
 * @param start its first bytes, the header among them
 * @param size all its bytes
 * @param bytes those behind the header
 */
function arrayOf(
  start: Uint8Array,
  size: number,
  { origin, name }: Pick<ArraySource, 'origin' | 'name'>,
  bytes: (header: Pick<NpyHeader, 'headerBytes' | 'dataBytes'>) => AsyncIterable<Uint8Array>,
): ArraySource | TextSource {
  const text = parseNpyTextHeader(start, origin);
  if (text) {
    requireSize({ ...text, shape: [text.count], type: 'texts' }, size, origin);
    return { origin, name, count: text.count, read: async () => decodeTexts(await joined(bytes(text)), text) };
  }
  const header = parseNpyHeader(start, origin);
  requireSize(header, size, origin);
  const { type, shape, fortranOrder, littleEndian } = header;
  return { origin, name, type, shape, fortranOrder, littleEndian, bytes: () => bytes(header) };
}

/** An entry's bytes, unpacked; yauzl ends with an error where they are not as many as the directory says. */
async function* entryBytes(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  origin: string,
  whole: boolean,
): AsyncGenerator<Uint8Array> {
  try {
    const stream = await zip.openReadStreamPromise(entry);
    let checksum = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (whole) checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (whole && checksum !== entry.crc32) throw arrayError(origin, 'it does not match its checksum', damaged);
  } catch (thrown) {
    throw zipError(thrown, origin);
  }
}

async function* skip(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Texts of one width, filled up with zeros: four bytes a code point, or bytes of UTF-8. */
function decodeTexts(bytes: Buffer, { count, width, encoding, littleEndian }: NpyTextHeader): string[] {
  const size = encoding === 'U' ? 4 * width : width;
  return Array.from({ length: count }, (_, i) => {
    const own = bytes.subarray(i * size, (i + 1) * size);
    if (encoding === 'S') return own.toString('utf8').replace(/\0+$/, '');
    let text = '';
    for (let at = 0; at < size; at += 4) {
      const point = littleEndian ? own.readUInt32LE(at) : own.readUInt32BE(at);
      if (point !== 0) text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
    }
    return text;
  });
}

const damaged = 'The file is damaged: copy or write it again.';

function zipError(thrown: unknown, origin: string): Error {
  const code = systemCode(thrown) ?? '';
  const ofZip = thrown instanceof Error && (code === '' || code.startsWith('Z_')) && thrown.name !== 'DeepviewError';
  if (ofZip && !(thrown instanceof TypeError) && !(thrown instanceof RangeError)) {
    return arrayError(origin, `it is not a readable .npz file (${printable(thrown.message)})`, damaged);
  }
  return fileError(thrown, 'read', origin, exitCodes.unreadable);
}

function requireSize(
  header: Pick<NpyHeader, 'headerBytes' | 'dataBytes' | 'shape'> & { type: string },
  size: number,
  origin: string,
): void {
  const expected = header.headerBytes + header.dataBytes;
  if (size === expected) return;
  throw arrayError(
    origin,
    `it has ${size} bytes where its shape [${header.shape.join(', ')}] of ${header.type} needs ${expected}`,
    size < expected ? 'It is cut short: copy or write it again.' : damaged,
  );
}
