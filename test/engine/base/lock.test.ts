import { spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { holderText, isAlive, isLocked, tryLock, withLock } from '../../../src/engine/base/lock.ts';
import { bundled, start } from '../transfer/child.ts';
import { recording, temporaryDirectory, type Recorded } from '../transfer/support.ts';

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

it('goes with a process that a signal ends in the middle of its work', async () => {
  const program = await bundled(new URL('lock-child.ts', import.meta.url));
  const holder = start(program, [lock, journal, '0']);
  await expect.poll(lines).toHaveLength(1);
  process.kill(holder.pid, 'SIGTERM');
  expect(await holder.ended).toBe(130);
  expect(await readdir(dirname(lock))).toEqual([]);
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

const own = JSON.parse(holderText()) as { pid: number; host: string; machine: string; began?: string };
const silentFor = (path: string, seconds: number): Promise<void> => {
  const at = new Date(Date.now() - seconds * 1000);
  return utimes(path, at, at);
};

describe('a lock that is taken at once or not at all', () => {
  let path: string;
  let sign: string;
  const attempt = (look = 20) => tryLock(path, sign, look);

  beforeEach(async () => {
    const directory = await temporaryDirectory();
    path = join(directory, 'lock.json');
    sign = join(directory, 'status.json');
  });

  it('is held by one, who alone gives it back', async () => {
    const first = await attempt();
    if (!('release' in first)) throw new Error('it was free');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    expect(await attempt()).toMatchObject({ holder: { pid: process.pid, host: hostname() } });
    expect(await isLocked(path)).toBe(true);
    await first.release();
    expect(await isLocked(path)).toBe(false);
    await attempt();
    await first.release();
    expect(await readdir(dirname(path))).toEqual(['lock.json']);
  });

  it('is taken from a process that was killed, however short ago', async () => {
    const program = await bundled(new URL('lock-child.ts', import.meta.url));
    const holder = start(program, [path, journal, '0']);
    await expect.poll(lines).toHaveLength(1);
    expect(await attempt()).toMatchObject({ holder: { pid: holder.pid } });
    holder.kill();
    await holder.ended;
    expect(await isLocked(path)).toBe(false);
    expect(await attempt()).toHaveProperty('release');
  });

  it.skipIf(own.began === undefined)('is taken from a process that was killed and never asked after', async () => {
    const program = await bundled(new URL('lock-child.ts', import.meta.url));
    // What the shell becomes knows of no child, and waits for none.
    const script = '"$0" "$@" & exec sleep 1000';
    const parent = spawn('sh', ['-c', script, process.execPath, program, path, journal, '0'], { stdio: 'ignore' });
    onTestFinished(() => void parent.kill());
    await expect.poll(lines).toHaveLength(1);
    const pid = Number((await lines())[0]);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    expect(isAlive(pid)).toBe(false);
    expect(await isLocked(path)).toBe(false);
    expect(await attempt()).toHaveProperty('release');
  });

  it('is kept by a living process, however silent', async () => {
    await attempt();
    await silentFor(path, 1e6);
    expect(await attempt()).toMatchObject({ holder: { pid: process.pid } });
  });

  it.skipIf(own.began === undefined)('is taken where the number belongs to another process by now', async () => {
    await writeFile(path, JSON.stringify({ ...own, began: '-1' }));
    expect(await isLocked(path)).toBe(false);
    expect(await attempt()).toHaveProperty('release');
  });

  it.each<[string, string]>([
    ['of another machine', JSON.stringify({ pid: 1, host: 'elsewhere', machine: 'elsewhere pid:[1]' })],
    ['of another container here', JSON.stringify({ ...own, machine: `${own.host} pid:[1]` })],
    ['of an earlier version elsewhere', JSON.stringify({ pid: 1, host: 'elsewhere' })],
    ['that is no JSON', '{"pid": 1'],
    ['that is empty', ''],
    ['that names no process', '{"pid": "1", "host": "elsewhere"}'],
  ])(
    'of a holder that cannot be asked, by a lock %s, is taken a minute after the last sign of life',
    async (_, text) => {
      await writeFile(path, text);
      expect(await attempt()).toHaveProperty('holder');
      await silentFor(path, 50);
      expect(await attempt()).toHaveProperty('holder');
      await silentFor(path, 100);
      await writeFile(sign, 'at work');
      expect(await attempt()).toHaveProperty('holder');
      await silentFor(sign, 70);
      expect(await attempt()).toHaveProperty('release');
      expect((await readdir(dirname(path))).sort()).toEqual(['lock.json', 'status.json']);
    },
  );

  it.each(['lock', 'status'])(
    'is left to a holder elsewhere whose clock is wrong, but who goes on (%s)',
    async (what) => {
      const elsewhere = JSON.stringify({ pid: 1, host: 'elsewhere', machine: 'elsewhere pid:[1]' });
      await writeFile(path, elsewhere);
      await writeFile(sign, 'at work');
      let hours = 2000;
      const write = (): Promise<void> => silentFor(what === 'lock' ? path : sign, 3600 * hours--);
      for (const file of [path, sign]) await silentFor(file, 1e8);
      await write();
      const beat = setInterval(() => void write(), 1);
      onTestFinished(() => clearInterval(beat));
      expect(await attempt(200)).toMatchObject({ holder: { host: 'elsewhere' } });
      expect(await readFile(path, 'utf8')).toBe(elsewhere);
    },
  );

  it.each([
    ['runs', { pid: own.pid, host: own.host }],
    ['the cache', { pid: own.pid, machine: own.machine, token: 'x' }],
  ])('asks the holder of a lock that an earlier version made for %s', async (_, holder) => {
    await writeFile(path, JSON.stringify(holder));
    await silentFor(path, 1e6);
    expect(await attempt()).toMatchObject({ holder: { pid: process.pid } });
    // No process has a number as high.
    await writeFile(path, JSON.stringify({ ...holder, pid: 2 ** 30 }));
    expect(await attempt()).toHaveProperty('release');
  });

  it('cannot be taken in a directory that is not there', async () => {
    await rm(dirname(path), { recursive: true });
    await expect(attempt()).rejects.toMatchObject({ code: 'not-found' });
  });
});

it('says that the lock was lost with its directory', async () => {
  const robbed = withLock(lock, { label: 'testing', context: recorded.context }, () =>
    rm(dirname(lock), { recursive: true }),
  );
  await expect(robbed).rejects.toMatchObject({ code: 'lock-lost' });
  await expect(stat(dirname(lock))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('shows signs of life while it works', async () => {
  await withLock(lock, { label: 'testing', context: recorded.context, heartbeat: 20 }, async () => {
    await silentFor(lock, 1000);
    await expect.poll(async () => Date.now() - (await stat(lock)).mtimeMs < 100_000).toBe(true);
  });
});
