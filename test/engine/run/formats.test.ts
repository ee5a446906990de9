import { cp, mkdir, readFile, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { encodeSafetensors, openSafetensors } from '../../../src/engine/arrays/index.ts';
import {
  eventsOf,
  followRun,
  layerValue,
  openRun,
  scalar,
  summariseRun,
  type RunEvent,
} from '../../../src/engine/run/index.ts';
import { patchWord } from '../../../src/engine/run/format.ts';
import { explorerOf } from '../analysis/questions/explored-run.ts';
import { epochOf, headerOf, temporary, writeRun } from './sample-run.ts';
import { resumeRun } from '../../support/held-run.ts';

/** A copy of an example run, which a reader may keep things in. */
async function example(name: string): Promise<string> {
  const directory = join(await temporary(), name);
  await cp(fileURLToPath(new URL(`examples/good/${name}`, import.meta.url)), directory, { recursive: true });
  return directory;
}

/** Turns a run into what a program of format 1 would have written. */
async function inFormat1(directory: string): Promise<void> {
  const header = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object;
  await writeFile(join(directory, 'run.json'), JSON.stringify({ ...header, format: 1, clock: undefined }));
  const { records } = await openRun(directory);
  const lines = records.map(({ epoch, seconds, monitoringShare, at, scalars, layers }) => {
    const split = (group: string) => ({ train: scalars[`${group}/train`], validation: scalars[`${group}/validation`] });
    const errors = { top1Error: split('error'), top5Error: { train: 0, validation: 0 } };
    const rest = { learningRate: scalars.learning_rate, seconds, monitoringShare, at, ...layers };
    return JSON.stringify({ epoch, loss: split('loss'), ...errors, ...rest });
  });
  await writeFile(join(directory, 'epochs.jsonl'), lines.map((line) => `${line}\n`).join(''));
}

test('a run of format 1 reads as what it is, and is of format 2 from where it is gone on with', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 2 });
  const { records } = await openRun(directory);
  await inFormat1(directory);
  const old = await openRun(directory);
  expect(old.header.format).toBe(1);
  expect(old.records).toEqual(records);

  const writer = await resumeRun(directory);
  expect([writer.header.format, writer.lastEpoch]).toEqual([2, 2]);
  const next = epochOf(writer.header, 3);
  await writer.commitEpoch(next.record, next.layers);
  await writer.close();
  const lines = (await readFile(join(directory, 'epochs.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line) as object).includes('scalars'))).toEqual([true, true, true]);
  const whole = await openRun(directory);
  expect(whole.header).toEqual(headerOf());
  expect(whole.records).toEqual([...records, next.record]);
});

test('values that are not finite are written as texts and read as what they are', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const writer = await resumeRun(directory);
  const { record, layers } = epochOf(writer.header, 2);
  const scalars = { 'loss/train': NaN, 'loss/validation': Infinity, 'error/validation': -Infinity };
  const odd = { ...record, scalars, layers: { discriminability: [NaN, null], density: [0.5, -Infinity] } };
  await writer.commitEpoch(odd, layers);
  await writer.close();
  const text = await readFile(join(directory, 'epochs.jsonl'), 'utf8');
  expect(text).toContain('"loss/train":"NaN","loss/validation":"Infinity","error/validation":"-Infinity"');
  const run = await openRun(directory);
  // A metric that it does not have is computed and stands beside these.
  expect(run.records[1]).toMatchObject(odd);
  expect(run.records[0]).toEqual(epochOf(run.header, 1).record);
  // The best is of what can be compared.
  expect(await summariseRun(directory)).toMatchObject({ bestTop1Error: 0.6 });
});

test('one metric that a run lacks is computed from its samples, and kept; the others stay as they were recorded', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const whole = await openRun(directory);
  const neurons = await whole.neurons(1, 1);
  // As a program wrote it that knew no density; its discriminability is another than the samples have.
  const told = { discriminability: [7, 8] };
  const values = await whole.samples(1, 1);
  const tensors = new Map([
    ['1.samples', { type: 'float32' as const, shape: [6, 3], data: values }],
    ['1.discriminability', { type: 'float64' as const, shape: [3], data: Float64Array.of(6, 7, 8) }],
  ]);
  await writeFile(join(directory, 'epochs/000001.safetensors'), Buffer.concat(encodeSafetensors(tensors)));
  await writeFile(join(directory, 'epochs.jsonl'), `${JSON.stringify({ epoch: 1, layers: told })}\n`);
  for (const round of ['computed', 'kept']) {
    const run = await openRun(directory);
    expect([round, run.records[0].layers.discriminability]).toEqual([round, told.discriminability]);
    const found = await run.neurons(1, 1);
    expect(found.discriminability).toEqual(Float64Array.of(6, 7, 8));
    found.density.forEach((value, neuron) => expect(value).toBeCloseTo(neurons.density[neuron], 3));
    expect(layerValue(run.records[0], 'density', 1)).toBeCloseTo(found.density.reduce((a, b) => a + b) / 3, 12);
    // Layer 2 has neither samples nor metrics there.
    expect(await run.neurons(1, 2)).toEqual({});
    expect(layerValue(run.records[0], 'density', 2)).toBeNaN();
  }
  expect(await readdir(join(directory, 'computed'))).toEqual(['metrics.safetensors']);
  // What another program left there is no reason to show nothing.
  const path = join(directory, 'computed/metrics.safetensors');
  const kept = await openSafetensors(path);
  const metadata = Object.fromEntries(kept.metadata);
  await kept.close();
  const numbers = { type: 'float64' as const, shape: [1], data: Float64Array.of(1) };
  const whole64 = { type: 'int64' as const, shape: [1, 3], data: BigInt64Array.of(1n, 2n, 3n) };
  for (const [left, marks] of [
    [{}, metadata.marks],
    [{ numbers }, 'null'],
    [{ numbers, '1.density': whole64 }, metadata.marks],
  ] as const) {
    const content = encodeSafetensors(new Map(Object.entries(left)), { ...metadata, marks });
    await writeFile(path, Buffer.concat(content));
    const [record] = (await openRun(directory)).records;
    expect(layerValue(record, 'density', 1)).toBeCloseTo(layerValue(whole.records[0], 'density', 1), 3);
  }
});

