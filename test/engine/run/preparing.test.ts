import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runsAsk } from '../../../src/commands/runs-ask.ts';
import { watch } from '../../../src/commands/open.ts';
import { runsList, runsPrune, runsRemove } from '../../../src/commands/runs.ts';
import { holderText } from '../../../src/engine/base/lock.ts';
import {
  askRun,
  findRun,
  followRun,
  lockRun,
  reserveRun,
  runWord,
  statusOf,
  writeStatus,
  type RunStatus,
} from '../../../src/engine/run/index.ts';
import { beforePreparing } from '../../../src/engine/run/preparing.ts';
import { takeRequests } from '../../../src/engine/run/requests.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { sceneIn } from '../../commands/scene.ts';
import { headerOf, temporary, writeRun } from './sample-run.ts';
import { createRun } from '../../support/held-run.ts';

const id = '20260101-1200-lenet-abcd';
const steps = [{ label: 'downloading CIFAR-10', done: 5, total: 10, unit: 'bytes' as const }];
const preparing = { id, createdAt: '2026-01-01T12:00:00.000Z', network: 'lenet', dataset: 'cifar10', steps };
const said = (changes: Partial<RunStatus> = {}): RunStatus => ({
  ...statusOf('preparing', { preparing, requests: ['stop-now'] }),
  ...changes,
});

/** A user with a run that this process prepares. */
async function home() {
  const directory = await temporary();
  const scene = sceneIn(directory);
  const { runs } = scene.context.paths;
  const run = join(runs, id);
  const lock = await reserveRun(run);
  await writeStatus(run, said());
  return { directory, runs, run, lock, scene };
}

async function eventsOf(run: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of followRun(run, AbortSignal.timeout(20_000), { pollMs: 20 })) events.push(event);
  return events;
}

test('a run that is being prepared is listed, found by what changes it, and told of by what reads it', async () => {
  const { directory, runs, run, scene } = await home();
  const { context, out } = scene;
  await runsList(context, () => Date.parse('2026-01-01T12:00:30.000Z'));
  expect(out()).toMatch(/^20260101-1200-lenet-abcd +lenet +cifar10 +preparing +0 .* 30 s ago$/m);
  const json = sceneIn(directory, true);
  await runsList(json.context);
  expect(JSON.parse(json.out())).toMatchObject({
    runs: [{ id, network: 'lenet', dataset: 'cifar10', state: 'preparing', prepared: false, ending: null }],
    unreadable: [],
  });
  for (const word of ['last', id, '2026', run]) {
    expect(await findRun({ runs, cwd: '/', unprepared: true }, word)).toBe(run);
  }
  await expect(findRun({ runs }, id)).rejects.toMatchObject({
    code: 'not-prepared',
    exitCode: 4,
    hint: `Watch it with: deepview-tui watch ${id}`,
  });
  await expect(findRun({ runs }, 'last')).rejects.toMatchObject({ code: 'no-runs' });
  await expect(runsRemove({ runs: [id], yes: true }, context, 1)).rejects.toMatchObject({ code: 'run-in-use' });
  expect(await runsPrune({ yes: true }, context)).toBe(0);
  expect(await readdir(runs)).toEqual([id]);
});

test('one whose process was killed is told from a run that crashed, and deleted as any other', async () => {
  const { runs, run, scene } = await home();
  await writeStatus(run, said({ pid: 2 ** 30 }));
  await writeFile(join(run, 'lock.json'), JSON.stringify({ ...JSON.parse(holderText()), pid: 2 ** 30 }));
  await writeFile(join(run, '.status.json.77.tmp'), '{');
  // Killed in its first moment, before it said anything; and a folder that is no run at all.
  await mkdir(join(runs, '20260101-1201-nin-efgh'));
  await mkdir(join(runs, 'notes'));
  // What was recorded is kept, also where run.json is lost.
  await mkdir(join(runs, 'lost'));
  await writeFile(join(runs, 'lost', 'status.json'), JSON.stringify(statusOf('stopped')));
  await writeFile(join(runs, 'lost', 'epochs.jsonl'), '{"epoch":1}\n');
  const { context, out } = scene;
  await runsList(context);
  expect(out().match(/crashed while preparing/g)).toHaveLength(2);
  await expect(findRun({ runs }, id)).rejects.toMatchObject({ code: 'not-prepared', message: /ended before/ });
  expect(await eventsOf(run)).toEqual([
    { type: 'begun', id, directory: run, network: 'lenet', dataset: 'cifar10' },
    { type: 'step', progress: steps[0] },
    { type: 'state', state: 'crashed', requests: ['stop-now'] },
  ]);
  expect(await runsPrune({ yes: true }, context)).toBe(0);
  expect((await readdir(runs)).sort()).toEqual(['lost', 'notes']);
});

