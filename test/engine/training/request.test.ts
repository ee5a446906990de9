import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequest } from '../../../src/engine/training/messages.ts';
import { validateRequest } from '../../../src/engine/training/request.ts';

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
    expect(await check({ epochs: 1, batch: 100, limit: 1, probe: 10, run: join(home, 'a/b/c') })).toMatchObject({
      network: 'lenet',
      run: join(home, 'a/b/c'),
    });
    await expect(mkdir(join(home, 'a'))).resolves.toBeUndefined();
  });

  it.each<[string, Partial<TrainingRequest>]>([
    ['--epochs is 0', { epochs: 0 }],
    ['--epochs is 1.5', { epochs: 1.5 }],
    ['--epochs is NaN', { epochs: NaN }],
    ['--batch is 0', { batch: 0 }],
    ['--batch is Infinity', { batch: Infinity }],
    ['--limit is -1', { limit: -1 }],
    ['--probe is 9', { probe: 9 }],
    ['--probe is 10001', { probe: 10_001 }],
    ['--features is -1', { features: -1 }],
    ['--augment has shift=0.5', { augmentation: { shift: 0.5 } }],
    ['--augment has crop=0;', { augmentation: { crop: 0 } }],
    ['--augment has colour=NaN', { augmentation: { colour: NaN } }],
    ['--seed is 0.1', { seed: 0.1 }],
    ['--seed is -1', { seed: -1 }],
    ['--engine is "cuda\ufffd"', { engine: 'cuda\u0007' as 'auto' }],
    ['--learning-rate is -1', { training: { learningRate: -1 } }],
    ['how it learns cannot be changed by --resume', { resume: '/tmp/y', training: { momentum: 0.5 } }],
    ['--weights cannot be changed by --resume', { resume: '/tmp/y', weights: '/tmp/x' }],
    ['there is no such file', { weights: '/tmp/deepview-none.safetensors' }],
    ['--momentum is of sgd and nesterov', { training: { optimiser: 'adam', momentum: 0.5 } }],
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
    await expect(check({ run })).rejects.toMatchObject({ code: 'run-exists', exitCode: 2 });
  });

  it('for a directory that cannot be made is refused', async () => {
    await writeFile(join(home, 'file'), '');
    for (const run of [join(home, 'file'), join(home, 'file/run')]) {
      await expect(check({ run })).rejects.toMatchObject({ code: 'not-a-directory', exitCode: 2 });
    }
    await expect(check({ run: '/proc/deepview/run' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('with a source that is not there is refused', async () => {
    await expect(check({ source: join(home, 'none.tar.gz') })).rejects.toMatchObject({
      code: 'not-found',
      exitCode: 2,
    });
  });
});
