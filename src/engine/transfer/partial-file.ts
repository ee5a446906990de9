import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatBytes } from '../base/byte-size.ts';
import { DeepviewError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { ensureSpace, type FreeBytes } from '../base/files.ts';
import type { HttpClient, HttpResponse, Source } from './http-client.ts';
import { HttpStatusError } from './network-errors.ts';
import type { ProgressMeter } from '../base/progress.ts';

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

/** What the server said about the file of which a part is here. */
interface Origin {
  url: string;
  /** A strong entity tag or a date: what If-Range takes. */
  validator?: string;
  total?: number;
}

interface Receiving {
  part: string;
  source: Source;
  client: HttpClient;
  meter: ProgressMeter;
  signal: AbortSignal;
  hash: Hash;
  /** A checksum will tell at the end: a part may be continued even where the server does not identify its files. */
  resumable: boolean;
  size?: number;
  free: FreeBytes;
  open: OpenForWriting;
}

/** One request: appends to the part what it lacks, or starts over where the server's file is another one by now. */
export async function receive(options: Receiving): Promise<{ resumed: boolean; digest: string }> {
  const { part, source, client, signal, hash, meter } = options;
  const origin = await readOrigin(part);
  const present = await presentBytes(options, origin);
  const response = await client.get(source, present > 0 ? rangeHeaders(present, source, origin) : {}, signal);
  // An answer given up half-way (wrong size, no space) ends with an error that nobody listens to any more.
  response.body.on('error', () => undefined);
  const appending = present > 0 && response.statusCode === 206 && rangeStart(response) === present;
  if (!appending && response.statusCode !== 200) {
    await drain(response);
    if (present > 0 && (response.statusCode === 416 || response.statusCode === 206)) {
      if (response.statusCode === 416 && isWhole(response, present)) {
        await hashFile(options, present, present);
        return { resumed: true, digest: hash.digest('hex') };
      }
      await forget(part);
      return receive(options);
    }
    throw new HttpStatusError(source.url, response.statusCode);
  }
  const before = appending ? present : 0;
  const length = header(response, 'content-length');
  const total = length === undefined ? options.size : before + Number(length);
  if (options.size !== undefined && total !== options.size) {
    response.body.destroy();
    throw wrongSize(source.url, options.size, total ?? 0);
  }
  if (total !== undefined) await ensureSpace(dirname(part), total - before, options.free);
  await writeFile(`${part}.json`, JSON.stringify(originOf(response, source, total)));
  if (appending) await hashFile(options, present, total);
  else meter.startAt(0, total);
  const bytes = before + (await append(options, response, appending, before));
  if (total !== undefined && bytes !== total) throw wrongSize(source.url, total, bytes);
  return { resumed: appending, digest: hash.digest('hex') };
}

async function append(
  { part, open, hash, meter, signal, size = Infinity, source }: Receiving,
  response: HttpResponse,
  appending: boolean,
  before: number,
): Promise<number> {
  const file = await open(part, appending ? 'append' : 'replace');
  let written = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      if (before + written + chunk.length > size) throw wrongSize(source.url, size, before + written + chunk.length);
      await file.write(chunk);
      hash.update(chunk);
      written += chunk.length;
      meter.advance(chunk.length);
    }
  } finally {
    await file.close();
  }
  return written;
}

/** Bytes already here that may be continued; a part that may not is left to be overwritten. */
async function presentBytes({ part, resumable, size }: Receiving, origin: Origin | undefined): Promise<number> {
  const found = await stat(part).catch(() => undefined);
  const bytes = found?.size ?? 0;
  if (!resumable && origin?.validator === undefined) return 0;
  return bytes > (size ?? origin?.total ?? Infinity) ? 0 : bytes;
}

function rangeHeaders(present: number, source: Source, origin: Origin | undefined): Record<string, string> {
  return {
    range: `bytes=${present}-`,
    ...(origin?.validator !== undefined && origin.url === source.url && { 'if-range': origin.validator }),
  };
}

async function hashFile({ part, hash, meter, signal }: Receiving, present: number, total: number | undefined) {
  for await (const chunk of createReadStream(part, { signal, end: present - 1 })) hash.update(chunk as Buffer);
  meter.startAt(present, total);
}

function rangeStart(response: HttpResponse): number {
  return Number(/^bytes (\d+)-/.exec(header(response, 'content-range') ?? '')?.[1] ?? NaN);
}

/** "Nothing after that": the part is the whole file. */
function isWhole(response: HttpResponse, present: number): boolean {
  return header(response, 'content-range') === `bytes */${present}`;
}

function originOf(response: HttpResponse, source: Source, total: number | undefined): Origin {
  const tag = header(response, 'etag');
  const validator = tag !== undefined && !tag.startsWith('W/') ? tag : header(response, 'last-modified');
  return {
    url: source.url,
    ...(validator !== undefined && { validator }),
    ...(total !== undefined && { total }),
  };
}

async function readOrigin(part: string): Promise<Origin | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(`${part}.json`, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Origin) : undefined;
  } catch {
    // Without the note the part can be continued under its checksum only.
    return undefined;
  }
}

async function forget(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function drain(response: HttpResponse): Promise<void> {
  await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
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
