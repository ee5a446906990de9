import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasDied, holderIn, thisHolder } from '../../transfer/lock.ts';

/** Marks of who uses what lies beside this folder. */
const usesFolder = (directory: string): string => join(dirname(directory), '.uses');

/** A mark of another machine, which cannot be asked, counts for so long: no training takes longer. */
const foreignMarkMs = 30 * 86_400_000;

/** What this thread uses, and the marks that it takes away when it ends. */
const held = new Map<string, Promise<void>>();
const marks = new Set<string>();

/**
 * Marks a directory of kept images as used until this process (or thread) ends, and as used just now. What is marked
 * is not pruned. To be called before its files are opened; where nothing can be written, nothing can be deleted either,
 * so that failures do not matter.
 */
export function holdInUse(directory: string): Promise<void> {
  const before = held.get(directory);
  if (before) return before;
  const marking = mark(directory).catch(() => {
    // It is not there yet, perhaps: the next who opens it tries again.
    held.delete(directory);
  });
  held.set(directory, marking);
  return marking;
}

async function mark(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now);
  const folder = usesFolder(directory);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${basename(directory)}.${randomUUID()}`);
  if (marks.size === 0) {
    process.once('exit', () => {
      for (const each of marks) rmSync(each, { force: true });
    });
  }
  marks.add(path);
  await writeFile(path, JSON.stringify({ ...thisHolder(), token: randomUUID() }));
}

/** Whether anybody alive uses a directory; marks of the dead are swept. */
export async function isInUse(directory: string, now: () => number = Date.now): Promise<boolean> {
  const folder = usesFolder(directory);
  const names = await readdir(folder).catch((): string[] => []);
  let isUsed = false;
  for (const name of names) {
    if (!name.startsWith(`${basename(directory)}.`)) continue;
    const path = join(folder, name);
    const holder = holderIn(await readFile(path, 'utf8').catch(() => ''));
    // Without content it is being written just now.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    if ((holder && hasDied(holder)) || now() - mtimeMs > foreignMarkMs) await rm(path, { force: true });
    else isUsed = true;
  }
  return isUsed;
}
