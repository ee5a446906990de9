import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { progressReporter } from '../../src/commands/common.ts';
import { encodeSafetensors } from '../../src/engine/arrays/index.ts';
import { harmless } from '../../src/engine/base/printable.ts';
import { headerOf, writeRun } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';
import { newPerson, runProgram, type Person } from './support.ts';

/** The clipboard, the title, a cleared screen, a colour by a C1 control, a turn of direction, and ends of lines. */
const hostile = '\u001b]52;c;cHduZWQ=\u0007\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2028\u200b\r\n!';

/** Fields whose texts are one of some words. */
const words = ['kind', 'clock', 'loss', 'mirror', 'state', 'createdAt', 'updatedAt', 'at', 'host', 'better', 'units'];

/** A value of JSON with something hostile behind each of its texts, and in its names where these are the sender's. */
function poisoned(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return words.includes(name) ? value : value + hostile;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, name));
  if (typeof value !== 'object' || value === null) return value;
  const isMap = ['scalars', 'metrics'].includes(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [isMap ? key + hostile : key, poisoned(one, key)]),
  );
}

let person: Person;
beforeEach(async () => {
  person = await newPerson();
});

/** Runs a command line; nothing that it writes is more than text in lines. @returns what it wrote */
async function written(...args: string[]): Promise<string> {
  const { out, err } = await runHere(person.env, person.home, args);
  for (const text of [out, err]) {
    expect([args, ...text.split('\n')]).toEqual([args, ...text.split('\n').map(harmless)]);
    expect(text).not.toMatch(/^!/m);
  }
  return out + err;
}

const network = {
  name: 'abc',
  description: 'sent by somebody',
  layers: [{ kind: 'dense', units: 'classes', name: 'out' }],
  training: { epochs: 1 },
};

test.each([
  ['a network file', poisoned(network), 'abc'],
  ['a field that is not known', { ...network, [`colour${hostile}`]: 1 }, 'colour'],
  ['a kind that is not known', { ...network, layers: [{ kind: `dance${hostile}` }] }, 'dance'],
  ['a text in the place of a number', { ...network, training: { epochs: `one${hostile}` } }, 'one'],
  [
    'a Keras model',
    {
      modelTopology: {
        class_name: 'Sequential',
        config: {
          name: `m${hostile}`,
          layers: [{ class_name: `Dance${hostile}`, config: { name: `x${hostile}`, batch_input_shape: [null, 4] } }],
        },
      },
    },
    'Dance',
  ],
])('%s is printed without what steers a terminal', async (_, value, shown) => {
  await writeFile(join(person.home, 'x.json'), JSON.stringify(value));
  expect(await written('networks', './x.json')).toContain(shown);
  expect(await written('networks', './x.json', '--json')).toContain(shown);
});

test('labels of steps and notices are printed without what steers a terminal', () => {
  let text = '';
  const stderr = { isTTY: false, columns: 80, write: (piece: string) => (text += piece) !== '' };
  const { onProgress, onNotice } = progressReporter({ stderr });
  onProgress({ label: `reading a${hostile}`, done: 1, unit: 'items' });
  onNotice(`a${hostile} is left out`);
  expect(text.split('\n').map(harmless).join('\n')).toBe(text);
  expect(text).toContain('reading a');
});

test('every text of a run is printed without what steers a terminal', async () => {
  const run = join(person.runs, 'sent');
  await writeRun(run);
  const header = {
    ...headerOf(),
    metrics: { bleu: { label: 'BLEU', unit: 'points' } },
    weights: { file: 'w.safetensors', sha256: '00' },
  };
  const lines = (await readFile(join(run, 'epochs.jsonl'), 'utf8')).trim().split('\n');
  const records = lines.map((line) => {
    const { crc32: _, data: __, ...record } = JSON.parse(line) as Record<string, unknown>;
    const { scalars, layers } = record as { scalars: object; layers: Record<string, unknown> };
    const named = { ...layers, [`norm${hostile}`]: layers['density'] };
    return JSON.stringify({ ...record, scalars: { ...scalars, [`bleu${hostile}/validation`]: 1 }, layers: named });
  });
  await writeFile(join(run, 'run.json'), JSON.stringify(poisoned(header)));
  await writeFile(join(run, 'epochs.jsonl'), `${records.join('\n')}\n`);
  const status = {
    ...{ state: 'running', pid: 4242, host: `gpu${hostile}`, updatedAt: new Date(Date.now() - 60_000).toISOString() },
    ...{ reason: `it was late${hostile}`, error: { code: `c${hostile}`, message: `m${hostile}`, hint: `h${hostile}` } },
  };
  await writeFile(join(run, 'status.json'), JSON.stringify(status));
  for (const args of [
    ['runs'],
    ['show', 'sent'],
    ['show', 'sent', '1'],
    ['show', 'sent', '1/1'],
    ['show', 'sent', '--format', 'svg'],
    ['show', 'sent', 'nowhere'],
    ['show', 'sent', '--metric', 'nothing'],
    ['runs', 'rm', 'sent', '--yes'],
    ['runs', 'stop', 'sent'],
  ]) {
    await written(...args);
    if (args[0] !== 'show' || !args.includes('--format')) await written(...args, '--json');
  }
  await writeFile(join(run, 'status.json'), JSON.stringify({ ...status, state: 'failed' }));
  expect(await written('watch', 'sent')).toContain('tiny');
  await written('watch', 'sent', '--json');
  // What a line that is refused says.
  await appendFile(
    join(run, 'epochs.jsonl'),
    JSON.stringify({ epoch: 4, scalars: { [`l${hostile}`]: `low${hostile}` } }),
  );
  await appendFile(join(run, 'epochs.jsonl'), '\n');
  await written('show', 'sent');
  await written('watch', 'sent');
}, 60_000);

test('texts of arrays, folders, settings and the command line are printed without what steers a terminal', async () => {
  const values = { type: 'float32' as const, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const tensors = new Map([
    [`a${hostile}`, values],
    [`b${hostile}`, values],
  ]);
  const file = join(person.home, 'x.safetensors');
  await writeFile(file, Buffer.concat(encodeSafetensors(tensors)));
  await written('analyze', file);
  await written('analyze', file, '--array', `a${hostile}`);
  await written('analyze', file, '--array', `nothing${hostile}`, '--json');
  const folder = join(person.home, 'images');
  await mkdir(join(folder, `cat${hostile.replaceAll('\u0000', '')}`), { recursive: true });
  await mkdir(join(folder, 'dog'), { recursive: true });
  await written('data', 'inspect', folder);
  await written('data', 'inspect', folder, '--json');
  await written('show', `nothing${hostile}`);
  await written('train', '--epochs', `x${hostile}`);
  await mkdir(join(person.runs, `r${hostile}`), { recursive: true });
  await written('runs');
  await writeFile(join(person.home, 'deepview-tui.config.json'), JSON.stringify({ [`k${hostile}`]: 1 }));
  expect(await written('runs')).toContain('has an unknown key "k');
  // The program itself says the same.
  const { out, err } = await runHere(person.env, person.home, ['runs']);
  expect(await runProgram(person, ['runs'])).toMatchObject({ code: 2, stdout: out, stderr: err });
}, 60_000);
