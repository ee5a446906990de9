import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { dataFetch, dataList, dataPath } from '../../src/commands/data.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { temporaryDirectory } from '../engine/transfer/support.ts';

function collector(): { stream: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

async function scene(json = false) {
  const home = await temporaryDirectory();
  const env = { HOME: home };
  const stdout = collector();
  const stderr = collector();
  const context = {
    json,
    env,
    cwd: home,
    paths: pathsFor(env),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: new AbortController().signal,
  };
  return { home, context, out: stdout.text, err: stderr.text, cache: join(home, '.cache/deepview-tui/cifar10') };
}

/** Files of the right sizes: a list looks no further. */
async function pretend(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const parts = [
    { name: 'train', count: 50_000 },
    { name: 'validation', count: 10_000 },
  ];
  for (const { name, count } of parts) {
    await writeFile(join(cache, `${name}.bin`), '');
    // Pixels, class and sum of each image.
    await truncate(join(cache, `${name}.bin`), count * (3072 + 2 + 4));
  }
  const facts = { name: 'cifar10', classes: [], imageShape: [32, 32, 3], content: '' };
  const header = { format: 1, ...facts, parts, passedOver: { count: 0, files: [] } };
  await writeFile(join(cache, 'images.json'), JSON.stringify(header));
}

describe('data list', () => {
  it('says which data sets there are and whether they are here', async () => {
    const { context, out, cache } = await scene();
    expect(await dataList({}, context)).toBe(0);
    expect(out().split('\n')[0]).toBe(
      'cifar10        50000 + 10000  32x32x3  10 classes   not fetched  CIFAR-10: small photographs of animals and vehicles',
    );
    expect(out()).toMatch(/^shapes .* generated /m);
    await pretend(cache);
    await dataList({}, context);
    expect(out()).toContain('here, 185 MB');
    await truncate(join(cache, 'train.bin'), 5);
    await dataList({}, context);
    expect(out()).toContain('damaged');
  });

  it('prints one JSON object', async () => {
    const { context, out, cache } = await scene(true);
    await dataList({}, context);
    const value = JSON.parse(out()) as { format: number; datasets: unknown[] };
    expect(value.format).toBe(1);
    expect(value.datasets).toMatchObject([
      { name: 'cifar10', state: 'absent', directory: cache, bytes: 0, trainImages: 50_000, imageShape: [32, 32, 3] },
      { name: 'cifar100', state: 'absent' },
      { name: 'mnist', state: 'absent', imageShape: [28, 28, 1] },
      { name: 'fashion-mnist', state: 'absent' },
      { name: 'shapes', state: 'generated', classes: expect.arrayContaining(['disc', 'ring']) as string[] },
    ]);
  });
});

describe('data path', () => {
  it('prints the directory alone, so that a script may use it', async () => {
    const { context, out, cache } = await scene();
    await pretend(cache);
    expect(await dataPath({ name: 'cifar10' }, context)).toBe(0);
    expect(out()).toBe(`${cache}\n`);
  });

  it('refuses what is not there', async () => {
    const { context, out } = await scene();
    await expect(dataPath({ name: 'cifar10' }, context)).rejects.toMatchObject({
      code: 'not-fetched',
      exitCode: 4,
      hint: 'Run: deepview-tui data fetch cifar10',
    });
    await expect(dataPath({ name: 'shapes' }, context)).rejects.toMatchObject({ code: 'generated', exitCode: 2 });
    await expect(dataPath({ name: 'shape' }, context)).rejects.toMatchObject({
      hint: 'Did you mean shapes?',
      exitCode: 2,
    });
    expect(out()).toBe('');
  });
});

describe('data fetch', () => {
  it('has nothing to do for a generated data set', async () => {
    const { context, out } = await scene();
    expect(await dataFetch({ name: 'shapes' }, context)).toBe(0);
    expect(out()).toBe('shapes is generated: there is nothing to fetch\n');
  });

  it('finds a source from where the person is, and says what is wrong with it', async () => {
    const { context, home, out, err } = await scene();
    await writeFile(join(home, 'cifar-10-binary.tar.gz'), 'not an archive');
    const failed = dataFetch({ name: 'cifar10', source: 'cifar-10-binary.tar.gz' }, context);
    await expect(failed).rejects.toMatchObject({ code: 'archive-damaged', exitCode: 4 });
    await expect(failed).rejects.toThrow(join(home, 'cifar-10-binary.tar.gz'));
    expect(out() + err()).not.toContain('\u001b');
  });

  it('prints nothing but one object under --json', async () => {
    const { context, out, err } = await scene(true);
    await dataFetch({ name: 'shapes' }, context);
    expect(JSON.parse(out())).toMatchObject({ format: 1, name: 'shapes', state: 'generated' });
    expect(err()).toBe('');
  });
});
