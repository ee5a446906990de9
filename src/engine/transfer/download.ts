import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { fileError, hashInto, ifFileError, sizeOf } from '../base/files.ts';
import { flush, freeBytes, makeDirectory, type FreeBytes } from '../base/write-files.ts';
import { withLock } from '../base/lock.ts';
import { printable } from '../base/printable.ts';
import { cancelled, pause, ProgressMeter, type StepContext } from '../base/progress.ts';
import { openClient, type HttpClient, type Source } from './http-client.ts';
import { HttpStatusError, networkError } from './network-errors.ts';
import { openForWriting, receive, type OpenForWriting } from './partial-file.ts';

/** What a file's bytes must hash to, as lower-case hexadecimal digits. */
export interface Checksum {
  algorithm: 'sha256' | 'sha512' | 'sha1';
  hex: string;
}

/** A checksum in npm's form (subresource integrity): `sha512-<base64>`. */
export function npmChecksum(text: string): Checksum {
  const [, algorithm, base64] = /^(sha256|sha512|sha1)-([A-Za-z0-9+/=]+)/.exec(text) ?? [];
  if (algorithm === undefined || base64 === undefined) {
    throw new DeepviewError('checksum-form', `Not a checksum: ${printable(text)}`);
  }
  return { algorithm: algorithm as Checksum['algorithm'], hex: Buffer.from(base64, 'base64').toString('hex') };
}

export interface DownloadOptions {
  source: Source;
  /** The finished file. Until it is complete and verified it is called `<destination>.part`. */
  destination: string;
  checksum: Checksum;
  /** Its bytes. */
  size: number;
  /** What progress calls the step, such as `downloading CIFAR-10`. */
  label: string;
  context: StepContext;
  env: NodeJS.ProcessEnv;
  /** Milliseconds before the first retry; each further one waits twice as long. */
  backoff?: number;
  /** Milliseconds without a byte after which the connection counts as lost. */
  stall?: number;
  free?: FreeBytes | undefined;
  open?: OpenForWriting;
}

/** Bytes of a file that are on this machine: loaded, or a part of it that is gone on with. */
export const bytesLoaded = async (destination: string): Promise<number> =>
  (await sizeOf(destination)) || sizeOf(`${destination}.part`);

/** Retries without a single new byte before it is given up. */
const attempts = 5;

/**
 * Loads a file: resumes what an earlier attempt left, verifies it, and only then gives it its name.
 * A finished file that is already there and has the checksum is not loaded again.
 * Safe against other processes loading the same file: one loads, the others wait for it.
 * @throws DeepviewError `unreachable`, `connection-lost`, `certificate`, `http-status`, `size`, `checksum` (what was
 *   loaded is deleted), `disk-full`, `no-permission`, `cancelled` (what was loaded is kept for the next attempt)
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { destination, context, label, env, stall } = options;
  await makeDirectory(dirname(destination));
  await withLock(`${destination}.lock`, { label, context }, async () => {
    if (await isComplete(options)) return;
    const client = openClient({ env, onNotice: context.onNotice, ...(stall !== undefined && { stall }) });
    try {
      await load(options, client);
    } finally {
      await client.close();
    }
  });
}

/** With retries: a lost connection goes on where it broke off. */
async function load(options: DownloadOptions, client: HttpClient): Promise<void> {
  const { source, size, destination, context, label, checksum, backoff = 500 } = options;
  const part = `${destination}.part`;
  const meter = new ProgressMeter({ label, unit: 'bytes', onProgress: context.onProgress });
  let failed = 0;
  let isRestarted = false;
  let best = await sizeOf(part);
  for (;;) {
    if (context.signal.aborted) throw cancelled(label, 'What was loaded is kept; the same command goes on from there.');
    try {
      const { isResumed, digest } = await receive({
        part,
        source,
        size,
        client,
        meter,
        signal: context.signal,
        hash: createHash(checksum.algorithm),
        free: options.free ?? freeBytes,
        open: options.open ?? openForWriting,
      });
      if (digest === checksum.hex.toLowerCase()) break;
      await rm(part, { force: true });
      // The old part may have been the broken one; a file loaded in one go has no such excuse.
      if (isResumed && !isRestarted) {
        isRestarted = true;
        context.onNotice(`what an earlier attempt left was damaged; ${label} from the beginning`);
        continue;
      }
      throw mismatch(source.url, checksum, digest);
    } catch (error) {
      if (context.signal.aborted) continue;
      const network = networkError(error, source.url);
      const isPassing = network?.passing ?? (error instanceof HttpStatusError && error.passing);
      const loaded = await sizeOf(part);
      if (loaded > best) failed = 0;
      best = loaded;
      if (!isPassing || ++failed >= attempts) throw network?.error ?? ifFileError(error, 'write', part);
      await pause(backoff * 2 ** (failed - 1), context.signal);
    }
  }
  try {
    // The name stands for the whole file, after a power cut too.
    await flush(part);
    await rename(part, destination);
    await flush(dirname(destination));
  } catch (thrown) {
    throw fileError(thrown, 'write', destination);
  }
  meter.finish();
}

function mismatch(url: string, { algorithm, hex }: Checksum, found: string): DeepviewError {
  return new DeepviewError(
    'checksum',
    `What ${printable(new URL(url).host)} sent is not the expected file: its ${algorithm} is ${found.slice(0, 16)}…, not ${hex.slice(0, 16)}…`,
    { hint: 'The damaged file was deleted. Try again, or from another network or mirror.' },
  );
}

async function isComplete({ destination, checksum, context, label }: DownloadOptions): Promise<boolean> {
  try {
    const hash = createHash(checksum.algorithm);
    await hashInto(hash, destination, { signal: context.signal });
    return hash.digest('hex') === checksum.hex.toLowerCase();
  } catch (error) {
    if (context.signal.aborted) throw cancelled(label);
    if (systemCode(error) === 'ENOENT') return false;
    throw fileError(error, 'read', destination);
  }
}
