import { stat } from 'node:fs/promises';
import { exitCodes } from '../base/errors.ts';
import { fileError } from '../base/files.ts';

/**
 * A source that was given must be there, also where it is not needed: a name written wrong is worth knowing.
 * @throws DeepviewError exit code 4
 */
export async function requireSource(path: string): Promise<void> {
  await stat(path).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  });
}

/** What a person is told of a source whose images are in the cache. */
export const unneeded = (title: string, isChecked = false): string =>
  `${title} is in the cache already; the given source ${isChecked ? 'holds the same and is not needed' : 'is not read'}`;
