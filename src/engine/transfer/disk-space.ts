import { statfs } from 'node:fs/promises';
import { formatBytes } from '../base/byte-size.ts';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { printable } from '../base/printable.ts';

/** As `fileError`, for places where what failed may have been no file at all: anything else is left as it is. */
export function ifFileError(thrown: unknown, action: string, path: string): unknown {
  return systemCode(thrown) === undefined ? thrown : fileError(thrown, action, path);
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
