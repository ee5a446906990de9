import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { DeepviewError, type ExitCode, exitCodes, isAbsence, systemCode, unreadable } from './errors.ts';
import { printable } from './printable.ts';

/**
 * A file-system error as one that the user can act on.
 * @param action what was being done, as in `cannot ACTION PATH`: `write`, `read`, `create`
 */
export function fileError(
  thrown: unknown,
  action: string,
  path: string,
  exitCode: ExitCode = exitCodes.failed,
): DeepviewError {
  if (thrown instanceof DeepviewError) return thrown;
  const system = systemCode(thrown);
  const [code, why, hint] = explain(system, thrown, action);
  return new DeepviewError(code, `cannot ${action} ${printable(path, 1000)}: ${why}`, {
    hint,
    exitCode,
    cause: thrown,
  });
}

/** Why something could not be read, without its name: `permission denied`. */
export const reasonOf = (thrown: unknown): string => explain(systemCode(thrown), thrown, 'read')[1];

type Explanation = [code: string, why: string, hint: string | undefined];

function explain(system: string | undefined, thrown: unknown, action: string): Explanation {
  // What is written need not be there, but its folder.
  if (system === 'ENOENT' && action === 'write') {
    return ['not-found', 'its folder is not there', 'Make the folder, or check the path.'];
  }
  const known = system === undefined ? undefined : explanations[system];
  return known ?? ['file-error', system ?? (thrown instanceof Error ? thrown.message : String(thrown)), undefined];
}

const full: Explanation = ['disk-full', 'the disk is full', 'Free some space; what was written before is intact.'];
const denied: Explanation = ['no-permission', 'permission denied', 'Choose another place or change its permissions.'];
const tooMany: Explanation = [
  'too-many-files',
  'too many files are open',
  'Close other programs or raise the limit (ulimit -n).',
];
/** Of what is opened and is neither a file nor a directory; the system has no such code. */
const notRegular = 'ENOTREG';
const noFile: Explanation = ['not-a-file', 'it is a pipe, a device or a socket', 'Put a file in its place.'];
const explanations: Readonly<Record<string, Explanation | undefined>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: denied,
  EPERM: denied,
  EROFS: ['no-permission', 'the file system is read-only', 'Choose another place.'],
  ENOENT: ['not-found', 'there is no such file', 'Check the path.'],
  ENOTDIR: ['not-a-directory', 'a part of the path is not a directory', 'Check the path.'],
  EISDIR: ['is-a-directory', 'it is a directory', 'Name a file.'],
  // A pipe without a writer, a socket.
  ENXIO: noFile,
  [notRegular]: noFile,
  EMFILE: tooMany,
  ENFILE: tooMany,
  EFBIG: [
    'file-too-large',
    'the file would be larger than is allowed',
    'Raise the limit (ulimit -f), or choose another place.',
  ],
  EIO: ['disk-error', 'the disk reports an error', 'Check the disk, or copy the file elsewhere.'],
};

/**
 * The SHA-256 of a file's content, or of several files' one after the other, in hexadecimal digits.
 * @throws DeepviewError exit code 4 if it cannot be read, or when `signal` is aborted
 */
export async function sha256Of(paths: string | readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    try {
      await hashInto(hash, path, { signal });
    } catch (thrown) {
      throw fileError(thrown, 'read', path, exitCodes.unreadable);
    }
  }
  return hash.digest('hex');
}

/**
 * Adds a file's content to a hash.
 * @param part ends with the byte at `end`, by default with the file
 * @throws what the system says, for `fileError`, or that `signal` is aborted
 */
export async function hashInto(
  hash: Hash,
  path: string,
  part: { signal?: AbortSignal | undefined; end?: number },
): Promise<void> {
  const file = await openToRead(path);
  for await (const chunk of file.createReadStream(part)) hash.update(chunk as Buffer);
}

/** Bytes of a file; none where there is no such file. @throws DeepviewError if that cannot be told */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (isAbsence(thrown)) return 0;
    throw fileError(thrown, 'read', path);
  }
}

