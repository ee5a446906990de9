import { statfs } from 'node:fs/promises';
import { DeepviewError, systemCode } from '../errors.ts';
import { fileError } from '../files.ts';
import { printable } from '../printable.ts';

/** A size as people write it: `274 MB`. Decimal units, as disks and downloads are sold. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

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
    `the disk that holds ${printable(directory, 1000)} is too full: ${sizeText(bytes)} needed, ${sizeText(available)} free`,
    { hint: 'Free some space, or set XDG_DATA_HOME and XDG_CACHE_HOME to directories on another disk.' },
  );
}
