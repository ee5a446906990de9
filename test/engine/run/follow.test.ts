import { cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  followRun,
  heartbeat,
  isActive,
  notHeardOf,
  openRun,
  readStatus,
  stateOf,
  statusOf,
  surroundings,
  writeStatus,
  type RunStatus,
  type Surroundings,
} from '../../../src/engine/run/index.ts';
import type { RunEvent } from '../../../src/engine/training/messages.ts';
import { epochOf, headerOf, temporary, writeRun } from './sample-run.ts';
import { createRun } from '../../support/held-run.ts';

/** Follows until `enough` says so; the events in short. */
async function collect(
  directory: string,
  onEvent: (event: RunEvent, seen: string[]) => Promise<void> | void,
): Promise<string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const event of followRun(directory, stop.signal)) {
    seen.push(shortly(event));
    await onEvent(event, seen);
  }
  return seen;
}

function shortly(event: RunEvent): string {
  switch (event.type) {
    case 'epoch':
      return `epoch ${event.record.epoch}`;
    case 'batch':
      return `batch ${event.epoch}:${event.batch}`;
    case 'state':
      return event.state;
    case 'notice':
      return `notice: ${event.text}`;
    default:
      return event.type;
  }
}

test('a run that appears later is followed to its end', async () => {
  const directory = join(await temporary(), 'later', 'run');
  const following = collect(directory, () => undefined);
  const writer = await createRun(directory, headerOf());
  await writer.setStatus(statusOf('running'));
  for (const epoch of [1, 2]) {
    const { record, layers } = epochOf(writer.header, epoch);
    await writer.commitEpoch(record, layers);
  }
  await writer.setStatus(statusOf('finished'));
  await writer.close();
  const seen = await following;
  expect(seen.filter((one) => one !== 'running')).toEqual(['run', 'epoch 1', 'epoch 2', 'finished']);
});

test('each epoch is told as soon as it is committed, once, and progress between them', async () => {
  const directory = join(await temporary(), 'run');
  const writer = await createRun(directory, headerOf());
  await writer.setStatus(statusOf('running'));
  const commit = async (epoch: number): Promise<void> => {
    const { record, layers } = epochOf(writer.header, epoch);
    await writer.commitEpoch(record, layers);
  };
  const progress = {
    epoch: 2,
    batch: 5,
    batches: 6,
    loss: 1,
    imagesPerSecond: 9,
    secondsLeft: 3,
    phase: 'training',
  } as const;
  // Every answer of the writer waits for the event before it: none may be missing for the test to end.
  const seen = await collect(directory, async (event) => {
    if (event.type === 'state' && event.state === 'running') await commit(1);
    if (event.type === 'epoch' && event.record.epoch === 1) await writer.setStatus(statusOf('running', { progress }));
    if (event.type === 'batch') await commit(2);
    if (event.type === 'epoch' && event.record.epoch === 2) await writer.setStatus(statusOf('stopped'));
  });
  await writer.close();
  expect(seen).toEqual(['run', 'running', 'epoch 1', 'batch 2:5', 'epoch 2', 'stopped']);
});

test('a run that ends while its watcher is busy with an epoch is followed to its last one', async () => {
  const directory = join(await temporary(), 'run');
  const writer = await createRun(directory, headerOf());
  const commit = async (epoch: number): Promise<void> => {
    const { record, layers } = epochOf(writer.header, epoch);
    await writer.commitEpoch(record, layers);
  };
  await writer.setStatus(statusOf('running'));
  await commit(1);
  const seen = await collect(directory, async (event) => {
    if (event.type !== 'epoch' || event.record.epoch !== 1) return;
    await commit(2);
    await writer.setStatus(statusOf('stopped'));
  });
  await writer.close();
  expect(seen).toEqual(['run', 'epoch 1', 'running', 'epoch 2', 'stopped']);
});

test('the texts of a status are printable from the moment it is read', async () => {
  const directory = await temporary();
  const hostile = 'x\u001b[2J\u202e\n';
  await writeFile(
    join(directory, 'status.json'),
    JSON.stringify({
      ...{ state: 'failed', pid: 1, host: hostile, updatedAt: '2026-01-01T12:00:00.000Z', reason: hostile },
      error: { code: hostile, message: hostile, hint: hostile },
    }),
  );
  const shown = 'x\ufffd[2J\ufffd\ufffd';
  expect(await readStatus(directory)).toMatchObject({
    ...{ host: shown, reason: shown },
    error: { code: shown, message: shown, hint: shown },
  });
});

test('a run that is deleted while it is watched ends with a notice', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  await writeStatus(directory, statusOf('running'));
  const seen = await collect(directory, async (event) => {
    if (event.type === 'state') await rm(directory, { recursive: true, force: true });
  });
  expect(seen.slice(0, 3)).toEqual(['run', 'epoch 1', 'running']);
  expect(seen[3]).toMatch(/^notice: .* was deleted while it was watched$/);
});

test('a run that is cut or replaced is shown from its beginning', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 2 });
  await writeStatus(directory, statusOf('running'));
  const journal = join(directory, 'epochs.jsonl');
  const first = (await readFile(journal, 'utf8')).indexOf('\n') + 1;
  const seen = await collect(directory, async (event, before) => {
    if (event.type !== 'state') return;
    if (before.length < 5) {
      await truncate(journal, first);
    } else if (event.state === 'running') await writeStatus(directory, statusOf('stopped'));
  });
  expect(seen).toEqual([
    'run',
    'epoch 1',
    'epoch 2',
    'running',
    'notice: the run was replaced: shown from its beginning',
    'run',
    'epoch 1',
    'running',
    'stopped',
  ]);
});

