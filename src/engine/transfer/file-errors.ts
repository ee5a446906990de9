import { statfs } from 'node:fs/promises';
import { DeepviewError, systemCode } from '../errors.ts';
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

/** What a file operation's failure means for a person: a full disk, no rights, or the system's own words. */
export function fileError(error: unknown, path: string, what: string): unknown {
  const code = systemCode(error);
  const shown = printable(path, 1000);
  if (code === 'ENOSPC' || code === 'EDQUOT') return noSpace(path, undefined, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DeepviewError('no-rights', `${shown} ${what}: permission denied`, {
      hint: 'Give this user the right to write there, or set XDG_DATA_HOME and XDG_CACHE_HOME to directories that it owns.',
      cause: error,
    });
  }
  if (code !== undefined && error instanceof Error && 'syscall' in error) {
    return new DeepviewError('file-system', `${shown} ${what}: ${printable(error.message)}`, { cause: error });
  }
  return error;
}

function noSpace(path: string, needed: { bytes: number; free: number } | undefined, cause?: unknown): DeepviewError {
  const detail = needed === undefined ? '' : `: ${sizeText(needed.bytes)} needed, ${sizeText(needed.free)} free`;
  return new DeepviewError('no-space', `The disk that holds ${printable(path, 1000)} is full${detail}`, {
    hint: 'Free some space, or set XDG_DATA_HOME and XDG_CACHE_HOME to directories on another disk; what was loaded is kept.',
    ...(cause !== undefined && { cause }),
  });
}

/** Bytes that an ordinary user may still write where `directory` is. */
export type FreeBytes = (directory: string) => Promise<number>;

export const freeBytes: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/**
 * @param directory an existing directory
 * @throws DeepviewError `no-space` when `bytes` do not fit there
 */
export async function ensureSpace(directory: string, bytes: number, free: FreeBytes = freeBytes): Promise<void> {
  const available = await free(directory);
  if (available < bytes) throw noSpace(directory, { bytes, free: available });
}
