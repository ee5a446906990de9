import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { toJson } from '../../../src/engine/base/json.ts';
import { openRun } from '../../../src/engine/run/index.ts';
import { temporary } from './sample-run.ts';

const folder = (kind: 'good' | 'bad'): string => fileURLToPath(new URL(`examples/${kind}`, import.meta.url));
const namesIn = async (kind: 'good' | 'bad'): Promise<string[]> =>
  (await readdir(folder(kind), { withFileTypes: true })).filter((one) => one.isDirectory()).map(({ name }) => name);

test.each(await namesIn('good'))('%s is read as its maker says', async (name) => {
  const path = join(folder('good'), name);
  // What the reader computes it keeps in the run.
  const copy = join(await temporary(), 'run');
  await cp(path, copy, { recursive: true });
  const { records, notices } = await openRun(copy);
  expect(notices).toEqual([]);
  const expected = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Record<string, unknown>[];
  const read = records.map(({ number, scalars, layers }) => ({ number, scalars, layers }));
  expect(JSON.parse(toJson(read))).toEqual(nearly(expected));
});

/** Numbers to 6 digits: samples are stored in single precision. */
const nearly = (value: unknown): unknown => {
  if (typeof value === 'number') return expect.closeTo(value, 6);
  if (Array.isArray(value)) return value.map(nearly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, nearly(one)]));
};

test.each(await namesIn('bad'))('%s is refused in the words of its maker', async (name) => {
  const path = join(folder('bad'), name);
  const message = (await readFile(`${path}.txt`, 'utf8')).trim();
  await expect(openRun(path)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(message) as string,
  });
});
