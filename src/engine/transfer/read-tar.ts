import type { FileHandle } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';
import { exitCodes, systemCode, unreadable, type DeepviewError } from '../base/errors.ts';
import { fileError, ifFileError, openToRead } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { cancelled } from '../base/progress.ts';
import type { ReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

export interface TarFile {
  /** As the archive says, with forward slashes. */
  path: string;
  content: Buffer;
}

export interface TarOptions {
  /** The greatest size at which a file is wanted; `undefined` for one that is to be passed over. */
  wanted: (path: string) => number | undefined;
  /** Bytes that the archive may unpack to, and entries that it may have. */
  bounds: { bytes: number; entries: number };
  signal: AbortSignal;
  /** Bytes of the archive read, of how many. */
  onRead?: (done: number, total: number) => void;
}

/**
 * Reads the wanted files of a tar archive, gzipped or not, one at a time; nothing is written anywhere.
 * An archive with a link, a device, an absolute path or one that climbs out (`..`) is refused as a whole, as is one
 * that unpacks to more than its bounds.
 * @throws DeepviewError `archive-damaged` (cut short, bit-flipped, no tar), `archive-hostile`, both exit code 4,
 *   `cancelled`, or a file error
 */
export async function* readTar(path: string, options: TarOptions): AsyncGenerator<TarFile> {
  const { signal, onRead } = options;
  const file = await openToRead(path).catch((error: unknown) => {
    throw fileError(error, 'read', path, exitCodes.unreadable);
  });
  try {
    const { size: total } = await file.stat();
    const { content, source } = await unpacked(file, signal);
    yield* entriesOf(content, path, options, () => onRead?.(source.bytesRead, total));
  } catch (error) {
    if (signal.aborted) throw cancelled(`reading ${printable(path)}`);
    throw isDamage(error) ? damaged(path, error) : ifFileError(error, 'read', path, exitCodes.unreadable);
  } finally {
    await file.close();
  }
}

async function* entriesOf(
  stream: Readable,
  path: string,
  { wanted, bounds }: TarOptions,
  onChunk: () => void,
): AsyncGenerator<TarFile> {
  const complete: TarFile[] = [];
  let failure: Error | undefined;
  let entries = 0;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      failure ??= refusal(entry, path) ?? (++entries > bounds.entries ? tooLarge(path) : undefined);
      const most = failure === undefined && entry.type === 'File' ? wanted(entry.path) : undefined;
      if (most === undefined) {
        entry.resume();
        return;
      }
      if (entry.size > most) {
        failure = damaged(path, `${printable(entry.path)} has ${entry.size} bytes`);
        entry.resume();
        return;
      }
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => complete.push({ path: entry.path, content: Buffer.concat(chunks) }));
    },
  });
  parser.on('error', (error: Error) => (failure ??= error));
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes > bounds.bytes) failure ??= tooLarge(path);
    else parser.write(chunk as Buffer);
    onChunk();
    if (failure !== undefined) throw failure;
    while (complete.length > 0) yield complete.shift()!;
  }
  const ended = new Promise((resolve) => {
    parser.once('end', resolve);
    parser.once('error', resolve);
  });
  parser.end();
  await ended;
  if (failure !== undefined) throw failure;
  yield* complete;
}

/** Why an archive with this entry is not read any further. */
function refusal(entry: ReadEntry, path: string): DeepviewError | undefined {
  const name = entry.path.replaceAll('\\', '/');
  const climbs = name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.split('/').includes('..');
  const plain = ['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'].includes(entry.type);
  if (!climbs && plain) return undefined;
  return unreadable(
    'archive-hostile',
    `${printable(path, 1000)} is refused: its entry ${printable(entry.path)} ${climbs ? 'points outside' : `is no plain file (${printable(entry.type)})`}`,
    'Take the archive from its official place.',
  );
}

function tooLarge(path: string): DeepviewError {
  return unreadable(
    'archive-hostile',
    `${printable(path, 1000)} is refused: it unpacks to more than it should`,
    'Take the archive from its official place.',
  );
}

function damaged(path: string, cause: unknown): DeepviewError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return unreadable(
    'archive-damaged',
    `${printable(path, 1000)} is damaged or no tar archive: ${printable(why)}`,
    'Download it again; it may have been cut short.',
    cause,
  );
}

/** Whether an error comes from the archive's content: zlib's and tar's do, the system's do not. */
export function isDamage(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  return /^(Z_|TAR_|ERR_STREAM_PREMATURE_CLOSE)/.test(code) || (error instanceof Error && 'tarCode' in error);
}

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
  // Its failure reaches the reader of the stream; nothing else waits for it.
  pipeline(source, content, { signal }).catch(() => undefined);
  return { content, source };
}
