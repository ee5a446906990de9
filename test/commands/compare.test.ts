import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/commands/compare/comparison.ts';
import type { RunHeader } from '../../src/engine/run/index.ts';
import { headerOf, temporary, writeRun, type LabelledHeader } from '../engine/run/sample-run.ts';
import { runHere } from '../support/run-here.ts';
import { sceneIn } from './scene.ts';

/** A user with runs; each is the tiny run with some changes to its header. */
async function home(runs: Readonly<Record<string, { changes?: Partial<LabelledHeader>; scale?: number }>>) {
  const directory = await temporary();
  const { paths } = sceneIn(directory).context;
  for (const [id, { changes = {}, scale = 1 }] of Object.entries(runs)) {
    await writeRun(join(paths.runs, id), { header: headerOf({ id, ...changes }), scale });
  }
  const run = (...words: string[]) => runHere({ HOME: directory }, directory, words);
  return {
    run,
    runs: paths.runs,
    json: async (...words: string[]) => JSON.parse((await run(...words, '--json')).out) as Comparison,
  };
}

const training = (changes: Partial<RunHeader['training']>): Partial<LabelledHeader> => ({
  training: { ...headerOf().training, ...changes },
});

test('what differs, scalars, layers and neurons of two runs', async () => {
  const { run, json } = await home({ one: {}, two: { changes: { ...training({ batch: 20 }), seed: 8 }, scale: 2 } });
  const { code, out } = await run('compare', 'one', 'two', '--layer', 'relu1');
  expect(code).toBe(0);
  await expect(out).toMatchFileSnapshot('__snapshots__/compare.txt');
  const found = await json('compare', 'one', 'two', '--layer', '2');
  expect(found.settings).toEqual([
    { name: 'batch', values: ['10', '20'] },
    { name: 'seed', values: ['7', '8'] },
  ]);
  const loss = found.scalars.find(({ tag }) => tag === 'loss/train');
  expect(loss?.values[0]).toEqual({
    last: { median: 2 / 3, low: 2 / 3, high: 2 / 3 },
    best: { median: 2 / 3, low: 2 / 3, high: 2 / 3, at: { median: 3, low: 3, high: 3 } },
  });
  // Twice the samples: a metric twice as large, and the same geometry.
  for (const { values, similarity, differences } of found.layers) {
    expect(values[1]?.median).toBeCloseTo(2 * (values[0]?.median ?? 0), 5);
    expect(differences[1]).toBeCloseTo(values[0]?.median ?? 0, 5);
    expect(similarity).toBeCloseTo(1, 5);
  }
  expect(found.similarity).toMatchObject({ epochs: [3, 3], images: 6, probe: 6 });
  expect(found.neurons?.layers).toEqual([2, 2]);
  expect(found.neurons?.pairs.map((pair) => pair.a)).toEqual([0, 1, 2]);
  expect(found.leftOut).toEqual([]);
});

test('seeds of one setting are one side, with a median and a band', async () => {
  const { run, json } = await home({
    one: {},
    two: { changes: { seed: 8 }, scale: 2 },
    three: { changes: { seed: 9 }, scale: 4 },
    four: { changes: training({ batch: 20 }) },
  });
  const found = await json('compare', 'one', 'four', 'two', 'three');
  expect(found.sides.map(({ name, runs }) => [name, runs.map(({ id }) => id)])).toEqual([
    ['A', ['one', 'two', 'three']],
    ['B', ['four']],
  ]);
  expect(found.settings.map(({ name, values }) => [name, ...values])).toEqual([
    ['batch', '10', '20'],
    ['seed', '7, 8, 9', '7'],
  ]);
  const [{ values }] = found.layers;
  expect(values[0]?.median).toBeCloseTo(2 * values[0]!.low, 5);
  expect(values[0]?.high).toBeCloseTo(4 * values[0]!.low, 5);
  expect((await run('compare', 'one', 'four', 'two')).out).toContain('2 seeds: one, two');
  // Of one setting alone it is the seeds that are compared.
  expect((await json('compare', 'one', 'two')).sides.map(({ name }) => name)).toEqual(['A', 'B']);
});

