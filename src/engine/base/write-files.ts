import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatBytes } from './byte-size.ts';
import { DeepviewError, systemCode } from './errors.ts';
import { fileError, ifFileError } from './files.ts';
import { requireSomewhere } from './paths.ts';
import { printable } from './printable.ts';

/**
 * Replaces a file as a whole: a reader sees the old content or the new one, and after a power cut too.
 * On failure the old file stays and the temporary one is removed.
 * @param durable false leaves out flushing, for files that only matter while the machine runs
 */
export async function writeFileAtomically(
  path: string,
  content: string | readonly Uint8Array[],
  { durable = true } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    // What lies there is a leftover, or a link from elsewhere.
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx');
    try {
      if (typeof content === 'string') await file.writeFile(content);
      else for (const part of content) await file.writeFile(part);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (durable) await flush(dirname(path));
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(thrown, 'write', path);
  }
}

/**
 * Writes what a person named: a file as a whole, where a link leads if it is one. Pipes and devices (`/dev/stdout`,
 * `/dev/null`) are written into; replacing them by a file, which root may, would take them from everyone.
 */
export async function writeNamedFile(path: string, content: string | readonly Uint8Array[]): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (!there || there.isFile() || there.isDirectory()) {
    return writeFileAtomically(await realpath(path).catch(() => path), content);
  }
  try {
    // A pipe without a reader is refused here; opened the usual way it would be waited for.
    const held = await open(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
    try {
      await writeFile(path, content);
    } finally {
      await held.close();
    }
  } catch (thrown) {
    throw fileError(thrown, 'write', path);
  }
}

/**
 * Makes a directory as a whole: it is filled under another name and renamed when it is complete, in place of whatever had
 * the name, so that it survives a power cut. To be called under a lock of that name.
 * @throws DeepviewError `disk-full`, `no-permission`, ..., and what `fill` throws; nothing is left behind then
 */
export async function writeDirectory(directory: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const parent = dirname(directory);
  const prefix = `.${basename(directory)}.`;
  const draft = join(parent, `${prefix}${randomUUID()}.tmp`);
  try {
    await makeDirectory(parent);
    // Drafts of it that a killed process left.
    for (const name of await readdir(parent)) {
      if (name.startsWith(prefix) && name.endsWith('.tmp'))
        await rm(join(parent, name), { recursive: true, force: true });
    }
    await mkdir(draft);
    await fill(draft);
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory);
    await flush(parent);
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true });
    throw ifFileError(thrown, 'write', directory);
  }
}

/** Makes what a file holds, or the names in a directory (a rename, a new file), survive a power cut. */
export async function flush(path: string): Promise<void> {
  const opened = await open(path, 'r');
  try {
    await opened.sync();
  } catch (thrown) {
    // Some file systems cannot flush a directory; the content itself is flushed already.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(systemCode(thrown) ?? '')) throw thrown;
  } finally {
    await opened.close();
  }
}

/**
 * Creates a directory and those above it; one that is there already is well.
 * @returns whether it was not there
 * (Node's own recursive mkdir never returns under /proc and its like, where creating fails with ENOENT.)
 */
export async function makeDirectory(path: string): Promise<boolean> {
  requireSomewhere(path);
  const parent = dirname(path);
  try {
    try {
      await mkdir(path);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT' || parent === path) throw thrown;
      await makeDirectory(parent);
      await mkdir(path);
    }
    return true;
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw ifFileError(thrown, 'create', path);
    if (await isDirectory(path)) return false;
    throw new DeepviewError('not-a-directory', `cannot create ${printable(path, 1000)}: a file of that name is there`, {
      hint: 'Choose another place.',
    });
  }
}

/**
 * Creates a folder inside of a root, and those between. Nothing is written through a link out of the root: it may lead to
 * what is not its own.
 * @throws DeepviewError `is-a-link`
 */
export async function makeDirectoryInside(root: string, ...names: readonly string[]): Promise<void> {
  let path = root;
  for (const name of names) {
    path = join(path, name);
    await requireNoLink(path);
    await makeDirectory(path);
  }
}

/** @throws DeepviewError `is-a-link` */
export async function requireNoLink(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => undefined))?.isSymbolicLink()) return;
  throw new DeepviewError('is-a-link', `${printable(path, 1000)} is a link; nothing is written through it`, {
    hint: 'Put what it leads to in its place, or delete it.',
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Bytes that an ordinary user may still write where `directory` is. */
export type FreeBytes = (directory: string) => Promise<number>;

export const freeBytes: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/**
 * @param directory an existing directory
 * @throws DeepviewError `disk-full` when `bytes` do not fit there
 */
export async function ensureSpace(directory: string, bytes: number, free: FreeBytes = freeBytes): Promise<void> {
  const available = await free(directory);
  if (available >= bytes) return;
  throw new DeepviewError(
    'disk-full',
    `the disk that holds ${printable(directory, 1000)} is too full: ${formatBytes(bytes)} needed, ${formatBytes(available)} free`,
    { hint: 'Free some space, or set XDG_DATA_HOME and XDG_CACHE_HOME to directories on another disk.' },
  );
}
