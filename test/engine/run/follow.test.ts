import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createRun,
  followRun,
  heartbeat,
  isActive,
  openRun,
  stateOf,
  statusOf,
  surroundings,
  writeStatus,
} from '../../../src/engine/run/index.ts';
import type { RunEvent } from '../../../src/engine/training/messages.ts';
import { epochOf, headerOf, temporary, writeRun } from './sample-run.ts';

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
  const around = { ...surroundings, now: () => at + 1000, isAlive: () => true };
  expect(stateOf(running, counts, around)).toBe('running');
  expect(stateOf(running, counts, { ...around, isAlive: () => false })).toBe('crashed');
  expect(stateOf(running, counts, { ...around, now: () => at + heartbeat.staleAfterMs + 1 })).toBe('crashed');
  // A time to come, on this machine's own clock.
  expect(stateOf(running, counts, { ...around, now: () => at - heartbeat.staleAfterMs - 1 })).toBe('crashed');
  // Another machine's processes cannot be seen: its heartbeat is believed.
  expect(stateOf({ ...running, host: 'elsewhere' }, counts, { ...around, isAlive: () => false })).toBe('running');
  expect(stateOf(statusOf('finished'), counts, { ...around, isAlive: () => false })).toBe('finished');
  expect([stateOf(undefined, counts), stateOf(undefined, { done: 3, planned: 3 })]).toEqual(['stopped', 'finished']);
  expect(isActive(statusOf('stopped'), around)).toBe(false);
});

test('an unreadable status does not keep a run from being opened', async () => {
  const directory = join(await temporary(), 'run');
  await writeRun(directory);
  await writeFile(join(directory, 'status.json'), '{"state":"runn');
  expect((await openRun(directory)).state).toBe('finished');
  await cp(join(directory, 'run.json'), join(directory, 'status.json'));
  expect((await openRun(directory)).status).toBeUndefined();
});