test('a metric that a run lacks costs nothing until it is asked for, and one file for all records', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 4 });
  // As a program wrote it that knew no dead neurons.
  const lines = (await readFile(join(directory, 'epochs.jsonl'), 'utf8')).trim().split('\n');
  const old = lines.map((line) => {
    const { crc32: _, data: __, layers, ...record } = JSON.parse(line) as { layers: object } & Record<string, unknown>;
    return JSON.stringify({ ...record, layers: { ...layers, dead: undefined } });
  });
  await writeFile(join(directory, 'epochs.jsonl'), `${old.join('\n')}\n`);
  const files = ['000001', '000002', '000003', '000004'].map((name) => join(directory, `epochs/${name}.safetensors`));
  for (const file of files) {
    const { tensors, read, close } = await openSafetensors(file);
    const kept = [...tensors.keys()].filter((name) => !name.endsWith('.dead'));
    const entries = await Promise.all(kept.map(async (name) => [name, await read(name)] as const));
    await close();
    await writeFile(file, Buffer.concat(encodeSafetensors(new Map(entries))));
  }
  // Opened for what it has, no file but the lines is read.
  await rename(join(directory, 'epochs'), join(directory, 'elsewhere'));
  const run = await openRun(directory, { wanted: ['discriminability'] });
  expect(run.records.map(({ layers }) => 'dead' in layers)).toEqual([false, false, false, false]);
  await rename(join(directory, 'elsewhere'), join(directory, 'epochs'));
  expect(await readdir(directory)).not.toContain('computed');
  const measured = [];
  for await (const event of run.measured(new AbortController().signal)) measured.push(event);
  const { records } = await openRun(directory);
  expect(measured).toEqual(records.map((record) => ({ type: 'measured', record })));
  expect(records.every(({ layers }) => 'dead' in layers)).toBe(true);
  expect(await readdir(join(directory, 'computed'))).toEqual(['metrics.safetensors']);
  // It is there now for whoever opens the run for other things, but of a file that has changed.
  await utimes(files[2], 0, 0);
  const again = await openRun(directory, { wanted: ['discriminability'] });
  expect(again.records.map(({ layers }) => 'dead' in layers)).toEqual([true, true, false, true]);
  expect((await again.neurons(1, 2)).dead).toHaveLength(3);
  // Whoever sent the run may have laid a link.
  await rm(join(directory, 'computed'), { recursive: true });
  const target = join(directory, '..', 'target');
  await mkdir(target);
  await symlink(target, join(directory, 'computed'));
  const linked = await openRun(directory);
  expect(linked.records).toEqual(records);
  expect(linked.notices).toEqual([
    expect.stringMatching(/computed is a link; nothing is written through it: what is computed is kept in memory$/),
  ]);
  expect(await readdir(target)).toEqual([]);
});

test('samples and metrics in bfloat16, as mixed precision leaves them, are read', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  // 0.5, 1, -2 and 3: exact in eight bits of mantissa.
  const bits = Uint16Array.from([0x3f00, 0x3f80, 0xc000, 0x4040]);
  const samples = Uint16Array.from({ length: 18 }, (_, at) => bits[at % 4]);
  const tensors = new Map([
    ['1.samples', { type: 'bfloat16' as const, shape: [6, 3], data: samples }],
    ['1.discriminability', { type: 'bfloat16' as const, shape: [3], data: bits.slice(0, 3) }],
  ]);
  await writeFile(join(directory, 'epochs/000001.safetensors'), Buffer.concat(encodeSafetensors(tensors)));
  await writeFile(join(directory, 'epochs.jsonl'), `${JSON.stringify({ epoch: 1 })}\n`);
  const run = await openRun(directory);
  expect(Array.from((await run.samples(1, 1)).slice(0, 4))).toEqual([0.5, 1, -2, 3]);
  expect((await run.neurons(1, 1)).discriminability).toEqual(Float64Array.of(0.5, 1, -2));
});

