import type { Dirent } from 'node:fs';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, dirname } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import type { Paths } from '../../base/paths.ts';
import { isLocked, tryLock, withLock } from '../../base/lock.ts';
import { whitenedFolder, whitenedName } from '../preparation/whitened-cache.ts';
import { readStoreHeader } from './open-store.ts';
import { storesFolder } from './provide-store.ts';
import { isInUse } from './leases.ts';
import { randomUUID } from 'node:crypto';

/** Something derived or unfinished in the cache, which can be made again. */
export interface Kept {
  /** Its directory's or file's own name. */
  id: string;
  /** Images brought to one size; whitened ones; drafts and downloads that were not finished. */
  kind: 'images' | 'whitened' | 'leftover';
  path: string;
  bytes: number;
  /** When it was used last, in milliseconds. */
  usedAt: number;
  inUse: boolean;
  /** Of which data set, where that is known. */
  name?: string;
  /** The file or folder that images were read from. */
  source?: string;
  imageShape?: readonly [number, number, number];
  images?: number;
}

/** Younger drafts may belong to a process at work. */
const draftMs = 86_400_000;

/** What is known of a kind of kept images besides its files. */
type Facts = Pick<Kept, 'name' | 'source' | 'imageShape' | 'images'>;

/**
 * Prepared images in the cache and what was left there half done, the last used first. Names that are not the
 * program's own are passed over, and links too.
 */
export async function listKept(paths: Paths, now: () => number = Date.now): Promise<Kept[]> {
  const kept: Kept[] = [];
  const kinds = [
    { kind: 'images', folder: storesFolder(paths), own: /^[0-9a-f]{32}$/, factsOf: storeFacts },
    { kind: 'whitened', folder: whitenedFolder(paths), own: /^[0-9a-f]{24}$/, factsOf: whitenedFacts },
  ] as const;
  for (const { kind, folder, own, factsOf } of kinds) {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (isLock(entry)) kept.push(...(await staleLock(path)));
      if (!entry.isDirectory()) continue;
      if (draftName.test(entry.name)) kept.push(...(await leftover(path, now)));
      else if (own.test(entry.name)) {
        const facts = await factsOf(path);
        kept.push({ kind, ...(await measured(path, entry.name)), ...facts });
      }
    }
  }
  for (const entry of await entriesOf(paths.cache)) {
    if (isLock(entry)) kept.push(...(await staleLock(join(paths.cache, entry.name))));
  }
  const downloads = join(paths.cache, 'downloads');
  for (const entry of await entriesOf(downloads)) {
    const path = join(downloads, entry.name);
    if (isLock(entry)) kept.push(...(await staleLock(path)));
    else if (entry.isFile()) kept.push(...(await leftover(path, now)));
  }
  return kept.sort((a, b) => b.usedAt - a.usedAt || (a.id < b.id ? -1 : 1));
}

/** Of directories that are being made, and as earlier versions called those of whitened images. */
const draftName = /^\.(new-.+|[0-9a-f]{24,32}\..+\.tmp)$/;

/** Of a lock; the longer ones are of a process that was killed while it took one over. */
const lockName = /\.lock(\.[0-9a-f-]{36})?$/;
const isLock = (entry: Dirent): boolean => entry.isFile() && lockName.test(entry.name);

/** A lock that a killed process left: it blocks nothing, and only clutters the list. */
async function staleLock(path: string): Promise<Kept[]> {
  if (await isLocked(path)) return [];
  const { bytes, at } = await sizeOfAll(path);
  return [{ kind: 'leftover', id: basename(path), path, bytes, usedAt: at, inUse: false }];
}

async function storeFacts(path: string): Promise<Facts> {
  const header = await readStoreHeader(path);
  if (typeof header !== 'object') return {};
  const { name, source, imageShape, parts } = header;
  const images = parts.reduce((sum, { count }) => sum + count, 0);
  return { name, imageShape, images, ...(source !== undefined && { source }) };
}

async function whitenedFacts(path: string): Promise<Facts> {
  const name = await whitenedName(path);
  return name === undefined ? {} : { name };
}

async function measured(path: string, id: string): Promise<Omit<Kept, 'kind'>> {
  const { bytes, at } = await sizeOfAll(path);
  const inUse = (await isInUse(path)) || (await isLocked(`${path}.lock`));
  return { id, path, bytes, usedAt: at, inUse };
}

async function leftover(path: string, now: () => number): Promise<Kept[]> {
  const { bytes, youngest } = await sizeOfAll(path);
  if (now() - youngest < draftMs) return [];
  return [{ kind: 'leftover', id: basename(path), path, bytes, usedAt: youngest, inUse: false }];
}

/**
 * The bytes of a file or of a directory's files; its time, which is when it was used last; and that of its youngest
 * file, for a draft's directory keeps its time while its files grow.
 */
export async function sizeOfAll(path: string): Promise<{ bytes: number; at: number; youngest: number }> {
  try {
    const info = await lstat(path);
    if (!info.isDirectory()) return { bytes: info.size, at: info.mtimeMs, youngest: info.mtimeMs };
    let bytes = 0;
    let youngest = info.mtimeMs;
    for (const name of await readdir(path)) {
      const file = await lstat(join(path, name));
      if (!file.isFile()) continue;
      bytes += file.size;
      youngest = Math.max(youngest, file.mtimeMs);
    }
    return { bytes, at: info.mtimeMs, youngest };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return { bytes: 0, at: 0, youngest: 0 };
    throw fileError(thrown, 'read', path);
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw fileError(thrown, 'read', folder);
  }
}

/**
 * Deletes a directory of images from the cache, unless a process uses or writes it. It loses its name first, in one
 * step, under the lock that writers take: a process that looks for it afterwards finds nothing and makes it again, one
 * that opened its files before reads on.
 * @returns whether it was deleted
 * @throws DeepviewError `cancelled`, or a file error
 */
export async function removeKept(directory: string, signal: AbortSignal): Promise<boolean> {
  const lock = `${directory}.lock`;
  if ((await isInUse(directory)) || (await isLocked(lock))) return false;
  const context = { onNotice: () => undefined, signal };
  return withLock(lock, { label: 'deleting images', context }, async () => {
    // Another process may have opened it since.
    if (await isInUse(directory)) return false;
    const aside = join(dirname(directory), `.${basename(directory)}.${randomUUID()}.tmp`);
    try {
      if (!(await lstat(directory)).isDirectory()) return false;
      await rename(directory, aside);
      await rm(aside, { recursive: true });
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return false;
      throw fileError(thrown, 'delete', directory);
    }
    return true;
  });
}

/** Deletes a draft, a download that was not finished, or a lock, which another process may have taken meanwhile. */
export async function removeLeftover(path: string): Promise<boolean> {
  if (lockName.test(path)) {
    const taken = await tryLock(path, path);
    if ('release' in taken) await taken.release();
    return 'release' in taken;
  }
  try {
    await rm(path, { recursive: true, force: true });
    return true;
  } catch (thrown) {
    throw fileError(thrown, 'delete', path);
  }
}