test('records of one run', async () => {
  const { json, run } = await home({ one: {} });
  const found = await json('compare', 'one');
  expect(found.sides.map(({ record }) => record)).toEqual([1, 3]);
  expect(found.settings).toEqual([]);
  expect(found.similarity?.values.flat().every((value) => value !== null)).toBe(true);
  expect((await json('compare', 'one', '--records', '2,best')).sides.map(({ record }) => record)).toEqual([2, 3]);
  expect((await run('compare', 'one', '--records', '1,9')).err).toContain('the run has no epoch 9');
  expect(await run('compare', 'one', '--records', '1')).toMatchObject({ code: 2 });
  expect(await run('compare', 'one', '--records', '1,x')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--records is "x"') as string,
  });
});

test('layers that cannot be compared image by image are said to be, once for each side', async () => {
  const { run, json } = await home({});
  const { code, out } = await run('compare', 'demo', '--records', '1,25');
  expect([code, out.includes('CKA')]).toEqual([0, false]);
  expect(out.match(/[AB] keeps quantiles in place of/g)).toEqual([
    'A keeps quantiles in place of',
    'B keeps quantiles in place of',
  ]);
  const found = await json('compare', 'demo', '--records', '1,25');
  expect(found).not.toHaveProperty('similarity');
  expect(found.layers[0]).not.toHaveProperty('similarity');
});

test('another probe, other classes, other layers: what is left out is said, and the rest compared', async () => {
  const { probe, dataset, network } = headerOf();
  const { json } = await home({
    one: {},
    probe: { changes: { probe: { ...probe, indices: [1, 4, 5, 2, 7, 8] } } },
    classes: { changes: { dataset: { ...dataset, classes: ['disc', 'star'] } } },
    layers: { changes: { network: { ...network, layers: network.layers.slice(0, 1) } } },
  });
  const probed = await json('compare', 'one', 'probe', '--layer', '1');
  expect(probed).not.toHaveProperty('similarity');
  expect(probed.leftOut.join()).toContain('5 of the 6 are the same');
  expect(probed.neurons?.pairs).toHaveLength(3);
  const classed = await json('compare', 'one', 'classes', '--layer', '1');
  expect(classed.leftOut).toContain('Classes that A alone has are left out: square.');
  expect(classed.neurons?.pairs).toHaveLength(3);
  const fewer = await json('compare', 'one', 'layers', '--layer', 'relu1');
  expect(fewer.layers[1]).toMatchObject({ layers: [{ name: 'relu1' }, null], similarity: null });
  expect(fewer.leftOut.join()).toContain('Layer 2 of A matches no layer of B');
});

test('of runs that keep no samples there is no similarity, which one sentence says', async () => {
  const { json, run } = await home({});
  const found = await json('compare', 'demo');
  expect(found).not.toHaveProperty('similarity');
  expect(found.leftOut).toHaveLength(1);
  expect((await run('compare', 'demo')).out).not.toContain('CKA:');
});

test('runs without the usual metric are compared by another that they have', async () => {
  const { json, runs } = await home({});
  const example = fileURLToPath(new URL('../engine/run/examples/good/no-labels', import.meta.url));
  await cp(example, join(runs, 'no-labels'), { recursive: true });
  const found = await json('compare', 'no-labels');
  expect(found.metric.id).toBe('density');
  expect(found.layers[0].values[0]?.median).toBeCloseTo(0.53125, 5);
});

test('bad input is named, with what helps', async () => {
  const { run, runs } = await home({ one: {}, two: {} });
  await writeRun(join(runs, 'empty'), { header: headerOf({ id: 'empty' }), epochs: 0 });
  expect(await run('compare', 'one', 'none')).toMatchObject({ code: 4 });
  expect((await run('compare', 'one', 'one')).err).toContain('--records 1,last');
  expect((await run('compare', 'one', 'empty')).err).toContain('the run empty has no finished epoch');
  expect((await run('compare', 'one', 'two', '--metric', 'densty')).err).toContain('Did you mean density?');
  expect((await run('compare', 'one', 'two', '--layer', '7')).err).toContain('numbered 1 to 2');
  await rm(join(runs, 'two', 'epochs', '000003.safetensors'));
  const { code, out } = await run('compare', 'one', 'two');
  expect(code).toBe(0);
  expect(out).toContain('Similarity of layers is left out:');
});
