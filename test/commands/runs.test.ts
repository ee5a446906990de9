import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { runsAsk } from '../../src/commands/runs-ask.ts';
import { runsList, runsPrune, runsRemove } from '../../src/commands/runs.ts';
import { runJson } from '../../src/commands/show-json.ts';
import { headerLines, recordTable } from '../../src/commands/train-report.ts';
import { findRun, lockRun, openRun, statusOf, writeStatus, type RunStatus } from '../../src/engine/run/index.ts';
import type { TrainingRequest } from '../../src/engine/training/messages.ts';
import { unfinished } from '../../src/engine/training/resume.ts';
import { epochOf, headerOf, temporary, writeRun } from '../engine/run/sample-run.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { sceneIn } from './scene.ts';
import { createRun } from '../support/held-run.ts';

/** A home with a finished run and one that was stopped before its first epoch. */
async function home(): Promise<{ directory: string; runs: string; full: string; empty: string }> {
  const directory = await temporary();
  const runs = sceneIn(directory).context.paths.runs;
  const full = join(runs, '20260101-1200-tiny-aaaa');
  const empty = join(runs, '20260102-1200-tiny-bbbb');
  await writeRun(full, { header: headerOf({ id: '20260101-1200-tiny-aaaa' }) });
  const second = headerOf({ id: '20260102-1200-tiny-bbbb', createdAt: '2026-01-02T12:00:00.000Z' });
  await writeRun(empty, { epochs: 0, header: second });
  await writeStatus(empty, statusOf('stopped'));
  return { directory, runs, full, empty };
}

test('the list says what a run is, how far it came and how good it is', async () => {
  const { directory } = await home();
  const { context, out } = sceneIn(directory);
  expect(await runsList(context, () => Date.parse('2026-01-01T15:30:00.000Z'))).toBe(0);
  const [heading, empty, full] = out().split('\n');
  expect(heading).toMatch(/^run +network +data +state +epochs +best top-1 error +last +size +begun +validation loss$/);
  expect(empty).toMatch(/^20260102-1200-tiny-bbbb +tiny +shapes +stopped +0\/3 +- /);
  expect(full).toMatch(
    /^20260101-1200-tiny-aaaa +tiny +shapes +finished +3\/3 +20\.00 % +20\.00 % .* 3 h 30 min ago +█▃▁$/,
  );
});

test('the list as JSON', async () => {
  const { directory, full } = await home();
  const { context, out } = sceneIn(directory, true);
  await runsList(context);
  const list = JSON.parse(out()) as { runs: unknown[] };
  expect(list).toMatchObject({ format: 1, unreadable: [] });
  expect(list.runs[1]).toMatchObject({
    id: '20260101-1200-tiny-aaaa',
    directory: full,
    network: 'tiny',
    dataset: 'shapes',
    state: 'finished',
    epochs: { done: 3, planned: 3 },
    bestTop1Error: 0.6 / 3,
    validationLoss: [2.2, 1.1, 2.2 / 3],
  });
});

test('runs of one network are told apart by the settings in which they differ', async () => {
  const { directory, runs } = await home();
  const { training, ...rest } = headerOf({ id: '20260103-1200-tiny-cccc', seed: 8 });
  const header = { ...rest, training: { ...training, batch: 32, learningRate: [0.5, 0.05] } };
  await writeRun(join(runs, header.id), { header });
  await writeRun(join(runs, 'other'), {
    header: headerOf({ id: 'other', network: { ...rest.network, name: 'alone' } }),
  });
  const { context, out } = sceneIn(directory);
  await runsList(context);
  const lines = out().split('\n');
  expect(lines[0]).toMatch(/^run +network +data +differs in +state/);
  const [own, another, alone] = ['cccc', 'aaaa', 'other'].map((id) => lines.find((line) => line.includes(id)));
  expect(own).toMatch(/ tiny +shapes +rate 0.5..0.05, batch 32, seed 8 +finished/);
  expect(another).toMatch(/ tiny +shapes +rate [^,]+, batch \d+, seed \d+ +finished/);
  expect(alone).toMatch(/ alone +shapes +- +finished/);
  const json = sceneIn(directory, true);
  await runsList(json.context);
  expect(JSON.parse(json.out())).toMatchObject({
    runs: expect.arrayContaining([
      expect.objectContaining({ id: header.id, differs: { rate: '0.5..0.05', batch: '32', seed: '8' } }),
      expect.objectContaining({ id: 'other', differs: {} }),
    ]) as unknown,
  });
});

