import { cp, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../../src/engine/data/open-dataset.ts';
import { openImages, type ForeseenDataset } from '../../../../src/engine/data/open-images.ts';
import { storesFolder } from '../../../../src/engine/data/store/provide-store.ts';
import { DeepviewError } from '../../../../src/engine/base/errors.ts';
import { resolveReference } from '../../../../src/engine/data/catalogue.ts';
import { openStoredImages } from '../../../../src/engine/data/stored-images.ts';
import { fixtures, scene, type Scene } from './scene.ts';

/** Ten images of each of two classes. */
async function twenty({ pets }: Scene): Promise<string> {
  const files = Array.from({ length: 20 }, (_, i) => [
    `${i % 2 ? 'ant' : 'bee'}/${i}.png`,
    i % 3 ? 'grey.png' : 'grey.jpg',
  ]);
  return pets(Object.fromEntries(files) as Record<string, string>);
}

const all = { limit: Infinity };

describe('openImages', () => {
  it('splits a folder by class and seed, and says how', async () => {
    const own = await scene();
    const root = await twenty(own);
    const opened = await openImages({ name: root, ...all, split: { validation: 0.3, seed: 5 } }, own.context);
    expect([opened.name, opened.train.count, opened.validation.count]).toEqual(['pets', 14, 6]);
    expect(opened.origin).toEqual({
      source: root,
      split: { validation: 0.3, seed: 5 },
      content: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a share of 1', { split: { validation: 1 } }, '--validation must be a number above 0, below 1; it is 1'],
    ['a size of 4', { imageSize: 4 }, '--image-size must be a whole number from 8 to 224; it is 4'],
    ['a size of 225', { imageSize: 225 }, '--image-size must be a whole number from 8 to 224; it is 225'],
  ])('refuses %s', async (_, options, why) => {
    const { context } = await scene();
    const refused = openImages({ name: 'shapes', ...all, ...options }, context);
    await expect(refused).rejects.toMatchObject({ code: 'bad-option', exitCode: 2 });
    await expect(refused).rejects.toThrow(why);
  });

  it('tells what there will be before an image is decoded or fetched, and ends there when that does not do', async () => {
    const own = await scene({ http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' });
    const root = await twenty(own);
    await cp(join(fixtures, 'arrays', 'plain.npz'), join(own.home, 'plain.npz'));
    await cp(join(fixtures, 'arrays', 'MNIST'), join(own.home, 'MNIST'), { recursive: true });
    const told: ForeseenDataset[] = [];
    const foreseen = (dataset: ForeseenDataset): void => {
      told.push(dataset);
      throw new DeepviewError('unfit', 'does not fit');
    };
    for (const name of [root, join(own.home, 'plain.npz'), join(own.home, 'MNIST'), 'mnist', 'cifar10']) {
      const request = { name, ...all, split: { validation: 0.3, seed: 5 }, foreseen };
      await expect(openImages(request, own.context)).rejects.toMatchObject({ code: 'unfit' });
    }
    expect(told.slice(0, 1)).toEqual([
      { name: 'pets', classes: ['ant', 'bee'], imageShape: [6, 8, 1], validationCounts: [3, 3] },
    ]);
    expect(told.slice(1).map(({ name, imageShape }) => [name, imageShape.length])).toEqual([
      ['plain', 3],
      ['MNIST', 3],
      ['mnist', 3],
      ['cifar10', 3],
    ]);
    expect(own.progress.map(({ label }) => label).filter((label) => /reading images of|fetching/.test(label))).toEqual(
      [],
    );
    expect(await readdir(storesFolder(own.context.paths))).toEqual([]);
  });

  it('brings a data set of the catalogue to another size, and keeps it', async () => {
    const { context, progress } = await scene();
    const opened = await openImages({ name: 'shapes', imageSize: 16, ...all }, context);
    expect([opened.imageShape, opened.train.count, opened.validation.count]).toEqual([[16, 16, 3], 5000, 1000]);
    expect(opened.origin).toEqual({ imageSize: 16, content: opened.store?.content });
    const told = progress.length;
    await openImages({ name: 'shapes', imageSize: 16, ...all }, context);
    expect(progress).toHaveLength(told);
  });

  it('finds the images of a run when their source is gone, and refuses others', async () => {
    const own = await scene();
    const root = await twenty(own);
    const { origin } = await openImages({ name: root, ...all }, own.context);
    const content = origin?.content;
    await rm(join(root, 'ant/1.png'));
    await utimes(root, 1, 1);
    expect((await openImages({ name: root, ...all, content }, own.context)).origin?.content).toBe(content);
    await rm(own.context.paths.cache, { recursive: true });
    await expect(openImages({ name: root, ...all, content }, own.context)).rejects.toMatchObject({
      code: 'run-differs',
      exitCode: 4,
    });
    await rm(root, { recursive: true });
    await expect(openImages({ name: root, ...all, content }, own.context)).rejects.toMatchObject({
      code: 'data-unavailable',
    });
  });

  it('says what else a place may be', async () => {
    const { context, home } = await scene();
    const text = join(home, 'x.txt');
    await writeFile(text, 'hello');
    await expect(openImages({ name: text, ...all }, context)).rejects.toMatchObject({ code: 'unknown-data-file' });
    await mkdir(join(home, 'cifar'));
    await writeFile(join(home, 'cifar', 'data_batch_1.bin'), '');
    await expect(openImages({ name: join(home, 'cifar'), ...all }, context)).rejects.toMatchObject({
      hint: `Use them with: --data cifar10 --source ${join(home, 'cifar')}`,
    });
    const idx = join(home, 'MNIST');
    await cp(join(fixtures, 'arrays', 'MNIST'), idx, { recursive: true });
    expect((await openImages({ name: idx, ...all }, context)).train.count).toBe(9);
  });
});

describe('openDataset', () => {
  it('repeats grey values for a network of three channels, and keeps them for one of one', async () => {
    const own = await scene();
    const root = await twenty(own);
    const grey = await openDataset({ name: root, channels: 1 }, own.context);
    const colour = await openDataset({ name: root, channels: 3 }, own.context);
    expect([grey.imageShape, colour.imageShape]).toEqual([
      [6, 8, 1],
      [6, 8, 3],
    ]);
    const values = [...grey.train.pixels(3)];
    expect([...colour.train.pixels(3)]).toEqual(values.flatMap((value) => [value, value, value]));
    expect(own.notices.at(-1)).toContain('are grey; each value is repeated');
    expect(colour.origin).toEqual(grey.origin);
  });
});

describe('openStoredImages', () => {
  it('shows the validation images of a run, in the channels that the network saw', async () => {
    const own = await scene();
    const root = await twenty(own);
    const { name, origin, validation, imageShape } = await openDataset({ name: root, channels: 3 }, own.context);
    await rm(root, { recursive: true });
    const { paths } = own.context;
    const recorded = { name, origin: origin!, imageShape, validationImages: validation.count };
    const stored = await openStoredImages(recorded, paths);
    expect([...stored.labels]).toEqual([...validation.labels]);
    for (const image of [1, 0]) expect([...stored.pixels(image)]).toEqual([...validation.pixels(image)]);
    await rm(paths.cache, { recursive: true });
    await expect(openStoredImages(recorded, paths)).rejects.toMatchObject({
      code: 'data-unavailable',
      hint: `Read them again with: deepview-tui data fetch ${root}`,
    });
  });
});

describe('resolveReference', () => {
  it('keeps names, makes paths absolute, and says what is unknown', async () => {
    const { home } = await scene();
    await mkdir(join(home, 'mine'));
    expect(await resolveReference('mnist', home)).toBe('mnist');
    expect(await resolveReference('./mine', home)).toBe(join(home, 'mine'));
    expect(await resolveReference('mine', home)).toBe(join(home, 'mine'));
    await expect(resolveReference('minst', home)).rejects.toMatchObject({ hint: 'Did you mean mnist?', exitCode: 2 });
    await expect(resolveReference('./gone', home)).rejects.toMatchObject({ code: 'not-found', exitCode: 2 });
  });
});
