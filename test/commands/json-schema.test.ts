import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../src/engine/arrays/index.ts';
import { headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';
import { sceneIn } from './scene.ts';

const path = fileURLToPath(new URL('../../docs/json.schema.json', import.meta.url));
const schema = JSON.parse(await readFile(path, 'utf8')) as { $defs: Record<string, { description?: string }> };

/** The schema without room for fields that it does not name: every field that is printed must be documented. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const all = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return 'properties' in all ? { additionalProperties: false, ...all } : all;
}
const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addSchema({ ...(closed(schema) as object), $id: 'json' });

function expectValid(name: string, value: unknown): void {
  const validate = ajv.getSchema(`json#/$defs/${name}`);
  if (!validate) throw new Error(`there is no schema ${name}`);
  void validate(value);
  expect(validate.errors ?? [], `${name}: ${JSON.stringify(value).slice(0, 400)}`).toEqual([]);
}

const id = '20260101-1200-tiny-aaaa';

/** A user with a run, activations without labels, and images. */
async function home(): Promise<string> {
  const directory = await temporary();
  const { runs } = sceneIn(directory).context.paths;
  await writeRun(join(runs, id), { header: headerOf({ id }) });
  await writeRun(join(runs, 'empty'), { header: headerOf({ id: 'empty' }), epochs: 0 });
  await mkdir(join(runs, 'newer'));
  await writeFile(join(runs, 'newer', 'run.json'), JSON.stringify({ ...headerOf(), format: 99 }));
  const data = Float32Array.of(0, 1, 0.5, 1, 3, 0.5);
  const activations = encodeSafetensors(new Map([['activations', { type: 'float32' as const, shape: [2, 3], data }]]));
  await writeFile(join(directory, 'plain.safetensors'), Buffer.concat(activations));
  return directory;
}

/** What a command line prints under --json, run here. */
async function printed(directory: string, words: readonly string[]): Promise<string> {
  return (await runHere({ HOME: directory }, directory, [...words, '--json'])).out;
}

test.each([
  ['show-run', ['show', 'demo']],
  ['show-run', ['show', id, '--epoch', '1']],
  ['show-run', ['show', 'empty']],
  ['diagnose', ['diagnose', 'demo']],
  ['diagnose', ['diagnose', id]],
  ['diagnose', ['diagnose', 'empty']],
  ['show-layer', ['show', 'demo', '12']],
  ['show-layer', ['show', id, '1']],
  ['show-layer', ['show', 'empty', '1']],
  ['show-neuron', ['show', 'demo', '12/3']],
  ['show-neuron', ['show', id, '1/0']],
  ['show-neuron', ['show', 'empty', '1/0']],
  ['compare', ['compare', 'demo', id]],
  ['compare', ['compare', id, '--layer', '1']],
  ['analyze', ['analyze', fileURLToPath(new URL('../engine/arrays/fixtures/stored.npz', import.meta.url))]],
  ['analyze', ['analyze', 'plain.safetensors']],
  ['export-patches', ['export', 'demo', 'patches', '1/0', '-o', 'patches.png']],
  ['runs-list', ['runs']],
  ['runs-removed', ['runs', 'prune', '--yes']],
  ['networks-list', ['networks']],
  ['network', ['networks', 'nin']],
  ['data-list', ['data']],
  ['data-fetch', ['data', 'fetch', 'shapes']],
  ['data-removed', ['data', 'prune', '--dry-run']],
  ['data-removed', ['data', 'prune', '--yes']],
  ['data-inspect', ['data', 'inspect', 'shapes']],
  ['engine-list', ['engine']],
  ['reproduce', ['reproduce', '--table']],
  ['doctor', ['doctor']],
] as const)('%s is what %j prints', async (name, words) => {
  expectValid(name, JSON.parse(await printed(await home(), words)));
});

test('events are what watch prints, a line each', async () => {
  const lines = (await printed(await home(), ['watch', id])).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { type: string });
  for (const event of events) expectValid('event', event);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['run', 'epoch', 'state']));
});

test('docs/json.md has every output', async () => {
  const page = await readFile(fileURLToPath(new URL('../../docs/json.md', import.meta.url)), 'utf8');
  const parts = Object.values(schema.$defs).flatMap(({ description = '' }) => description.split(/, |: /));
  const lines = parts.filter((part) => part.endsWith(' --json')).map((part) => part.replace(' --json', ''));
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(page).toContain(line);
});
