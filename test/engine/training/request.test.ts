import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequest } from '../../../src/engine/training/messages.ts';
import { validateRequest } from '../../../src/engine/training/request.ts';
import { headerOf, writeRun } from '../run/sample-run.ts';

let home: string;
beforeAll(async () => (home = await mkdtemp(join(tmpdir(), 'deepview-request-'))));
afterAll(() => rm(home, { recursive: true }));

const check = (changes: Partial<TrainingRequest>): Promise<TrainingRequest> =>
  validateRequest(
    { network: 'lenet', data: 'shapes', seed: 1, engine: 'auto', ...changes },
    { runs: join(home, 'data/runs') },
  );

describe('a request', () => {
  it('that can be met passes, and creates nothing yet', async () => {
    expect(await check({ epochs: 1, batch: 100, limit: 1, probe: 100, run: join(home, 'a/b/c') })).toMatchObject({
      network: 'lenet',
      run: join(home, 'a/b/c'),
    });
    await expect(mkdir(join(home, 'a'))).resolves.toBeUndefined();
  });

  it.each<[string, Partial<TrainingRequest>]>([
    ['probe-size', { probe: 50 }],
    ['probe-size', { data: 'cifar100', network: 'shallow', probe: 900 }],
    ['network-does-not-fit', { data: 'cifar10', imageSize: 64 }],
    ['augmentation-does-not-fit', { data: 'cifar10', augment: 'shift=32' }],
  ])('that does not fit its data (%s) is refused before anything is fetched', async (code, changes) => {
    await expect(check(changes)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it.each<[string, Partial<TrainingRequest>]>([
    ['--epochs must be a whole number from 1 to 1000000; it is 0', { epochs: 0 }],
    ['--epochs must be a whole number from 1 to 1000000; it is 1.5', { epochs: 1.5 }],
    ['--epochs must be a whole number from 1 to 1000000; it is NaN', { epochs: NaN }],
    ['--batch must be a whole number from 1 to 1000000; it is 0', { batch: 0 }],
    ['--batch must be a whole number from 1 to 1000000; it is Infinity', { batch: Infinity }],
    ['--limit must be a whole number from 1 to 100000000; it is -1', { limit: -1 }],
    ['--probe must be a whole number from 10 to 10000; it is 9', { probe: 9 }],
    ['--probe must be a whole number from 10 to 10000; it is 10001', { probe: 10_001 }],
    ['--features must be a whole number from 1 to 1000000 or "off"; it is -1', { features: -1 }],
    ['--augment is "shift=0.5": shift must be a whole number from 0 to 1000', { augment: 'shift=0.5' }],
    ['--augment is "crop=0": crop must be a number from 0.01 to 1; it is 0', { augment: 'crop=0' }],
    ['--augment is "colour=NaN": colour must be a number from 0 to 1', { augment: 'colour=NaN' }],
    ['--seed must be a whole number from 0 to 4294967295; it is 0.1', { seed: 0.1 }],
    ['--seed must be a whole number from 0 to 4294967295; it is -1', { seed: -1 }],
    [
      '--engine must be "auto", "tensorflow", "webgpu" or "wasm"; it is "cuda\\u0007"',
      { engine: 'cuda\u0007' as 'auto' },
    ],
    ['--learning-rate must be a number above 0, up to 1000000; it is -1', { learningRate: -1 }],
    ['--momentum cannot be changed by --resume', { resume: '/tmp/y', momentum: 0.5 }],
    ['--batch cannot be changed by --resume', { resume: '/tmp/y', batch: 5 }],
    ['--weights cannot be changed by --resume', { resume: '/tmp/y', weights: '/tmp/x' }],
    ['there is no such file', { weights: '/tmp/deepview-none.safetensors' }],
    ['--momentum is of sgd and nesterov', { optimiser: 'adam', momentum: 0.5 }],
    ['exclude each other', { run: '/tmp/x', resume: '/tmp/y' }],
  ])('is refused: %s', async (message, changes) => {
    await expect(check(changes)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
  });

  it('for an unknown network is refused with the nearest name', async () => {
    await expect(check({ network: 'lenett' })).rejects.toMatchObject({
      code: 'unknown-network',
      exitCode: 2,
      hint: expect.stringContaining('lenet') as string,
    });
  });

  it('for a directory that already holds a run is refused', async () => {
    const run = join(home, 'taken');
    await mkdir(run);
    await writeFile(join(run, 'run.json'), '{}');
    await expect(check({ run })).rejects.toMatchObject({
      code: 'run-exists',
      exitCode: 2,
      hint: `Give another directory with --run, or go on with it: deepview-tui train --resume ${run}`,
    });
  });

  it('for a directory that cannot be made is refused', async () => {
    await writeFile(join(home, 'file'), '');
    for (const run of [join(home, 'file'), join(home, 'file/run')]) {
      await expect(check({ run })).rejects.toMatchObject({ code: 'not-a-directory', exitCode: 2 });
    }
    await expect(check({ run: '/proc/deepview/run' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('to go on with a deterministic run is one too; another cannot become one', async () => {
    const machine = { cpu: 'any', cores: 16, threads: 4 };
    const [run, other] = [join(home, 'deterministic'), join(home, 'other')];
    await writeRun(run, { header: headerOf({ machine: { ...machine, deterministic: true } }) });
    await writeRun(other, { header: headerOf({ machine }) });
    expect(await check({ resume: run })).toMatchObject({ resume: run, deterministic: true });
    expect(await check({ resume: other })).not.toHaveProperty('deterministic');
    await expect(check({ resume: other, deterministic: true })).rejects.toMatchObject({
      ...{ code: 'bad-option', exitCode: 2 },
      message: 'A run goes on as it began: --deterministic cannot be changed by --resume.',
    });
  });

  it('to go on with a run is refused where it says what the run is not', async () => {
    const run = join(home, 'of-shapes');
    await writeRun(run, { header: headerOf({ seed: 3 }) });
    const { network, dataset } = headerOf();
    const took = (takenFor: NonNullable<TrainingRequest['takenFor']>, more = {}) =>
      check({ resume: run, takenFor, ...more });
    expect(await took({ data: dataset.name, seed: 3 })).toMatchObject({
      resume: run,
      takenFor: { data: dataset.name },
    });
    const refused = { code: 'bad-option', exitCode: 2 };
    for (const [takenFor, what] of [
      [{ seed: 4 }, '--seed'],
      [{ data: 'cifar10' }, '--data'],
      [{ data: home }, '--data'],
      [{ network: 'lenet' }, `the network, ${network.name},`],
      [{ network: './mine.json' }, `the network, ${network.name},`],
    ] as const) {
      const message = `A run goes on as it began: ${what} cannot be changed by --resume.`;
      await expect(took(takenFor)).rejects.toMatchObject({ ...refused, message });
    }
    await expect(took({}, { skipCorrupt: true })).rejects.toMatchObject(refused);
    const own = { ...dataset, origin: { source: '/gone', content: 'x' } };
    await writeRun(join(home, 'of-mine'), { header: headerOf({ dataset: own }) });
    expect(await took({ data: home }, { resume: join(home, 'of-mine') })).toMatchObject({ takenFor: { data: home } });
  });

  it('with a source that is not there is refused', async () => {
    await expect(check({ source: join(home, 'none.tar.gz') })).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 2,
    });
  });
});