/** What is in a directory; nothing where there is no such directory. @throws DeepviewError if that cannot be told */
export const namesIn = (directory: string, exitCode?: ExitCode): Promise<string[]> =>
  readdir(directory).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw fileError(thrown, 'read', directory, exitCode);
  });

/** What the system says of a file or folder. @throws DeepviewError exit code 4 */
export const statOf = (path: string): Promise<Stats> =>
  stat(path).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  });

// A pipe without a writer would be waited for.
const toRead = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function requireRegular(found: Stats): void {
  if (found.isFile()) return;
  throw Object.assign(new Error('not a regular file'), { code: found.isDirectory() ? 'EISDIR' : notRegular });
}

/**
 * Opens a file to be read: whatever the program reads goes through here, or through `openToReadSync`. Pipes and devices,
 * which may have no end or keep a reader waiting for ever, are refused; links are followed.
 * @throws what the system says, for `fileError`
 */
export async function openToRead(path: string): Promise<FileHandle> {
  const file = await open(path, toRead);
  try {
    requireRegular(await file.stat());
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** @returns the file's descriptor @throws what the system says, for `fileError` */
export function openToReadSync(path: string): number {
  const file = openSync(path, toRead);
  try {
    requireRegular(fstatSync(file));
    return file;
  } catch (thrown) {
    closeSync(file);
    throw thrown;
  }
}

/** Opens a file for as long as it is read. @throws what `use` throws, else DeepviewError exit code 4 */
export async function withFile<Result>(path: string, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
  try {
    const file = await openToRead(path);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw ifFileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

/**
 * A file's content; undefined where there is none.
 * @param most bytes that are read
 * @param refuse makes the error for a longer file
 * @throws DeepviewError exit code 4: `too-large`, or what the system says
 */
export async function readBounded(
  path: string,
  most: number,
  refuse?: (problem: string) => Error,
): Promise<Buffer | undefined> {
  try {
    return await readWhole(path, most, refuse);
  } catch (thrown) {
    if (isAbsence(thrown)) return undefined;
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

/**
 * A file's content as UTF-8.
 * @param most bytes that are read
 * @throws what the system says, for `fileError`; DeepviewError `too-large` (exit code 4)
 */
export const readText = async (path: string, most: number, refuse?: (problem: string) => Error): Promise<string> =>
  (await readWhole(path, most, refuse)).toString('utf8');

async function readWhole(path: string, most: number, refuse = tooLarge(path)): Promise<Buffer> {
  const file = await openToRead(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw refuse(`its ${size} bytes are more than the ${most} that are read`);
    const pieces: Buffer[] = [];
    let bytes = 0;
    // Files of the system have content and no size.
    for await (const piece of file.createReadStream({ end: most, autoClose: false })) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
    if (bytes > most) throw refuse(`it has more than the ${most} bytes that are read`);
    return Buffer.concat(pieces);
  } finally {
    await file.close();
  }
}

/** As `readText`, at once: for what is read before anything can wait. */
export function readTextSync(path: string, most: number): string {
  const file = openToReadSync(path);
  try {
    const { size } = fstatSync(file);
    if (size > most) throw tooLarge(path)(`its ${size} bytes are more than the ${most} that are read`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

const tooLarge =
  (path: string) =>
  (problem: string): Error =>
    unreadable('too-large', `${printable(path, 1000)}: ${problem}`);

/**
 * Fills `target` from an open file.
 * @param position of the first byte in the file
 * @returns whether there were as many bytes
 * @throws what the system says when it cannot read
 */
export function readFully(file: number, target: Uint8Array, position: number): boolean {
  for (let at = 0; at < target.length;) {
    const bytes = readSync(file, target, at, target.length - at, position + at);
    if (bytes === 0) return false;
    at += bytes;
  }
  return true;
}

/** As `fileError`, for places where what failed may have been no file at all: anything else is left as it is. */
export function ifFileError(thrown: unknown, action: string, path: string, exitCode?: ExitCode): unknown {
  return systemCode(thrown) === undefined ? thrown : fileError(thrown, action, path, exitCode);
}
