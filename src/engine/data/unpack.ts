import type { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/**
 * A file's content from its beginning, unpacked if it is gzipped.
 * @returns what is read, which fails where the file is damaged or the signal aborts, and what it is read from
 */
export async function unpacked(
  file: FileHandle,
  signal: AbortSignal,
): Promise<{ content: Readable & AsyncIterable<Buffer>; source: ReadStream }> {
  const magic = Buffer.alloc(2);
  await file.read(magic, 0, 2, 0);
  const source = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 2 ** 18 });
  const content = magic.readUInt16BE() === 0x1f8b ? createGunzip({ chunkSize: 2 ** 18 }) : new PassThrough();
  // Its failure reaches whoever reads the stream; nobody else waits for it.
  pipeline(source, content, { signal }).catch(() => undefined);
  return { content, source };
}
