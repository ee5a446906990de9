import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import type { StepContext } from '../../base/progress.ts';
import { withLock } from '../../base/lock.ts';
import { openStore, type ImageStore } from './open-store.ts';

/** The folder of all stores. */
export const storesFolder = (paths: Paths): string => join(paths.cache, 'images');

/** Where a store lies: whatever would make other images makes another place. */
export function storeDirectory(paths: Paths, ...facts: readonly unknown[]): string {
  return join(storesFolder(paths), createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32));
}

/**
 * The store in a directory: as it lies there, else made, under a lock. A damaged one is made again, with a notice.
 * @param directory from `storeDirectory`
 * @param what as in `reading WHAT`, for notices
 * @throws DeepviewError what `write` throws, `disk-full`, `cancelled`, ...
 */
export async function provideStore(
  directory: string,
  what: string,
  context: StepContext,
  write: (directory: string) => Promise<void>,
): Promise<ImageStore> {
  const before = await openStore(directory);
  if (before.state === 'ready') return before.store;
  return withLock(`${directory}.lock`, { label: `reading ${what}`, context }, async () => {
    const now = await openStore(directory);
    if (now.state === 'ready') return now.store;
    if (now.state === 'damaged')
      context.onNotice(`the images kept of ${what} are damaged (${now.why}); making them again`);
    await write(directory);
    const made = await openStore(directory);
    if (made.state === 'ready') return made.store;
    const why = made.state === 'damaged' ? made.why : 'nothing is there';
    throw new DeepviewError('disk-error', `What was written to ${directory} does not read back: ${why}`, {
      hint: 'Check the disk, or set XDG_CACHE_HOME to a directory on another one.',
    });
  });
}
