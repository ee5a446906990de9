import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataContext } from '../../../src/engine/data/catalogue.ts';
import { openDataset, openDatasetOrFallback } from '../../../src/engine/data/open-dataset.ts';
import { generateShapes } from '../../../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { serve } from '../transfer/file-server.ts';
import { recording, temporaryDirectory, type Recorded } from '../transfer/support.ts';

async function scene(
  env: NodeJS.ProcessEnv = {},
): Promise<Omit<Recorded, 'context'> & { context: DataContext; home: string }> {
  const home = await temporaryDirectory();
  const own = { HOME: home, ...env };
  const { context, ...recorded } = recording();
  return { ...recorded, home, context: { ...context, paths: pathsFor(own), env: own } };
}

const placesOf = (labels: Uint16Array, wanted: number): number[] =>
  [...labels].flatMap((label, place) => (label === wanted ? [place] : []));

describe('openDataset', () => {
  it('opens shapes without touching the disk', async () => {
    const { context, home } = await scene();
    const data = await openDataset({ name: 'shapes' }, context);
    expect([data.train.count, data.validation.count, data.classes.length]).toEqual([5000, 1000, 10]);
    expect(data).toMatchObject({
      name: 'shapes',
      imageShape: [32, 32, 3],
      preparation: ['mean subtraction', 'contrast normalisation'],
    });
    expect(data.train.pixels(7)).toEqual(generateShapes(8, 'train').pixels.slice(7 * 3072));
    const batch = new Float32Array(100 * 3072);
    data.train.fill([...Array(100).keys()], batch);
    const mean = batch.reduce((sum, value) => sum + value, 0) / batch.length;
    expect(Math.abs(mean)).toBeLessThan(1e-3);
    await expect(readFile(join(home, '.cache'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes the first images for a limit, and the statistics from these', async () => {
    const { context, notices } = await scene();
    const few = await openDataset({ name: 'shapes', limit: 50 }, context);
    const all = await openDataset({ name: 'shapes', limit: 6000 }, context);
    expect([few.train.count, all.train.count, all.validation.count]).toEqual([50, 5000, 1000]);
    // As many validation images as training images, but ten of each class, or what the probe is to have.
    const { labels } = all.validation;
    const prefix = (each: number, least: number): number =>
      Math.max(least, ...Array.from({ length: 10 }, (_, label) => placesOf(labels, label)[each - 1] + 1));
    expect(few.validation.count).toBe(prefix(10, 50));
    expect(few.validation.pixels(3)).toEqual(all.validation.pixels(3));
    const probed = await openDataset({ name: 'shapes', limit: 50, probe: 305 }, context);
    expect(probed.validation.count).toBe(prefix(30, 50));
    const [many, again] = [{ limit: 400 }, { limit: 50, validationImages: 77 }];
    expect((await openDataset({ name: 'shapes', ...many }, context)).validation.count).toBe(prefix(10, 400));
    expect((await openDataset({ name: 'shapes', ...again }, context)).validation.count).toBe(77);
    expect(notices).toEqual(['shapes has 5000 training images; all are used']);
    expect(few.train.pixels(49)).toEqual(all.train.pixels(49));
    // One image alone is its own mean image: nothing is left of it.
    const one = await openDataset({ name: 'shapes', limit: 1 }, context);
    const image = new Float32Array(3072);
    one.train.fill([0], image);
    expect(image.every((value) => value === 0)).toBe(true);
  });

  it.each([0, -1, 1.5, NaN])('refuses a limit of %s', async (limit) => {
    const { context } = await scene();
    await expect(openDataset({ name: 'shapes', limit }, context)).rejects.toMatchObject({ code: 'limit', exitCode: 2 });
  });

  it('suggests the nearest name for an unknown one, also with a fallback', async () => {
    const { context } = await scene();
    for (const open of [openDataset, openDatasetOrFallback]) {
      await expect(open({ name: 'cifar-10' }, context)).rejects.toMatchObject({
        code: 'unknown-dataset',
        exitCode: 2,
        hint: 'Did you mean cifar10?',
      });
      await expect(open({ name: '\u001b[31mx' }, context)).rejects.toMatchObject({
        message: 'There is no data set \ufffd[31mx',
        hint: expect.stringMatching(/^There are: cifar10, .*, shapes; or name a folder/) as string,
      });
    }
  });
});

describe('openDatasetOrFallback', () => {
  /** A world where no host can be reached: the proxy's port is closed, and the registry has nothing. */
  async function offline(): Promise<NodeJS.ProcessEnv> {
    const server = await serve({});
    onTestFinished(() => server.close());
    const closed = await serve({});
    await closed.close();
    return { HTTPS_PROXY: closed.url, NO_PROXY: '127.0.0.1', npm_config_registry: server.url };
  }

  it('opens shapes where CIFAR-10 is not available, and says why', async () => {
    const { context, notices } = await scene(await offline());
    const data = await openDatasetOrFallback({ name: 'cifar10', limit: 20 }, context);
    expect([data.name, data.train.count]).toEqual(['shapes', 20]);
    expect(notices.at(-1)).toMatch(/^CIFAR-10 is not available: .*; training on generated shapes instead$/);
    expect(notices.every((notice) => !notice.includes('\n'))).toBe(true);
    await expect(openDataset({ name: 'cifar10' }, context)).rejects.toMatchObject({ code: 'data-unavailable' });
  });

  it('opens shapes where the cache cannot be written', async () => {
    const { context, home, notices } = await scene(await offline());
    await writeFile(join(home, '.cache'), '');
    expect((await openDatasetOrFallback({ name: 'cifar10', limit: 20 }, context)).name).toBe('shapes');
    expect(notices.at(-1)).toContain('training on generated shapes instead');
  });

  it('does not hide that a given source is no good, nor a cancellation', async () => {
    const { context, home, abort } = await scene(await offline());
    await mkdir(join(home, 'empty'));
    const source = join(home, 'empty');
    await expect(openDatasetOrFallback({ name: 'cifar10', source }, context)).rejects.toMatchObject({
      code: 'not-cifar10',
    });
    abort.abort();
    await expect(openDatasetOrFallback({ name: 'cifar10' }, context)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