test('what a recorder does not tell is claimed nowhere', async () => {
  const directory = await temporary();
  const scene = sceneIn(directory);
  const run = join(scene.context.paths.runs, 'recorded');
  await mkdir(run, { recursive: true });
  const layers = [{ name: 'fc', units: 2 }];
  await writeFile(join(run, 'run.json'), JSON.stringify({ format: 2, network: { name: 'mlp', layers } }));
  await writeFile(join(run, 'epochs.jsonl'), '{"epoch":1,"scalars":{"loss/validation":2}}\n');
  await runsList(scene.context);
  expect(scene.out()).toMatch(/\nrecorded +mlp +- +finished +1 +- +- /);
  const json = sceneIn(directory, true);
  await runsList(json.context);
  expect(JSON.parse(json.out())).toMatchObject({ runs: [{ dataset: null, epochs: { done: 1, planned: null } }] });
  const opened = await openRun(run);
  expect(runJson(opened)).toMatchObject({
    run: { dataset: null, engine: null, seed: null },
    records: [{ seconds: null, monitoringShare: null }],
  });
  expect(headerLines(opened.header, run)[0]).toBe('mlp');
  const engine = { name: 'tensorflow', version: '2.21.0', device: 'gpu' };
  const machine = { cpu: 'Processor', cores: 8, threads: 8, gpu: 'NVIDIA H100' };
  expect(headerLines({ ...opened.header, engine, machine }, run)[0]).toContain('tensorflow NVIDIA H100');
  expect(recordTable(opened.header)(opened.records[0])).toEqual(['    epoch   val loss', '        1     2.0000']);
});

const quiet = { onNotice: () => undefined, paths: pathsFor({ HOME: '/nowhere' }) };
const resuming = (run: string): TrainingRequest => ({
  ...{ network: 'lenet', data: 'shapes', seed: 1, engine: 'auto', resume: run },
});

test('a recorder that writes every fifth epoch, and does not say when it began', async () => {
  const { directory, runs } = await home();
  const { createdAt: _, ...header } = headerOf({ id: 'recorded', training: { ...headerOf().training, epochs: 15 } });
  const writer = await createRun(join(runs, 'recorded'), header);
  for (const [epoch, error] of [
    [5, 0.4],
    [10, 0.1],
    [15, 0.3],
  ]) {
    const { record, layers } = epochOf(header, epoch);
    await writer.commitEpoch({ ...record, scalars: { 'error/validation': error } }, layers);
  }
  await writer.close();
  const { context, out } = sceneIn(directory);
  await runsList(context, () => Date.parse('2026-01-01T15:30:00.000Z'));
  // The best and the last are two numbers.
  expect(out()).toMatch(/^recorded +tiny +shapes +finished +15\/15 +10\.00 % +30\.00 % +\S+ kB +-$/m);
  await expect(unfinished(resuming(join(runs, 'recorded')), quiet)).rejects.toMatchObject({ code: 'run-finished' });
  // What was written last is the newest of those that do not say.
  expect(await findRun({ runs }, 'last')).toBe(join(runs, 'recorded'));
  const json = sceneIn(directory, true);
  await runsList(json.context);
  expect(JSON.parse(json.out())).toMatchObject({ runs: [{ id: 'recorded', createdAt: null }, {}, {}] });
});

