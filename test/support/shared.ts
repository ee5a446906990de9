import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, vi } from 'vitest';
import { systemCode } from '../../src/engine/base/errors.ts';
import { smallRequest, trainingHome, watchTraining } from './training-home.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * What several test files look at and none changes: made by the first that asks, in any process, and gone after the run.
 * @returns the directory that `make` filled
 */
export async function shared(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(inject('shared'), name);
  const [made, failed] = [`${directory}.made`, `${directory}.failed`];
  try {
    await mkdir(directory);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
    // Also before the first test of a file, where nothing can be polled by an expectation.
    await vi.waitUntil(async () => (await exists(made)) || (await exists(failed)), { timeout: 90_000 });
    if (await exists(failed)) throw new Error(`another test file could not make what is shared as ${name}`);
    return directory;
  }
  try {
    await make(directory);
  } catch (thrown) {
    await writeFile(failed, '');
    throw thrown;
  }
  await writeFile(made, '');
  return directory;
}

/** A finished run: `smallRequest` for three epochs, made by the real trainer. */
export const trainedRun = (): Promise<string> =>
  shared('trained', async (directory) => {
    const home = await trainingHome();
    try {
      expect(await watchTraining(home, smallRequest({ epochs: 3, run: directory })).end).toEqual({ state: 'finished' });
    } finally {
      await home.remove();
    }
  });
