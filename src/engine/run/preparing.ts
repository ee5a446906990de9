import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAbsence } from '../base/errors.ts';
import { fileError, namesIn, readBounded, sizeOf } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { holderOf, releaseOurs } from '../base/lock.ts';
import { writeFileAtomically } from '../base/write-files.ts';
import { runFiles, runFolders } from './layout.ts';

const isOfPreparing = (name: string): boolean =>
  ['lock.json', 'status.json', 'epochs.jsonl', runFolders.epochs, runFolders.requests].includes(name) ||
  /^\.[\w.-]+\.tmp$|^lock\.json\.[0-9a-f-]{36}$/.test(name);

/**
 * Something in a directory without a run.json that is not of a run that is being prepared there, or was; by its path in it.
 * Records are of a run that lost its run.json.
 */
export async function foreignIn(directory: string, names: readonly string[]): Promise<string | undefined> {
  const foreign = names.find((name) => !isOfPreparing(name));
  if (foreign !== undefined) return foreign;
  if ((await sizeOf(runFiles.epochs(directory))) > 0) return 'epochs.jsonl';
  const [recorded] = await namesIn(join(directory, runFolders.epochs));
  if (recorded !== undefined) return join(runFolders.epochs, recorded);
  const asked = await namesIn(join(directory, runFolders.requests));
  const other = asked.find((name) => !/\.(json|tmp)$/.test(name));
  return other && join(runFolders.requests, other);
}

/**
 * Whether a directory is a run that has no run.json yet: one that is being prepared, or ended before it was. Such a one
 * holds nothing else; in a moment at its beginning nothing at all, and is told by its name.
 */
export async function isUnprepared(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((thrown: unknown) => {
    if (isAbsence(thrown)) return undefined;
    throw fileError(thrown, 'read', directory);
  });
  if (!names || (await foreignIn(directory, names)) !== undefined) return false;
  if (names.includes('lock.json') || names.includes('status.json')) return true;
  return /^\d{8}-\d{4}-[a-z0-9-]+-[a-z0-9]{4}$/.test(basename(directory));
}

/** A run's directory while it is written: what it was before, and what ends the writing. */
export interface FormerDirectory {
  /** Whether there was no run. */
  isNew: boolean;
  /** Leaves it as it was: without a new run, and a run that was to go on with its former status. */
  restore: () => Promise<void>;
  /** Gives its lock back; the last status is written by then. */
  release: () => Promise<void>;
}

/**
 * Notes what a directory is before a run is prepared in it, under a lock that another thread took.
 * @param isMade whether the directory itself was made for the run
 */
export async function beforePreparing(directory: string, isMade: boolean): Promise<FormerDirectory> {
  const path = runFiles.status(directory);
  const isNew = await isUnprepared(directory);
  const former = isNew ? undefined : await readBounded(path, limits.textBytes);
  const release = async (): Promise<void> => {
    // It was made for the first request, and is not of the run.
    await rmdir(join(directory, runFolders.requests)).catch(() => undefined);
    await releaseOurs(runFiles.lock(directory));
  };
  return {
    isNew,
    release,
    async restore() {
      const holder = await holderOf(runFiles.lock(directory));
      // Another process has the directory by now.
      if (holder && holder.pid !== process.pid) return;
      if (former) await writeFileAtomically(path, [former], { durable: false });
      else if (!(await isUnprepared(directory))) await rm(path, { force: true });
      else {
        const names = (await readdir(directory)).filter((name) => name !== 'lock.json');
        for (const name of names) await rm(join(directory, name), { recursive: true, force: true });
        await release();
        if (isMade) await rmdir(directory);
      }
    },
  };
}
