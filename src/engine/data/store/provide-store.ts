import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DeepviewError } from '../../base/errors.ts';
import { withLock } from '../../base/lock.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { openStore, type ImageStore, type KeptState } from './open-store.ts';

/** The folder of all stores. */
export const storesFolder = (paths: Paths): string => join(paths.cache, 'images');

/** Where a store lies: whatever would make other images makes another place. */
export function storeDirectory(paths: Paths, ...facts: readonly unknown[]): string {
  return join(storesFolder(paths), createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32));
}

/**
 * What is kept in a directory: as it lies there, else made, under a lock. What is damaged is made again, with a notice.
 * @param label what making it is called, for those who wait: `reading pets`
 * @param what what is kept, in the plural, for notices: `the images kept of pets`
 * @throws DeepviewError what `make` throws, `disk-error`, `cancelled`, ...
 */
export async function provideKept<Kept>(
  directory: string,
  { label, what, context }: { label: string; what: string; context: StepContext },
  open: () => Promise<KeptState<Kept>>,
  make: () => Promise<void>,
): Promise<Kept> {
  const before = await open();
  if (before.state === 'ready') return before.store;
  return withLock(`${directory}.lock`, { label, context }, async () => {
    const now = await open();
    if (now.state === 'ready') return now.store;
    if (now.state === 'damaged') context.onNotice(`${what} are damaged (${now.why}); making them again`);
    await make();
    const made = await open();
    if (made.state === 'ready') return made.store;
    const why = made.state === 'damaged' ? made.why : 'nothing is there';
    throw new DeepviewError(
      'disk-error',
      `What was written to ${printable(directory, 1000)} does not read back: ${why}`,
      { hint: 'Check the disk, or set XDG_CACHE_HOME to a directory on another one.' },
    );
  });
}

/**
 * The store in a directory, made if need be.
 * @param directory from `storeDirectory`
 * @param what as in `reading WHAT`, for notices
 * @throws as `provideKept`
 */
export const provideStore = (
  directory: string,
  what: string,
  context: StepContext,
  write: (directory: string) => Promise<void>,
): Promise<ImageStore> =>
  provideKept(
    directory,
    { label: `reading ${what}`, what: `the images kept of ${what}`, context },
    () => openStore(directory),
    () => write(directory),
  );
