import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { withLock } from '../../../src/engine/transfer/lock.ts';
import { bundled, start } from './child.ts';
import { recording, temporaryDirectory, type Recorded } from './support.ts';

let lock: string;
let journal: string;
let recorded: Recorded;

beforeEach(async () => {
  const directory = await temporaryDirectory();
  lock = join(directory, 'deep', 'a.lock');
  journal = join(directory, 'journal');
  recorded = recording();
});

const lines = (): Promise<string[]> =>
  readFile(journal, 'utf8').then(
    (text) => text.trimEnd().split('\n'),
    () => [],
  );

it('lets one process at a time work, and says whom the others wait for', async () => {
  const program = await bundled(new URL('lock-child.ts', import.meta.url));
  const children = Array.from({ length: 4 }, () => start(program, [lock, journal, '60']));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
  const seen = await lines();
  expect(seen).toHaveLength(8);
  for (let i = 0; i < 8; i += 2) expect(seen[i + 1]).toBe(seen[i].replace('+', '-'));
  const pids = children.map(({ pid }) => pid);
  const notices = children.flatMap(({ output }) => output().split('\n').filter(Boolean));
  for (const notice of notices) {
    expect(pids).toContain(Number(/^waiting for process (\d+), which is testing$/.exec(notice)?.[1]));
  }
});

it('takes over from a process that was killed', async () => {
  const program = await bundled(new URL('lock-child.ts', import.meta.url));
  const holder = start(program, [lock, journal, '0']);
  await expect.poll(lines).toHaveLength(1);
  holder.kill();
  expect(await holder.ended).toBe('SIGKILL');
  expect(await withLock(lock, { label: 'testing', context: recorded.context }, () => Promise.resolve('mine'))).toBe(
    'mine',
  );
});

it('takes over from a holder elsewhere that shows no sign of life', async () => {
  await withLock(lock, { label: 'testing', context: recorded.context }, () => Promise.resolve());
  await writeFile(lock, JSON.stringify({ pid: 1, machine: 'another machine', token: 'theirs' }));
  const options = { label: 'testing', context: recorded.context, patience: 300 };
  expect(await withLock(lock, options, () => Promise.resolve('mine'))).toBe('mine');
  expect(recorded.notices).toEqual(['waiting for process 1, which is testing']);
});

it('takes over a lock file that says nothing', async () => {
  await withLock(lock, { label: 'testing', context: recorded.context }, () => Promise.resolve());
  await writeFile(lock, '\u001b[2Jnot JSON');
  const options = { label: 'testing', context: recorded.context, patience: 300 };
  expect(await withLock(lock, options, () => Promise.resolve('mine'))).toBe('mine');
});

it('can be cancelled while it waits, and leaves the lock to its holder', async () => {
  const { context, abort } = recorded;
  await withLock(lock, { label: 'testing', context }, async () => {
    const waiting = withLock(lock, { label: 'testing', context }, () => Promise.resolve());
    await expect.poll(() => recorded.notices.length).toBe(1);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid });
  });
  await expect(readFile(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('lets go when the work fails', async () => {
  const failing = withLock(lock, { label: 'testing', context: recorded.context }, () =>
    Promise.reject(new Error('no')),
  );
  await expect(failing).rejects.toThrow('no');
  await expect(readFile(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('tells a holder that somebody took over meanwhile', async () => {
  const robbed = withLock(lock, { label: 'testing', context: recorded.context }, () =>
    writeFile(lock, JSON.stringify({ pid: 1, machine: 'another machine', token: 'theirs' })),
  );
  await expect(robbed).rejects.toMatchObject({ code: 'lock-lost' });
});
