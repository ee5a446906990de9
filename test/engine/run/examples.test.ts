import { Ajv2020 } from 'ajv/dist/2020.js';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { quotedNonFinite, toJson } from '../../../src/engine/base/json.ts';
import { openRun } from '../../../src/engine/run/index.ts';
import { temporary } from './sample-run.ts';

type Kind = 'good' | 'bad' | 'recorded';
const folder = (kind: Kind): string => fileURLToPath(new URL(`examples/${kind}`, import.meta.url));
const namesIn = async (kind: Kind): Promise<string[]> =>
  (await readdir(folder(kind), { withFileTypes: true })).filter((one) => one.isDirectory()).map(({ name }) => name);

interface Expected {
  number: number;
  scalars: Record<string, unknown>;
  layers: Record<string, unknown>;
}

/** Opens a copy of a run: what the reader computes it keeps there. */
async function openCopy(path: string) {
  const copy = join(await temporary(), 'run');
  await cp(path, copy, { recursive: true });
  return openRun(copy);
}

/** Opens a run, and expects of its records what is said of them. */
async function readAs(path: string, expected: Expected[]) {
  const { records, notices, state } = await openCopy(path);
  expect(notices).toEqual([]);
  expect(records.map(({ number }) => number)).toEqual(expected.map(({ number }) => number));
  // The program may know metrics that the maker does not; of those that it names, null are not to be there.
  const read = records.map(({ number, scalars, layers }, at) => {
    const { scalars: tags, layers: metrics } = expected[at];
    const named = Object.keys(metrics).map((metric) => [metric, layers[metric] ?? null]);
    const told = Object.keys(tags).map((tag) => [tag, scalars[tag]]);
    return { number, scalars: Object.fromEntries(told) as object, layers: Object.fromEntries(named) as object };
  });
  expect(JSON.parse(toJson(read))).toEqual(nearly(expected));
  return { state, records };
}

test.each(await namesIn('good'))('%s is read as its maker says', async (name) => {
  const path = join(folder('good'), name);
  const expected = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Expected[];
  const { records } = await readAs(path, expected);
  expect(records.map(({ scalars }) => Object.keys(scalars))).toEqual(
    expected.map(({ scalars }) => Object.keys(scalars)),
  );
});

test.each(await namesIn('recorded'))('what the Python recorder wrote of a training is read: %s', async (name) => {
  const path = join(folder('recorded'), name);
  const { state, records } = JSON.parse(await readFile(`${path}.json`, 'utf8')) as {
    state: string;
    records: Expected[];
  };
  expect((await readAs(path, records)).state).toBe(state);
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
  await expect(openCopy(path)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(message) as string,
  });
});

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const schema = async (name: string) =>
  ajv.compile(
    JSON.parse(await readFile(new URL(`../../../docs/${name}.schema.json`, import.meta.url), 'utf8')) as object,
  );

test('the schemas take the good ones and refuse what they can tell of the bad', async () => {
  const [isHeader, isRecord] = [await schema('run'), await schema('run-record')];
  const fits = async (path: string): Promise<boolean> => {
    const lines = (await readFile(join(path, 'epochs.jsonl'), 'utf8')).trim().split('\n');
    const [header, ...records] = [await readFile(join(path, 'run.json'), 'utf8'), ...lines].map(
      (text) => JSON.parse(quotedNonFinite(text)) as unknown,
    );
    return isHeader(header) && records.every((record) => isRecord(record));
  };
  for (const kind of ['good', 'recorded'] as const) {
    for (const name of await namesIn(kind)) expect([name, await fits(join(folder(kind), name))]).toEqual([name, true]);
  }
  for (const name of ['newer-format', 'no-layers', 'no-units', 'text-for-number']) {
    expect([name, await fits(join(folder('bad'), name))]).toEqual([name, false]);
  }
});