test('a run of another program is gone on with by that program', async () => {
  const run = join(await temporary(), 'run');
  await writeRun(run, { header: headerOf({ program: { name: 'recorder', version: '1' } }) });
  await expect(unfinished(resuming(run), quiet)).rejects.toMatchObject({
    code: 'not-trained-here',
    exitCode: 2,
    message: 'The run was written by recorder, which alone can go on with it.',
  });
});

test('no runs at all', async () => {
  const { context, out } = sceneIn(await temporary());
  expect(await runsList(context)).toBe(0);
  expect(out()).toBe('There are no runs yet. Train one: deepview-tui train\n');
});

test('removing asks first, and without a terminal needs --yes', async () => {
  const { directory, runs } = await home();
  const { context, out } = sceneIn(directory);
  await expect(runsRemove({ runs: ['20260101'], yes: false }, context)).rejects.toMatchObject({
    code: 'needs-yes',
    exitCode: 2,
  });
  expect(await readdir(runs)).toHaveLength(2);
  expect(await runsRemove({ runs: ['20260101'], yes: true }, context)).toBe(0);
  expect(await readdir(runs)).toEqual(['20260102-1200-tiny-bbbb']);
  expect(out()).toMatch(/^Deleted 20260101-1200-tiny-aaaa, /);
});

test('nothing is removed if one of the names is no run, is being written, or holds other files', async () => {
  const { directory, runs, full, empty } = await home();
  const { context } = sceneIn(directory);
  const remove = (...names: string[]): Promise<unknown> => runsRemove({ runs: names, yes: true }, context);
  await expect(remove('20260101', directory)).rejects.toMatchObject({ code: 'unknown-run' });
  // At work by its status, then by its lock alone.
  await writeStatus(empty, statusOf('running'));
  await expect(remove('20260101', '20260102')).rejects.toMatchObject({ code: 'run-in-use' });
  const third = join(runs, 'third');
  const writer = await createRun(third, headerOf({ id: 'third' }));
  await expect(remove('20260101', 'third')).rejects.toMatchObject({ code: 'run-in-use' });
  await writer.setStatus(statusOf('stopped'));
  await writer.close();
  await writeFile(join(full, 'thesis.tex'), 'years of work');
  await expect(remove('third', full)).rejects.toThrow(
    'holds thesis.tex, which is no part of a run: nothing was deleted',
  );
  await symlink(third, join(runs, 'link'));
  await expect(remove('link')).rejects.toMatchObject({ code: 'not-only-a-run' });
  expect(await readdir(runs)).toHaveLength(4);
});

test('the run of a recorder that may live is not removed', async () => {
  const { directory, runs, full, empty } = await home();
  const { context, err } = sceneIn(directory);
  const remove = (): Promise<unknown> => runsRemove({ runs: ['20260102'], yes: true }, context, 1);
  const behind = (): string => new Date(Date.now() - 45_000).toISOString();
  const silent: RunStatus = { state: 'running', pid: 4242, host: 'gpu-node-17', updatedAt: behind() };
  // A clock that is behind, or a recorder that writes once an epoch.
  await writeStatus(empty, silent);
  await expect(remove()).rejects.toMatchObject({
    code: 'run-in-use',
    message: expect.stringMatching(/says that it is being trained, but was not heard of for 4\d s$/) as string,
    hint: `If process 4242 on gpu-node-17 is gone, delete the run's status.json first.`,
  });
  expect(await runsPrune({ yes: true }, context)).toBe(0);
  await rm(join(empty, 'status.json'));
  // Nothing is known of one that says nothing, but when it last wrote: a first epoch may take hours.
  await expect(remove()).rejects.toThrow('s ago and does not say whether it is over');
  expect(await runsPrune({ yes: true }, context)).toBe(0);
  expect(err()).toContain('does not say whether it is over');
  expect(await readdir(runs)).toHaveLength(2);
  for (const name of ['run.json', 'epochs.jsonl', 'epochs']) await utimes(join(empty, name), 0, Date.now() / 1000 - 60);
  // A process that can be asked, and lives, is suspended perhaps.
  const lock = await lockRun(empty);
  await writeStatus(empty, { ...statusOf('running'), updatedAt: behind() });
  await expect(remove()).rejects.toMatchObject({
    code: 'run-in-use',
    message: expect.stringContaining(`is being written by process ${process.pid} `) as string,
  });
  await lock.release();
  // One that holds a lock says something every few seconds.
  await writeStatus(empty, silent);
  await writeFile(join(empty, 'lock.json'), '{"pid":4242,"host":"gpu-node-17"}');
  await utimes(join(empty, 'lock.json'), 0, 0);
  await utimes(join(empty, 'status.json'), 0, Date.now() / 1000 - 70);
  expect(await remove()).toBe(0);
  expect(await readdir(runs)).toEqual([basename(full)]);
});