test('it is followed into its first epoch, or to where it failed', async () => {
  const { run, lock } = await home();
  const events = eventsOf(run);
  const writer = await createRun(run, headerOf({ id }), lock);
  await writeStatus(run, statusOf('stopped'));
  const told = await events;
  expect(told.map(({ type }) => type)).toContain('run');
  expect(told.at(-1)).toEqual({ type: 'state', state: 'stopped' });
  await writer.close();

  const failed = await home();
  const error = { code: 'data-unavailable', message: 'no connection' };
  await writeStatus(failed.run, { ...statusOf('failed', { error, preparing }) });
  await failed.lock.release();
  expect((await eventsOf(failed.run)).at(-1)).toEqual({ type: 'state', state: 'failed', error });
  await watch({ run: failed.run }, failed.scene.context);
  expect(failed.scene.out()).toBe(`${id} is being prepared\nfailed\nno connection\n`);
  await expect(findRun({ runs: failed.runs }, id)).rejects.toThrow(/no connection/);
});

test('one that was killed before it said anything is watched to its end, which says so', async () => {
  const { runs, run, scene } = await home();
  const dead = { ...(JSON.parse(holderText()) as { host: string }), pid: 2 ** 30 };
  for (const directory of [run, join(runs, 'named')]) {
    await mkdir(directory, { recursive: true });
    await rm(join(directory, 'status.json'), { force: true });
    await writeFile(join(directory, 'lock.json'), JSON.stringify(dead));
    expect((await eventsOf(directory)).map(({ type }) => type)).toEqual(['begun', 'notice', 'state']);
    const { context, out } = sceneIn(scene.context.cwd);
    expect(await watch({ run: directory }, context)).toBe(1);
    expect(out()).toMatch(/^process 1073741824 on .* ended before it said anything of the run: .*\ncrashed$/m);
  }
});

test('a folder of the user own is emptied, not removed; one that was made goes, and no lock before its status', async () => {
  const directory = await temporary();
  const [own, made] = [join(directory, 'own'), join(directory, 'made')];
  await mkdir(own);
  for (const [run, isMade] of [
    [own, false],
    [made, true],
  ] as const) {
    const reserved = await reserveRun(run);
    expect(reserved.isMade).toBe(isMade);
    reserved.handOver();
    await writeStatus(run, said());
    await mkdir(join(run, 'requests'));
    const { restore } = await beforePreparing(run, reserved.isMade);
    await restore();
  }
  expect(await readdir(directory)).toEqual(['own']);
  expect(await readdir(own)).toEqual([]);
});

test('the lock of a run whose process says that it is over is waited for, and of no other', async () => {
  const { run } = await home();
  await expect(lockRun(run)).rejects.toMatchObject({ code: 'run-in-use' });
  await writeStatus(run, statusOf('stopped'));
  await mkdir(join(run, 'requests'));
  const { release } = await beforePreparing(run, true);
  const waiting = lockRun(run);
  await release();
  await (await waiting).release();
  expect(await readdir(run)).toEqual(['status.json']);
});

test('a directory is left as it was where a run could not be prepared', async () => {
  const { runs, run, lock } = await home();
  const fresh = await beforePreparing(run, true);
  expect(fresh.isNew).toBe(true);
  await fresh.restore();
  // Asked just when it was stopped: it does not come back by that.
  await expect(askRun(run, 'stop-now')).rejects.toThrow(/cannot create .*requests/);
  expect(await readdir(runs)).toEqual([]);
  await lock.release();

  await writeRun(run, { header: headerOf({ id }) });
  await writeStatus(run, statusOf('finished'));
  const before = await readFile(join(run, 'status.json'), 'utf8');
  const held = await lockRun(run);
  const { isNew, restore } = await beforePreparing(run, false);
  await writeStatus(run, said());
  expect(isNew).toBe(false);
  await restore();
  expect(await readFile(join(run, 'status.json'), 'utf8')).toBe(before);
  await held.release();
});

test('requests are taken once each, in their order, by whom they are meant for', async () => {
  const { run, lock } = await home();
  expect(await takeRequests(run)).toEqual([]);
  const first = await askRun(run, 'pause');
  const second = await askRun(run, 'continue');
  const withdrawn = await askRun(run, 'stop-now');
  expect([await first.waits(), await withdrawn.withdraw(), await withdrawn.withdraw()]).toEqual([true, true, false]);
  const folder = join(run, 'requests');
  const names = await readdir(folder);
  expect(names).toHaveLength(2);
  // The order is that of their times, whatever they are called.
  for (const name of names) {
    const { request } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { request: string };
    await utimes(join(folder, name), 0, request === 'pause' ? 2 : 1);
  }
  await writeFile(join(folder, 'hostile.json'), '{"request":"delete everything"}');
  await writeFile(join(folder, 'late.json'), '{"request":"stop-now","writer":"of another training"}');
  await writeFile(join(folder, '.half.json.9.tmp'), '{"req');
  expect(await takeRequests(run)).toEqual(['continue', 'pause']);
  expect(await takeRequests(run)).toEqual([]);
  expect([await first.waits(), await second.waits()]).toEqual([false, false]);
  expect(await readdir(folder)).toEqual(['.half.json.9.tmp']);

  // Nothing is taken from behind a link, nor written there.
  const elsewhere = await temporary();
  await writeFile(join(elsewhere, 'settings.json'), '{}');
  await rm(folder, { recursive: true });
  await symlink(elsewhere, folder);
  await expect(takeRequests(run)).rejects.toMatchObject({ code: 'is-a-link' });
  await expect(askRun(run, 'pause')).rejects.toMatchObject({ code: 'is-a-link' });
  expect(await readdir(elsewhere)).toEqual(['settings.json']);
  await lock.release();
});

