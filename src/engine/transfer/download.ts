import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { fileError, freeBytes, ifFileError, type FreeBytes } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { cancelled, pause, ProgressMeter, type StepContext } from '../base/progress.ts';
import { openClient, type HttpClient, type Source } from './http-client.ts';
import { withLock } from '../base/lock.ts';
import { HttpStatusError, networkError } from './network-errors.ts';
import { openForWriting, receive, type OpenForWriting } from './partial-file.ts';

/** What a file's bytes must hash to, as lower-case hexadecimal digits. */
export interface Integrity {
  algorithm: 'sha256' | 'sha512' | 'sha1' | 'md5';
  hex: string;
}

/** npm's form of a checksum (subresource integrity): `sha512-<base64>`. */
export function integrityOf(text: string): Integrity {
  const [, algorithm, base64] = /^(sha256|sha512|sha1)-([A-Za-z0-9+/=]+)/.exec(text) ?? [];
  if (algorithm === undefined || base64 === undefined) {
    throw new DeepviewError('checksum-form', `Not a checksum: ${printable(text)}`);
  }
  return { algorithm: algorithm as Integrity['algorithm'], hex: Buffer.from(base64, 'base64').toString('hex') };
}

export interface DownloadOptions {
  /** Places that have the same file; the next is asked when one fails. */
  urls: readonly (string | Source)[];
  /** The finished file. Until it is complete and verified it is called `<destination>.part`. */
  destination: string;
  /** Without it a connection's own length is the only check, so give it whenever it is known. */
  integrity?: Integrity;
  /** Expected bytes, if known: more than that are refused. */
  size?: number;
  /** What progress calls the step, such as `downloading CIFAR-10`. */
  label: string;
  context: StepContext;
  env: NodeJS.ProcessEnv;
  /** Milliseconds before the first retry; each further one waits twice as long. */
  backoff?: number;
  /** Milliseconds without a byte after which the connection counts as lost. */
  stall?: number;
  free?: FreeBytes;
  open?: OpenForWriting;
}

/** Retries without a single new byte before a place is given up. */
const attempts = 5;

/**
 * Loads a file: resumes what an earlier attempt left, verifies it, and only then gives it its name.
 * A finished file that is already there and matches `integrity` is not loaded again.
 * Safe against other processes loading the same file: one loads, the others wait for it.
 * @throws DeepviewError `unreachable`, `connection-lost`, `certificate`, `http-status`, `checksum` (what was loaded is
 *   deleted), `disk-full`, `no-permission`, `cancelled` (what was loaded is kept for the next attempt)
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { destination, context, label } = options;
  await mkdir(dirname(destination), { recursive: true }).catch((error: unknown) => {
    throw fileError(error, 'create', dirname(destination));
  });
  await withLock(`${destination}.lock`, { label, context }, async () => {
    if (await isComplete(options)) return;
    const client = openClient({ env: options.env, onNotice: context.onNotice, ...pick(options, 'stall') });
    try {
      await fromAnyPlace(options, client);
    } finally {
      await client.close();
    }
  });
}

async function fromAnyPlace(options: DownloadOptions, client: HttpClient): Promise<void> {
  const failures: DeepviewError[] = [];
  for (const place of options.urls) {
    try {
      await fromPlace(options, client, typeof place === 'string' ? { url: place } : place);
      return;
    } catch (error) {
      if (!(error instanceof DeepviewError) || !placeIsToBlame.has(error.code)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined)
    throw new DeepviewError('no-source', `Nowhere to load ${printable(options.destination)} from`);
  if (failures.length === 1) throw first;
  throw new DeepviewError(first.code, failures.map(({ message }) => message).join('; '), {
    hint: first.hint,
    cause: first,
  });
}

const placeIsToBlame = new Set(['unreachable', 'connection-lost', 'certificate', 'http-status', 'checksum', 'size']);

/** One place, with retries: a lost connection goes on where it broke off. */
async function fromPlace(options: DownloadOptions, client: HttpClient, source: Source): Promise<void> {
  const { destination, context, label, integrity, backoff = 500 } = options;
  const part = `${destination}.part`;
  const meter = new ProgressMeter({ label, unit: 'bytes', onProgress: context.onProgress });
  let failed = 0;
  let restarted = false;
  let best = await sizeOf(part);
  for (;;) {
    if (context.signal.aborted) throw cancelled(label, 'What was loaded is kept; the same command goes on from there.');
    try {
      const { resumed, digest } = await receive({
        part,
        source,
        client,
        meter,
        signal: context.signal,
        hash: createHash(integrity?.algorithm ?? 'sha256'),
        resumable: integrity !== undefined,
        free: options.free ?? freeBytes,
        open: options.open ?? openForWriting,
        ...pick(options, 'size'),
      });
      if (integrity === undefined || digest === integrity.hex.toLowerCase()) break;
      await discard(part);
      // The old part may have been the broken one; a file loaded in one go has no such excuse.
      if (resumed && !restarted) {
        restarted = true;
        context.onNotice(`what an earlier attempt left was damaged; ${label} from the beginning`);
        continue;
      }
      throw mismatch(source.url, integrity, digest);
    } catch (error) {
      if (context.signal.aborted) continue;
      const network = networkError(error, source.url);
      const { error: told, passing } = network ?? { error, passing: error instanceof HttpStatusError && error.passing };
      const size = await sizeOf(part);
      if (size > best) failed = 0;
      best = size;
      if (!passing || ++failed >= attempts) throw network ? told : ifFileError(error, 'write', part);
      await pause(backoff * 2 ** (failed - 1), context.signal);
    }
  }
  await rename(part, destination).catch((error: unknown) => {
    throw fileError(error, 'write', destination);
  });
  await rm(`${part}.json`, { force: true });
  meter.finish();
}

function mismatch(url: string, { algorithm, hex }: Integrity, found: string): DeepviewError {
  return new DeepviewError(
    'checksum',
    `What ${printable(new URL(url).host)} sent is not the expected file: its ${algorithm} is ${found.slice(0, 16)}…, not ${hex.slice(0, 16)}…`,
    { hint: 'The damaged file was deleted. Try again, or from another network or mirror.' },
  );
}

async function isComplete({ destination, integrity, context, label }: DownloadOptions): Promise<boolean> {
  if (integrity === undefined) return false;
  try {
    const hash = createHash(integrity.algorithm);
    for await (const chunk of createReadStream(destination, { signal: context.signal })) hash.update(chunk as Buffer);
    return hash.digest('hex') === integrity.hex.toLowerCase();
  } catch (error) {
    if (context.signal.aborted) throw cancelled(label);
    if (systemCode(error) === 'ENOENT') return false;
    throw fileError(error, 'read', destination);
  }
}

async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

/** The named option if it is set: an absent option must stay absent. */
function pick<Key extends keyof DownloadOptions>(
  options: DownloadOptions,
  key: Key,
): Partial<Pick<DownloadOptions, Key>> {
  return options[key] === undefined ? {} : ({ [key]: options[key] } as Pick<DownloadOptions, Key>);
}
