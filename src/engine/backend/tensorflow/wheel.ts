import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { DeepviewError, exitCodes } from '../../base/errors.ts';
import { fileError, openToRead } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, ProgressMeter, type StepContext } from '../../base/progress.ts';

/** Where a wheel's entry goes, relative to the target directory; `undefined` leaves it out. */
export type Placement = (entry: string) => string | undefined;

export interface UnpackOptions {
  wheel: string;
  target: string;
  place: Placement;
  label: string;
  context: StepContext;
  /** Bytes that the taken entries may have together. */
  maximumBytes: number;
}

const maximumEntries = 200_000;

/**
 * Unpacks the wanted part of a wheel (a zip). What an archive may do is bounded: no entry leaves the target directory,
 * is a link, is encrypted, or grows beyond what it announced; checksums (CRC-32) are verified.
 * @returns relative path -> bytes of what was written
 * @throws DeepviewError `wheel-damaged`, `disk-full`, `no-permission`, `cancelled`
 */
export async function unpackWheel(options: UnpackOptions): Promise<Map<string, number>> {
  const { wheel, context, label } = options;
  try {
    // yauzl checks names (no absolute paths, no `..`, no backslashes) and sizes.
    const zip = await openPromise(wheel, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
    try {
      return await unpack(zip, options);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (context.signal.aborted) throw cancelled(label);
    if (error instanceof DeepviewError) throw error;
    // A system call fails on a file; all else is what the archive says wrongly.
    if (error instanceof Error && 'syscall' in error) throw fileError(error, 'unpack into', options.target);
    throw damaged(wheel, error instanceof Error ? error.message : String(error), error);
  }
}

async function unpack(zip: ZipFile, options: UnpackOptions): Promise<Map<string, number>> {
  const { target, place, label, context, maximumBytes, wheel } = options;
  if (zip.entryCount > maximumEntries) throw damaged(wheel, `it announces ${zip.entryCount} entries`);
  const taken: { entry: Entry; path: string }[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const path = entry.fileName.endsWith('/') ? undefined : place(entry.fileName);
    if (path === undefined) continue;
    if (!join(target, path).startsWith(target + sep))
      throw damaged(wheel, `an entry is called ${printable(entry.fileName)}`);
    if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) {
      throw damaged(wheel, `${printable(entry.fileName)} is a link`);
    }
    total += entry.uncompressedSize;
    if (total > maximumBytes) throw damaged(wheel, `it would unpack to more than ${maximumBytes} bytes`);
    taken.push({ entry, path });
  }
  const meter = new ProgressMeter({ label, unit: 'bytes', total, onProgress: context.onProgress });
  const written = new Map<string, number>();
  for (const { entry, path } of taken) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    let checksum = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        checksum = crc32(chunk, checksum);
        meter.advance(chunk.length);
        done(null, chunk);
      },
    });
    const mode = path.includes(`${sep}bin${sep}`) ? 0o755 : 0o644;
    const content = await zip.openReadStreamPromise(entry);
    // Made last: what fails before the pipeline listens would end the process.
    const file = createWriteStream(join(target, path), { flags: 'wx', mode });
    await pipeline(content, counted, file, { signal: context.signal });
    if (checksum !== entry.crc32) throw damaged(wheel, `the checksum of ${printable(entry.fileName)} is wrong`);
    written.set(path, entry.uncompressedSize);
  }
  meter.finish();
  return written;
}

export function damaged(wheel: string, why: string, cause?: unknown): DeepviewError {
  return new DeepviewError('wheel-damaged', `${printable(wheel, 1000)} is not a usable wheel: ${printable(why)}`, {
    hint: 'Load the file again.',
    exitCode: exitCodes.unreadable,
    ...(cause !== undefined && { cause }),
  });
}

const elfMachines: Record<string, number> = { x64: 62, arm64: 183 };

/**
 * @throws DeepviewError `wheel-damaged` unless the file is a library for this machine's processor
 */
export async function ensureLibrary(path: string, wheel: string, arch: string): Promise<void> {
  const file = await openToRead(path);
  try {
    const head = Buffer.alloc(20);
    const { bytesRead } = await file.read(head, 0, 20, 0);
    const isElf = bytesRead === 20 && head.readUInt32BE(0) === 0x7f454c46;
    if (!isElf) throw damaged(wheel, 'its library is not a Linux library');
    if (head.readUInt16LE(18) !== elfMachines[arch])
      throw damaged(wheel, `its library is not made for ${arch} processors`);
  } finally {
    await file.close();
  }
}
