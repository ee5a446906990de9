import type { Hash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatBytes } from '../base/byte-size.ts';
import { DeepviewError } from '../base/errors.ts';
import { hashInto, sizeOf } from '../base/files.ts';
import { ensureSpace, type FreeBytes } from '../base/write-files.ts';
import { printable } from '../base/printable.ts';
import type { ProgressMeter } from '../base/progress.ts';
import type { HttpClient, HttpResponse, Source } from './http-client.ts';
import { HttpStatusError } from './network-errors.ts';

/** A file open for writing at its end. */
export interface WritableFile {
  write(bytes: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens a file for appending, or empties it first. */
export type OpenForWriting = (path: string, how: 'append' | 'replace') => Promise<WritableFile>;

export const openForWriting: OpenForWriting = async (path, how) => {
  const file = await open(path, how === 'append' ? 'a' : 'w');
  return { write: (bytes) => file.writeFile(bytes), close: () => file.close() };
};

interface Receiving {
  part: string;
  source: Source;
  /** Bytes of the whole file. */
  size: number;
  client: HttpClient;
  meter: ProgressMeter;
  signal: AbortSignal;
  hash: Hash;
  free: FreeBytes;
  open: OpenForWriting;
}

/**
 * One request: appends to the part what it lacks. Whether both come from one file is for the checksum to tell.
 * @returns the digest of the whole, and whether it begins with what was there before
 */
export async function receive(options: Receiving): Promise<{ isResumed: boolean; digest: string }> {
  const { part, source, size, client, signal, hash, meter } = options;
  const found = await sizeOf(part);
  // A part that is too long is no part of this file, and is written over.
  const present = found > size ? 0 : found;
  const response = await client.get(source, present > 0 ? { range: `bytes=${present}-` } : {}, signal);
  // An answer given up half-way (wrong size, no space) ends with an error that is of no interest any more.
  response.body.on('error', () => undefined);
  const isResumed = present > 0 && response.statusCode === 206 && rangeStart(response) === present;
  if (!isResumed && response.statusCode !== 200) {
    await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
    if (present > 0 && (response.statusCode === 416 || response.statusCode === 206)) {
      // "Nothing after that": the part is the whole file.
      if (response.statusCode === 416 && present === size) {
        await hashFile(options, present);
        return { isResumed: true, digest: hash.digest('hex') };
      }
      await rm(part, { force: true });
      return receive(options);
    }
    throw new HttpStatusError(source.url, response.statusCode);
  }
  const before = isResumed ? present : 0;
  const length = header(response, 'content-length');
  if (length !== undefined && before + Number(length) !== size) {
    response.body.destroy();
    throw wrongSize(source.url, size, before + Number(length));
  }
  await ensureSpace(dirname(part), size - before, options.free);
  if (isResumed) await hashFile(options, present);
  else meter.startAt(0, size);
  const bytes = await append(options, response, before);
  if (bytes !== size) throw wrongSize(source.url, size, bytes);
  return { isResumed, digest: hash.digest('hex') };
}

/** @param before bytes of the part that stay */
async function append(
  { part, open, hash, meter, signal, size, source }: Receiving,
  response: HttpResponse,
  before: number,
): Promise<number> {
  const file = await open(part, before > 0 ? 'append' : 'replace');
  let bytes = before;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > size) throw wrongSize(source.url, size, bytes);
      await file.write(chunk);
      hash.update(chunk);
      meter.advance(chunk.length);
    }
  } finally {
    await file.close();
  }
  return bytes;
}

async function hashFile({ part, size, hash, meter, signal }: Receiving, present: number): Promise<void> {
  await hashInto(hash, part, { signal, end: present - 1 });
  meter.startAt(present, size);
}

function rangeStart(response: HttpResponse): number {
  return Number(/^bytes (\d+)-/.exec(header(response, 'content-range') ?? '')?.[1] ?? NaN);
}

function header(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function wrongSize(url: string, expected: number, found: number): DeepviewError {
  return new DeepviewError(
    'size',
    `What ${printable(new URL(url).host)} offers has ${formatBytes(found)} (${found} bytes) instead of ${expected} bytes`,
    { hint: 'The file there is not the expected one; try again, or from another mirror.' },
  );
}
