import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { listKept, removeKept, removeLeftover } from '../../../src/engine/data/store/kept.ts';
import { isInUse } from '../../../src/engine/data/store/leases.ts';
import { openStore } from '../../../src/engine/data/store/open-store.ts';
import { storeDirectory } from '../../../src/engine/data/store/provide-store.ts';
import { writeStore } from '../../../src/engine/data/store/write-store.ts';
import { pathsFor, type Paths } from '../../../src/engine/base/paths.ts';
import { holderText, withLock } from '../../../src/engine/base/lock.ts';
import { temporaryDirectory } from '../transfer/support.ts';

const day = 86_400_000;
const signal = new AbortController().signal;
const others: ChildProcess[] = [];
afterAll(() => others.forEach((each) => each.kill('SIGKILL')));

/** Another process, which does nothing. */
function otherProcess(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  others.push(child);
  return child;
}

async function store(paths: Paths, source: string, count = 4): Promise<string> {
  const directory = storeDirectory(paths, 'test', source);
  const images = Readable.from(
    Array.from({ length: count }, (_, i) => ({ pixels: new Uint8Array(12).fill(i), label: i % 2 })),
  );
  await writeStore(directory, {
    name: basename(source),
    source,
    classes: ['ant', 'bee'],
    imageShape: [2, 2, 3],
    parts: [{ name: 'all', atMost: count, images }],
  });
  return directory;
}

async function markedBy(
  directory: string,
  pid: number,
  machine = (JSON.parse(holderText()) as { machine: string }).machine,
): Promise<string> {
  const folder = join(dirname(directory), '.uses');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${basename(directory)}.${pid}`);
  await writeFile(path, JSON.stringify({ pid, machine, token: 'x' }));
  return path;
}

const used = (path: string, daysAgo: number): Promise<void> => {
  const at = new Date(Date.now() - daysAgo * day);
  return utimes(path, at, at);
};

describe('listKept', () => {
  it('lists prepared images and what was left half done, the last used first', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    expect(await listKept(paths)).toEqual([]);
    const first = await store(paths, '/home/somebody/pets');
    await used(first, 3);
    const second = await store(paths, '/home/somebody/scans', 6);
    const whitened = join(paths.cache, 'whitened', 'ab'.repeat(12));
    await mkdir(whitened, { recursive: true });
    await writeFile(join(whitened, 'train.f32'), Buffer.alloc(1000));
    await writeFile(join(whitened, 'manifest.json'), '{"name":"cifar10","crc32":{}}');
    await used(whitened, 40);
    const draft = join(paths.cache, 'images', `.${basename(first)}.x.tmp`);
    const young = join(paths.cache, 'whitened', '.new-abc');
    const download = join(paths.cache, 'downloads', 'cifar.tar.gz');
    for (const folder of [draft, young, dirname(download)]) await mkdir(folder, { recursive: true });
    await writeFile(download, 'half of it');
    await writeFile(join(draft, 'all.bin'), 'some');
    await used(join(draft, 'all.bin'), 50);
    await used(draft, 50);
    await used(download, 60);
    // Nothing of the program's own: left alone.
    await mkdir(join(paths.cache, 'images', 'holiday'));
    await symlink('/etc', join(paths.cache, 'images', 'cd'.repeat(16)));
    const kept = await listKept(paths);
    expect(kept.map(({ kind, path }) => [kind, path])).toEqual([
      ['images', second],
      ['images', first],
      ['whitened', whitened],
      ['leftover', draft],
      ['leftover', download],
    ]);
    expect(kept[0]).toMatchObject({
      name: 'scans',
      source: '/home/somebody/scans',
      imageShape: [2, 2, 3],
      images: 6,
      inUse: false,
    });
    expect(kept[0].bytes).toBeGreaterThan(72);
    expect(kept[2]).toMatchObject({ name: 'cifar10', bytes: 1029 });
  });
});

describe('a lock', () => {
  it('that a killed process left is listed and deleted; one that is held is neither', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const images = await store(paths, '/pets');
    const locks = [join(paths.cache, 'mnist.lock'), `${images}.lock`, join(paths.cache, 'downloads', 'mnist.gz.lock')];
    await mkdir(dirname(locks[2]));
    // No process has a number as high.
    const killed = JSON.stringify({ ...JSON.parse(holderText()), pid: 2 ** 30 });
    for (const lock of locks) await writeFile(lock, killed);
    const kept = await listKept(paths);
    expect(
      kept
        .filter(({ kind }) => kind === 'leftover')
        .map(({ path }) => path)
        .sort(),
    ).toEqual([...locks].sort());
    for (const lock of locks) await writeFile(lock, holderText());
    expect((await listKept(paths)).map(({ kind }) => kind)).toEqual(['images']);
    expect(await removeLeftover(locks[0])).toBe(false);
    await writeFile(locks[0], killed);
    expect(await removeLeftover(locks[0])).toBe(true);
    expect(await readdir(paths.cache)).not.toContain('mnist.lock');
  });
});

describe('removeKept', () => {
  it('deletes what nobody uses, with nothing left behind', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const directory = await store(paths, '/pets');
    expect(await removeKept(directory, signal)).toBe(true);
    expect(await readdir(dirname(directory))).toEqual([]);
    expect(await removeKept(directory, signal)).toBe(false);
  });

  it('keeps what this process has opened, which thereby was used just now', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const directory = await store(paths, '/pets');
    await used(directory, 100);
    expect((await openStore(directory, { inMemory: 0 })).state).toBe('ready');
    expect(Date.now() - (await stat(directory)).mtimeMs).toBeLessThan(day);
    expect(await removeKept(directory, signal)).toBe(false);
    expect((await listKept(paths))[0]).toMatchObject({ inUse: true });
  });

  it('keeps what another process uses until that has ended', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const directory = await store(paths, '/pets');
    const training = otherProcess();
    await markedBy(directory, training.pid!);
    expect(await removeKept(directory, signal)).toBe(false);
    training.kill('SIGKILL');
    await once(training, 'exit');
    expect(await removeKept(directory, signal)).toBe(true);
    expect(await readdir(join(dirname(directory), '.uses'))).toEqual([]);
  });

  it('keeps for a month what another machine uses', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const directory = await store(paths, '/pets');
    const mark = await markedBy(directory, 1, 'elsewhere');
    await used(mark, 29);
    expect(await isInUse(directory)).toBe(true);
    await used(mark, 31);
    expect(await isInUse(directory)).toBe(false);
  });

  it('keeps what is being written', async () => {
    const paths = pathsFor({ HOME: await temporaryDirectory() });
    const directory = await store(paths, '/pets');
    const context = { onNotice: () => undefined, signal };
    await withLock(`${directory}.lock`, { label: 'reading pets', context }, async () => {
      expect(await removeKept(directory, signal)).toBe(false);
    });
    expect(await removeKept(directory, signal)).toBe(true);
  });
});