test('a run without files of samples has its scalars, and says what it lacks', async () => {
  const directory = await example('no-samples');
  const run = await openRun(directory);
  expect(scalar(run.records[0], 'loss/validation')).toBe(3.25);
  expect(scalar(run.records[0], 'error/validation')).toBeNaN();
  await expect(run.samples(1, 1)).rejects.toMatchObject({ code: 'no-samples', exitCode: 4 });
  await expect(run.sampledEpoch(1, 1)).rejects.toMatchObject({ code: 'no-samples' });
  const summary = await summariseRun(directory);
  expect(summary).toMatchObject({ validationLoss: [3.25], epochs: { done: 1 } });
  expect(summary).not.toHaveProperty('bestTop1Error');
  // A recorder that promised a file is held to it.
  const line = { epoch: 1, data: { bytes: 10, crc32: 1 } };
  await writeFile(join(directory, 'epochs.jsonl'), `${JSON.stringify(line)}\n`);
  await expect(openRun(directory)).rejects.toMatchObject({ code: 'not-found', exitCode: 4 });
});

test('records on the clock of steps have their files by step', async () => {
  const directory = await example('steps');
  const run = await openRun(directory);
  expect(run.records.map(({ number, step, epoch }) => [number, step, epoch])).toEqual([
    [0, 0, 0],
    [500, 500, 0.625],
    [1000, 1000, 1.25],
  ]);
  expect((await run.neurons(500, 2)).density).toHaveLength(2);
  expect(await run.sampledEpoch(1000, 1)).toBe(1000);
  await rm(join(directory, 'epochs/000500.safetensors'));
  expect(await (await openRun(directory)).neurons(1000, 1)).toHaveProperty('discriminability');
});

test('a recorder that goes on at an earlier record is followed from there', async () => {
  const directory = await example('resumed');
  const journal = join(directory, 'epochs.jsonl');
  const lines = (await readFile(journal, 'utf8')).trim().split('\n');
  // It plans more, so that it is not taken for finished.
  const header = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object;
  await writeFile(join(directory, 'run.json'), JSON.stringify({ ...header, training: { epochs: 4 } }));
  await writeFile(journal, `${lines.slice(0, 3).join('\n')}\n`);
  const told: unknown[] = [];
  const leaving = new AbortController();
  for await (const event of followRun(directory, leaving.signal, { pollMs: 5 })) {
    if (event.type !== 'epoch') continue;
    told.push([event.record.number, scalar(event.record, 'loss/train')]);
    if (told.length === 3) await writeFile(journal, `${lines.join('\n')}\n`);
    if (told.length === 5) leaving.abort();
  }
  expect(told).toEqual([
    [1, 0.25],
    [2, 9],
    [3, 9],
    [2, 0.5],
    [3, 0.75],
  ]);
  const opened = eventsOf(await openRun(directory)).filter(
    (event): event is RunEvent & { type: 'epoch' } => event.type === 'epoch',
  );
  expect(opened.map(({ record }) => scalar(record, 'loss/train'))).toEqual([0.25, 0.5, 0.75]);
});

test('without labels neurons are compared by all their samples at once', async () => {
  const { asked, last } = explorerOf(await example('no-labels'));
  await asked({ type: 'map', layer: 1, epoch: 1, k: 2, linkage: 'average' });
  expect(last('map').map).toMatchObject({ k: 2, settled: true });
  await asked({ type: 'distributions', layer: 1, neuron: 2, epoch: 1 });
  const { quantiles, quantileCount } = last('distributions').distributions;
  expect(quantiles).toHaveLength(quantileCount);
  expect(quantiles.every(Number.isFinite)).toBe(true);
  await asked({ type: 'evolution', layer: 1 });
  expect(Object.keys(last('evolution').evolution.metrics)).not.toContain('discriminability');
});

test('a layer whose samples are not all finite keeps no other from being looked at', async () => {
  const { asked, last } = explorerOf(await example('not-finite'));
  await asked({ type: 'map', layer: 1, epoch: 1, k: 2, linkage: 'average' });
  expect(last('unavailable')).toMatchObject({ about: 'map', error: { code: 'non-finite' } });
  await asked({ type: 'evolution', layer: 1 });
  expect(last('evolution').evolution.metrics).toEqual({ nonfinite: Float64Array.of(0, 3, 0) });
  await asked({ type: 'map', layer: 2, epoch: 1, k: 2, linkage: 'average' });
  expect(last('map').map).toMatchObject({ layer: 2, settled: true });
});

test('patches of a recorded run are places in its probe', () => {
  const dataset = headerOf({}).dataset;
  const [own, other] = ['deepview-tui', 'deepview-tui (Python)'].map((name) => ({ name, version: '' }));
  expect(patchWord({ program: own!, dataset })).toBe('validation');
  expect(patchWord({ program: other!, dataset })).toBe('probe');
  expect(patchWord({ program: other!, dataset: { ...dataset, patchImages: 10 } })).toBe('training');
});
