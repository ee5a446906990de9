import { randomUUID } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import { fileError } from '../../base/files.ts';
import { isLocked, withLock } from '../../base/lock.ts';
import { isInUse } from '../store/leases.ts';

/**
 * Deletes a directory of images from the cache, unless somebody uses or writes it. It loses its name first, in one
 * step, under the lock that whoever writes it takes: who looks for it afterwards finds nothing and makes it again, who
 * opened its files before reads on.
 * @returns whether it was deleted
 * @throws DeepviewError `cancelled`, or a file error
 */
export async function removeKept(directory: string, signal: AbortSignal): Promise<boolean> {
  const lock = `${directory}.lock`;
  if ((await isInUse(directory)) || (await isLocked(lock))) return false;
  const context = { onNotice: () => undefined, signal };
  return withLock(lock, { label: 'deleting images', context }, async () => {
    // Somebody may have opened it since.
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

/** Deletes a draft or a download that nobody finished. */
export async function removeLeftover(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true });
    return true;
  } catch (thrown) {
    throw fileError(thrown, 'delete', path);
  }
}