test('pruning removes runs without an epoch that nobody writes', async () => {
  const { directory, runs } = await home();
  await mkdir(join(runs, 'my-notes'));
  const writer = await createRun(join(runs, 'busy'), headerOf({ id: 'busy' }));
  await writer.setStatus(statusOf('running'));
  await writeRun(join(runs, 'damaged'), { epochs: 0, header: headerOf({ id: 'damaged' }) });
  await writeFile(join(runs, 'damaged', 'epochs.jsonl'), 'who knows\n');
  const { context, out } = sceneIn(directory, true);
  expect(await runsPrune({ yes: true }, context)).toBe(0);
  expect(JSON.parse(out())).toMatchObject({ format: 1, removed: [{ id: '20260102-1200-tiny-bbbb' }] });
  expect((await readdir(runs)).sort()).toEqual(['20260101-1200-tiny-aaaa', 'busy', 'damaged', 'my-notes']);
  await writer.close();
});

test('stopping asks the process that trains, and no other', async () => {
  const { directory, empty } = await home();
  const { context, out } = sceneIn(directory);
  const asked: unknown[] = [];
  const stop = (): Promise<unknown> =>
    runsAsk({ run: '20260102', request: 'stop-now' }, context, (...request) => asked.push(request));
  await expect(stop()).rejects.toMatchObject({
    code: 'not-running',
    message: expect.stringContaining('it is stopped'),
  });
  await writeStatus(empty, { ...statusOf('running'), updatedAt: '2026-01-01T12:00:00.000Z' });
  await expect(stop()).rejects.toMatchObject({
    code: 'not-running',
    message: expect.stringContaining('it is crashed'),
  });
  await writeStatus(empty, { ...statusOf('running'), host: 'elsewhere' });
  await expect(stop()).rejects.toMatchObject({ code: 'other-host' });
  expect(asked).toEqual([]);
  // A status names whom it likes: this one a process of the user that trains nothing.
  await writeStatus(empty, statusOf('running'));
  await expect(stop()).rejects.toMatchObject({
    code: 'no-lock',
    hint: expect.stringContaining(`process ${process.pid} `),
  });
  await writeStatus(empty, { ...statusOf('running'), updatedAt: '2099-01-01T00:00:00.000Z' });
  await expect(stop()).rejects.toMatchObject({ code: 'no-lock' });
  const lock = await lockRun(empty);
  const file = join(empty, 'lock.json');
  const holder = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeStatus(empty, statusOf('running'));
  for (const changed of [{ began: undefined }, { machine: 'elsewhere pid:[1]' }, { pid: 2 ** 30 }]) {
    await writeFile(file, JSON.stringify({ ...holder, ...changed }));
    await expect(stop()).rejects.toMatchObject({ code: 'no-lock' });
  }
  // A later process of the same number.
  await writeFile(file, JSON.stringify({ ...holder, began: '-1' }));
  await expect(stop()).rejects.toMatchObject({ code: 'not-running' });
  expect(asked).toEqual([]);
  await writeFile(file, JSON.stringify(holder));
  expect(await stop()).toBe(0);
  expect(asked).toEqual([[process.pid, 'SIGTERM']]);
  expect(out()).toContain(`Asked process ${process.pid} to stop`);
  await lock.release();
});
