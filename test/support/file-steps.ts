import promises, { open, type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { onTestFinished, vi } from 'vitest';

/** One step of the list, of absolute paths; undefined for what is not in it. */
export function stepOf(directory: string, what: string, ...paths: readonly string[]): string | undefined {
  const names = paths.map((path) => {
    const inside = path === directory ? '.' : path.slice(directory.length + 1);
    // Temporary names have a number of the process, or a random one.
    return inside.replace(/\.(\d+|[0-9a-f]{8}-[-0-9a-f]{27})\.tmp\b/g, '.tmp');
  });
  const isOurs = paths.every((path) => path === directory || path.startsWith(`${directory}/`));
  // Locks, marks of use and the status matter only while the machine runs.
  const isPassing = names.some((name) => /lock|\.uses|status\.json/.test(name));
  return isOurs && !isPassing ? [what, ...names].join(' ') : undefined;
}

/** A step that goes on is one step: a file is written in pieces. */
export const joined = (steps: readonly (string | undefined)[]): string[] =>
  steps.filter((step) => step !== undefined).filter((step, at, all) => step !== all[at - 1]);

/** Notes what this process does to the files below a directory, until the test is over; all of it is done. */
export async function fileSteps(directory: string): Promise<(string | undefined)[]> {
  const steps: (string | undefined)[] = [];
  const paths = new WeakMap<object, string>();
  const handle = await open(tmpdir());
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { open: opened, rename } = promises;
  vi.spyOn(promises, 'open').mockImplementation(async (...given) => {
    const handle = await opened(...given);
    paths.set(handle, String(given[0]));
    return handle;
  });
  vi.spyOn(promises, 'rename').mockImplementation((from, to) => {
    steps.push(stepOf(directory, 'rename', String(from), String(to)));
    return rename(from, to);
  });
  for (const name of ['write', 'writeFile', 'sync', 'datasync'] as const) {
    const method = prototype[name] as (...given: unknown[]) => unknown;
    vi.spyOn(prototype, name).mockImplementation(function (this: FileHandle, ...given: unknown[]) {
      const isEmpty = given[0] === '';
      if (!isEmpty) steps.push(stepOf(directory, name.startsWith('write') ? 'write' : 'flush', paths.get(this) ?? ''));
      return method.apply(this, given) as never;
    });
  }
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return steps;
}
