import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DeepviewError, systemCode } from '../base/errors.ts';
import { printable } from '../base/printable.ts';

/** Bytes after which a log is put aside as `NAME.1` when it is next opened; so at most about twice as much is kept. */
const rotateAt = 4 * 2 ** 20;

/**
 * Opens the log for appending, and puts an old one aside once it is long.
 * @returns its file descriptor, to be closed once a child process has it
 * @throws DeepviewError `log-unwritable`
 */
export function openLog(path: string, now: Date = new Date()): { descriptor: number; close(): void } {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > rotateAt) renameSync(path, `${path}.1`);
    const descriptor = openSync(path, 'a', 0o600);
    writeSync(descriptor, `--- ${now.toISOString()}\n`);
    return { descriptor, close: () => closeSync(descriptor) };
  } catch (thrown) {
    throw new DeepviewError(
      'log-unwritable',
      `The log ${printable(path)} cannot be written (${systemCode(thrown) ?? 'unknown error'}).`,
      { hint: 'Set XDG_STATE_HOME to a directory that can be written, or free some space.', cause: thrown },
    );
  }
}
