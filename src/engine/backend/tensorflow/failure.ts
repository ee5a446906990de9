import { readFile, rm, writeFile } from 'node:fs/promises';
import { DeepviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** Failures that the next start would meet again, after the same long wait. */
const lasting = new Set(['compilation', 'engine-broken']);

const noteOf = (directory: string): string => `${directory}.failed.json`;

/** Notes a failure that lies with this machine, so that not every start tries again. */
export async function rememberFailure(directory: string, bindings: string, error: unknown): Promise<void> {
  if (!(error instanceof DeepviewError) || !lasting.has(error.code)) return;
  const note = JSON.stringify({ bindings, message: error.message, date: new Date().toISOString() });
  // On a full disk the next start tries again, which does no harm.
  await writeFile(noteOf(directory), note).catch(() => undefined);
}

/** What went wrong the last time, if nothing has changed since. */
export async function recallFailure(directory: string, bindings: string): Promise<string | undefined> {
  try {
    const note = JSON.parse(await readFile(noteOf(directory), 'utf8')) as { bindings?: unknown; message?: unknown };
    return note.bindings === bindings && typeof note.message === 'string' ? printable(note.message, 500) : undefined;
  } catch {
    return undefined;
  }
}

export async function forgetFailure(directory: string): Promise<void> {
  await rm(noteOf(directory), { force: true });
}
