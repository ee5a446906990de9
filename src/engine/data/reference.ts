import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { DeepviewError, exitCodes, systemCode } from '../base/errors.ts';
import { fileError } from '../base/files.ts';
import { nearest } from '../base/nearest.ts';
import { printable } from '../base/printable.ts';
import { catalogue, type DatasetEntry } from './catalogue.ts';

/** @throws DeepviewError `unknown-dataset` (usage), with the nearest name */
export function datasetEntry(name: string): DatasetEntry {
  const entry = catalogue.find((each) => each.name === name);
  if (entry) return entry;
  const names = catalogue.map((each) => each.name);
  const meant = nearest(name, names);
  throw new DeepviewError('unknown-dataset', `There is no data set ${printable(name)}`, {
    hint: meant
      ? `Did you mean ${meant}?`
      : `There are: ${names.join(', ')}; or name a folder of class folders, an .npz file or a folder of IDX files.`,
    exitCode: exitCodes.usage,
  });
}

/** Whether a resolved reference is a place on the disk, not a name of the catalogue. */
export const isPlace = (reference: string): boolean => isAbsolute(reference);

/**
 * What a person called their data: a name of the catalogue as it is, anything else that is there as an absolute path.
 * @param directory that relative paths start from
 * @throws DeepviewError `unknown-dataset`, or `not-found` for what can only be a path (exit code 2)
 */
export async function resolveReference(given: string, directory: string): Promise<string> {
  if (catalogue.some(({ name }) => name === given)) return given;
  const path = resolve(directory, given);
  try {
    await stat(path);
    return path;
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG') {
      throw fileError(thrown, 'read', path, exitCodes.usage);
    }
  }
  if (!/[/\\]|^\.|\.npz$/i.test(given)) datasetEntry(given);
  throw new DeepviewError(
    'not-found',
    `There are no images at ${printable(given, 1000)}: there is no such file or folder`,
    {
      hint: 'Check the path; relative ones start from the current directory.',
      exitCode: exitCodes.usage,
    },
  );
}
