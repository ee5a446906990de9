import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { dataPrune, dataRemove } from '../../src/commands/data-kept.ts';
import { dataList, dataPath } from '../../src/commands/data.ts';
import { openStore } from '../../src/engine/data/store/open-store.ts';
import { storeDirectory } from '../../src/engine/data/store/provide-store.ts';
import { writeStore } from '../../src/engine/data/store/write-store.ts';
import { temporaryDirectory } from '../engine/transfer/support.ts';
import { sceneIn } from './scene.ts';

const day = 86_400_000;

/** A cache with images of `pets`, used today, and of `scans`, used 40 days ago. */
async function scene(json = false) {
  const home = await temporaryDirectory();
  const own = sceneIn(home);
  const context = { ...own.context, json };
  const kept = async (name: string, daysAgo: number): Promise<string> => {
    const source = join(home, name);
    await mkdir(source);
    const directory = storeDirectory(context.paths, name);
    const images = Readable.from([0, 1].map((label) => ({ pixels: new Uint8Array(12), label })));
    const parts = [{ name: 'all' as const, atMost: 2, images }];
    await writeStore(directory, { name, source, classes: ['ant', 'bee'], imageShape: [2, 2, 3], parts });
    const at = new Date(Date.now() - daysAgo * day);
    await utimes(directory, at, at);
    return directory;
  };
  return { ...own, context, home, pets: await kept('pets', 0), scans: await kept('scans', 40) };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('data list', () => {
  it('lists what is kept below the data sets', async () => {
    const { context, out, home } = await scene();
    await dataList({}, context);
    const lines = out().split('\n').slice(5);
    expect(lines[0]).toBe('');
    expect(lines[1]).toMatch(/^Kept of them, ready for the next training \(\d.*; data prune deletes what is old\):$/);
    expect(lines[2]).toMatch(/^[0-9a-f]{12} {2}images {2}pets +2x2x3 +2 .* used \d+ s ago/);
    expect(lines[3]).toMatch(/^[0-9a-f]{12} {2}images {2}scans .* used 40 days ago/);
    expect(lines[3].endsWith(join(home, 'scans'))).toBe(true);
  });

  it('has them under --json', async () => {
    const { context, out, pets } = await scene(true);
    await dataList({}, context);
    const { kept } = JSON.parse(out()) as { kept: unknown[] };
    expect(kept).toHaveLength(2);
    expect(kept[0]).toMatchObject({ kind: 'images', path: pets, name: 'pets', images: 2, inUse: false });
  });
});

describe('data path', () => {
  it('prints where images of one’s own are kept, or how to keep them', async () => {
    const { context, out, home, pets } = await scene();
    expect(await dataPath({ name: './pets' }, context)).toBe(0);
    expect(out()).toBe(`${pets}\n`);
    await mkdir(join(home, 'birds'));
    await expect(dataPath({ name: './birds' }, context)).rejects.toMatchObject({
      code: 'not-fetched',
      exitCode: 4,
      message: 'The images of ./birds have not been read yet.',
      hint: expect.stringContaining('deepview-tui data fetch ./birds'),
    });
    await expect(dataPath({ name: './cats' }, context)).rejects.toMatchObject({ code: 'not-found', exitCode: 2 });
  });
});

describe('data prune', () => {
  it('deletes what has not been used for a month, once that is confirmed', async () => {
    const { context, out, pets, scans } = await scene();
    await expect(dataPrune({ yes: false, dryRun: false }, context)).rejects.toMatchObject({ code: 'needs-yes' });
    expect(await dataPrune({ yes: true, dryRun: false }, context)).toBe(0);
    expect(out()).toMatch(/^Deleted scans \(images\), \d+ B\.\n$/);
    expect([await isThere(pets), await isThere(scans)]).toEqual([true, false]);
    await dataPrune({ yes: true, dryRun: false }, context);
    expect(out()).toContain('There is nothing to delete.');
  });

  it('only says so with --dry-run', async () => {
    const { context, out, scans } = await scene();
    await dataPrune({ yes: false, dryRun: true, older: 0 }, context);
    expect(out()).toMatch(/pets[^]*scans[^]*would be deleted\.\n$/);
    expect(await isThere(scans)).toBe(true);
  });

  it('keeps what is in use, however old', async () => {
    const { context, pets } = await scene();
    await openStore(pets, { inMemory: 0 });
    await dataPrune({ yes: true, dryRun: false, older: 0 }, context);
    expect(await isThere(pets)).toBe(true);
  });
});

describe('data rm', () => {
  it('deletes by place, by name and by id', async () => {
    const { context, out, pets, scans, home } = await scene();
    const fetched = join(context.paths.cache, 'mnist');
    await mkdir(fetched, { recursive: true });
    await writeFile(join(fetched, 'train.bin'), 'x');
    const id = scans.slice(scans.lastIndexOf('/') + 1).slice(0, 12);
    expect(await dataRemove({ names: ['./pets', 'mnist', id], yes: true }, context)).toBe(0);
    expect(out()).toMatch(/^Deleted pets \(images\), mnist, scans \(images\), /);
    for (const path of [pets, scans, fetched]) expect(await isThere(path)).toBe(false);
    expect(await isThere(join(home, 'pets'))).toBe(true);
  });

  it('deletes nothing when one is in use or not there', async () => {
    const { context, pets, scans } = await scene();
    await openStore(pets, { inMemory: 0 });
    await expect(dataRemove({ names: ['./scans', './pets'], yes: true }, context)).rejects.toMatchObject({
      code: 'data-in-use',
      exitCode: 1,
    });
    await expect(dataRemove({ names: ['./scans', 'cifar100'], yes: true }, context)).rejects.toMatchObject({
      code: 'not-kept',
      exitCode: 2,
    });
    expect(await isThere(scans)).toBe(true);
  });
});