test('asking says what was done, what cannot be, and that nobody heard', async () => {
  const { run, directory, lock } = await home();
  const ask = async (request: Parameters<typeof runsAsk>[0]['request'], wait = 300) => {
    const { context, out } = sceneIn(directory, true);
    const code = await runsAsk({ run: id, request }, context, undefined, wait);
    return { code, ...(JSON.parse(out()) as object) };
  };
  await expect(ask('pause')).rejects.toMatchObject({ code: 'still-preparing', exitCode: 1 });
  await createRun(run, headerOf({ id }), lock);
  const all = ['pause', 'continue', 'stop-after-epoch', 'stop-now'];
  await writeStatus(run, statusOf('running', { requests: all }));
  expect(await ask('continue')).toMatchObject({ code: 0, state: 'running', ending: null });
  await expect(ask('pause')).rejects.toMatchObject({ code: 'not-heard' });
  expect(await readdir(join(run, 'requests'))).toEqual([]);

  const answering = async (status: RunStatus): Promise<void> => {
    while ((await takeRequests(run)).length === 0);
    await writeStatus(run, status);
  };
  const [paused] = await Promise.all([ask('pause', 20_000), answering(statusOf('paused', { requests: all }))]);
  expect(paused).toEqual({ code: 0, format: 1, id, directory: run, request: 'pause', state: 'paused', ending: null });
  const ending = statusOf('running', { requests: all, ending: 'after-epoch' });
  const [stopping] = await Promise.all([ask('stop-after-epoch', 20_000), answering(ending)]);
  expect(stopping).toMatchObject({ code: 0, state: 'running', ending: 'after-epoch' });
  const [stopped] = await Promise.all([ask('stop-now', 20_000), answering(statusOf('stopped'))]);
  expect(stopped).toMatchObject({ code: 0, state: 'stopped', ending: null });
  await expect(ask('continue')).rejects.toMatchObject({ code: 'not-running' });

  // Killed meanwhile: its status goes on saying that it runs.
  await writeStatus(run, statusOf('running', { requests: all }));
  const killed = { ...statusOf('running', { requests: all }), pid: 2 ** 30 };
  await expect(Promise.all([ask('pause', 20_000), answering(killed)])).rejects.toThrow(
    'not being trained: it is crashed',
  );

  // In words: what it does then, also where it ended otherwise than was asked.
  const inWords = async (request: Parameters<typeof runsAsk>[0]['request'], status: RunStatus): Promise<string> => {
    await writeStatus(run, statusOf('running', { requests: all }));
    const { context, out } = sceneIn(directory);
    await Promise.all([runsAsk({ run: id, request }, context, undefined, 20_000), answering(status)]);
    return out().trim().split('\n').at(-1)!;
  };
  const now = statusOf('running', { requests: all, ending: 'now' });
  expect(await inWords('stop-after-epoch', now)).toBe(`${id} is going to stop.`);
  expect(await inWords('stop-now', statusOf('finished'))).toMatch(/is finished, .*; see it with: deepview-tui open /);
  expect(await inWords('stop-now', statusOf('stopped'))).toMatch(/; go on with: deepview-tui train --resume /);

  // A run of another program is not gone on with by this one.
  const header = join(run, 'run.json');
  const ours = await readFile(header, 'utf8');
  await writeFile(header, ours.replace('"name":"deepview-tui"', '"name":"deepview-tui (Python)"'));
  expect(await inWords('stop-now', statusOf('stopped'))).toMatch(/ is stopped, .*; see it with: deepview-tui open /);

  // What a recorder does not take is refused; it can only be sent a signal where it does not take to stop.
  await writeStatus(run, statusOf('running'));
  await expect(ask('stop-after-epoch')).rejects.toMatchObject({ code: 'takes-no-requests' });
  await writeStatus(run, statusOf('running', { requests: ['pause', 'continue'] }));
  await expect(ask('stop-after-epoch')).rejects.toThrow('takes no request to stop after this epoch');
  const sent: unknown[] = [];
  await runsAsk({ run: id, request: 'stop-now' }, sceneIn(directory).context, (...given) => sent.push(given));
  expect(sent).toEqual([[process.pid, 'SIGTERM']]);
  await lock.release();
});

test('the word for a run is its id, its path where it lies elsewhere, or demo', async () => {
  expect(runWord('/runs/a b', '/runs')).toBe(`'a b'`);
  expect(runWord('/runs/one', '/runs/')).toBe('one');
  expect(runWord(`/tmp/it's/one`, '/runs')).toBe(`'/tmp/it'\\''s/one'`);
  const { demoRun } = await import('../../../src/engine/base/program-files.ts');
  expect(runWord(demoRun(), '/runs')).toBe('demo');
});
