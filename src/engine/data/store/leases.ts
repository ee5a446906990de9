import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { claimUntilExit, holderIn, holderText, isGone } from '../../base/lock.ts';
import { readText } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';

/** Leases lie beside what they are of, a file for each process that uses it. */
const leasesFolder = (directory: string): string => join(dirname(directory), '.uses');

/** Nothing renews a lease, so that one of another machine counts for as long as the longest training takes. */
const patience = 30 * 86_400_000;

/** What this thread uses. */
const held = new Map<string, Promise<void>>();

/**
 * Marks a directory of kept images as used until this process (or thread) ends, and as used just now. What is used is
 * not pruned. To be called before its files are opened; where nothing can be written, nothing can be deleted either, so
 * that failures do not matter.
 */
export function holdInUse(directory: string): Promise<void> {
  const before = held.get(directory);
  if (before) return before;
  const taking = take(directory).catch(() => {
    // It is not there yet, perhaps: opening it again tries again.
    held.delete(directory);
  });
  held.set(directory, taking);
  return taking;
}

async function take(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now);
  const folder = leasesFolder(directory);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${basename(directory)}.${randomUUID()}`);
  const text = holderText();
  claimUntilExit(path, text);
  await writeFile(path, text);
}

/** Whether any process uses a directory; leases of those that are gone are swept. */
export async function isInUse(directory: string, now: () => number = Date.now): Promise<boolean> {
  const folder = leasesFolder(directory);
  const names = await readdir(folder).catch((): string[] => []);
  let isUsed = false;
  for (const name of names) {
    if (!name.startsWith(`${basename(directory)}.`)) continue;
    const path = join(folder, name);
    const holder = holderIn(await readText(path, limits.textBytes).catch(() => ''));
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    if (isGone(holder, now() - mtimeMs, patience)) await rm(path, { force: true });
    else isUsed = true;
  }
  return isUsed;
}