test('a damaged line is told once; following goes on with the state', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  await writeFile(
    join(directory, 'epochs.jsonl'),
    `${await readFile(join(directory, 'epochs.jsonl'), 'utf8')}rubbish\n`,
  );
  await writeStatus(directory, statusOf('running'));
  const seen = await collect(directory, async (event) => {
    if (event.type === 'state') await writeStatus(directory, statusOf('failed'));
  });
  expect(seen).toEqual([
    'run',
    'epoch 1',
    expect.stringMatching(/^notice: .*line 2 is not JSON; shown are the epochs up to 1$/),
    'running',
    'failed',
  ]);
});

test('following ends when its signal is aborted', async () => {
  const stop = new AbortController();
  const following = followRun(join(await temporary(), 'never'), stop.signal).next();
  stop.abort();
  expect(await following).toEqual({ done: true, value: undefined });
});

test('a trainer that dies without a word has crashed', () => {
  const counts = { done: 1, planned: 3 };
  const running = statusOf('running');
  const at = Date.parse(running.updatedAt);
  const after = (ms: number): Surroundings => ({ ...surroundings, now: () => at + ms });
  const gone = { ...running, pid: 2 ** 31 };
  expect(stateOf(running, counts, after(1000))).toBe('running');
  expect(stateOf(gone, counts, after(1000))).toBe('crashed');
  // A recorder that writes its status once an epoch, or whose number another process has by now: it cannot be told.
  expect(stateOf(running, counts, after(heartbeat.staleAfterMs + 1))).toBe('silent');
  expect(stateOf({ ...running, holder: { ...holder, began: '1' } }, counts, after(1000))).toBe('crashed');
  expect(stateOf(running, counts, after(heartbeat.goneAfterMs + 1))).toBe('crashed');
  // Its lock names it with its beginning: a clock that was set, or a machine that slept, makes it no other.
  const held = { ...running, holder };
  expect(stateOf(held, counts, after(heartbeat.goneAfterMs + 1))).toBe('silent');
  // Another machine's processes cannot be seen, and its clock may be wrong.
  const elsewhere = { ...gone, host: 'elsewhere' };
  expect(stateOf(elsewhere, counts, after(1000))).toBe('running');
  expect(stateOf(elsewhere, counts, after(-60_000))).toBe('running');
  expect(stateOf(elsewhere, counts, after(45_000))).toBe('silent');
  expect(notHeardOf(elsewhere, after(45_000))).toBe('not heard of for 45 s');
  expect(isActive(elsewhere, after(45_000))).toBe(true);
  expect(stateOf(elsewhere, counts, after(heartbeat.goneAfterMs + 1))).toBe('crashed');
  expect(stateOf({ ...gone, state: 'finished' }, counts, after(1000))).toBe('finished');
  expect([stateOf(undefined, counts), stateOf(undefined, { done: 3, planned: 3 })]).toEqual(['stopped', 'finished']);
  expect(isActive(statusOf('stopped'), after(1000))).toBe(false);
});

/** This process, as a lock names it. */
const holder = { pid: process.pid, host: hostname() };

test('a status from the future is as old as its file', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const future = { ...statusOf('running'), host: 'elsewhere', updatedAt: '2099-01-01T00:00:00.000Z' };
  await writeStatus(directory, future);
  const { mtimeMs } = await stat(join(directory, 'status.json'));
  expect((await readStatus(directory))?.updatedAt).toBe(new Date(mtimeMs).toISOString());
  expect((await openRun(directory)).state).toBe('running');
});

test('a run of another machine is watched by its changes, not by its clock', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  const behind = (seconds: number): RunStatus => ({
    ...{ state: 'running', pid: 4242, host: 'elsewhere' },
    updatedAt: new Date(Date.now() - 1000 * seconds).toISOString(),
  });
  await writeStatus(directory, behind(45));
  let elapsed = 0;
  const stop = new AbortController();
  const around = { ...surroundings, elapsed: () => elapsed };
  const seen: string[] = [];
  for await (const event of followRun(directory, stop.signal, { around, pollMs: 1 })) {
    seen.push(shortly(event));
    if (event.type !== 'state') continue;
    // One look tells nothing; that it changes tells that it lives; then nothing more comes.
    if (seen.length === 4) await writeStatus(directory, behind(44));
    else if (seen.length === 5) elapsed += 30_000;
    else stop.abort();
  }
  const silent = 'notice: not heard of for XX s: process 4242 on elsewhere, which said that it is running';
  expect(seen.map((one) => one.replace(/\d+ s:/, 'XX s:'))).toEqual([
    'run',
    'epoch 1',
    silent,
    'silent',
    'running',
    silent,
    'silent',
  ]);
  expect(seen[5]).toContain('for 30 s');
});

test('a lock that another machine holds and that does not change is told to be over', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory, { epochs: 1 });
  await writeStatus(directory, { ...statusOf('running'), pid: 4242, host: 'elsewhere' });
  await writeFile(join(directory, 'lock.json'), '{"pid":4242,"host":"elsewhere"}');
  let elapsed = 0;
  const around = { ...surroundings, elapsed: () => (elapsed += 40_000) };
  const seen: string[] = [];
  for await (const event of followRun(directory, new AbortController().signal, { around, pollMs: 1 })) {
    seen.push(shortly(event));
  }
  expect(seen).toEqual(['run', 'epoch 1', 'running', 'crashed']);
});

test('an unreadable status does not keep a run from being opened', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  await writeFile(join(directory, 'status.json'), '{"state":"runn');
  expect((await openRun(directory)).state).toBe('finished');
  await cp(join(directory, 'run.json'), join(directory, 'status.json'));
  expect((await openRun(directory)).status).toBeUndefined();
});
