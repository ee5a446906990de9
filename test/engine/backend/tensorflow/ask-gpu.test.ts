import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askGpu, type Gpu } from '../../../../src/engine/backend/tensorflow/ask-gpu.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { standInDriver } from '../../../support/stand-in-driver.ts';

let home: string;
let driver: string;
let machine: string;
let deviceFile: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'deepview-gpu-'));
  driver = await standInDriver(join(home, 'driver'), 'libcuda.so.1');
  machine = await standInDriver(join(home, 'machine'), 'libnvidia-ml.so.1');
  deviceFile = join(home, 'dxg');
  await writeFile(deviceFile, '');
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** @param libraries folders with drivers */
function ask(libraries: readonly string[], more: NodeJS.ProcessEnv = {}, devices: string[] = []): Promise<Gpu> {
  const env = { HOME: home, PATH: process.env['PATH'], LD_LIBRARY_PATH: libraries.join(':'), ...more };
  return askGpu({ paths: pathsFor({ HOME: home }), env, devices });
}

it('finds none on a machine without a driver, and none where the driver says so', async () => {
  const none = { isThere: false, hindrance: 'no NVIDIA GPU is there', missing: [] };
  expect(await ask([])).toEqual(none);
  expect(await ask([driver], { DRIVER_CODE: '100' })).toEqual(none);
  expect(await ask([driver], { DRIVER_GPUS: '0' })).toEqual(none);
});

it("takes the first GPU that the driver's library offers, whatever device files there are", async () => {
  expect(await ask([driver])).toEqual({ isThere: true, name: 'Stand-in 0', missing: [] });
  expect(await ask([driver, machine], { CUDA_VISIBLE_DEVICES: 'GPU-1b3c,0' })).toMatchObject({ name: 'Stand-in 0' });
});

it.each([
  [{ CUDA_VISIBLE_DEVICES: '' }, 'CUDA_VISIBLE_DEVICES is "", which hides every GPU'],
  [{ CUDA_VISIBLE_DEVICES: '-1' }, 'CUDA_VISIBLE_DEVICES is "-1", which hides every GPU'],
  [
    { CUDA_VISIBLE_DEVICES: 'GPU-none', DRIVER_GPUS: '0' },
    'Stand-in 0 is there, but offers no GPU: it says no more; CUDA_VISIBLE_DEVICES is "GPU-none"',
  ],
  [{ DRIVER_CODE: '802' }, 'Stand-in 0 is there, but offers no GPU: system not yet initialized (CUDA error 802)'],
  [{ DRIVER_VERSION: '11080' }, 'the NVIDIA driver is too old for Stand-in 0: it speaks CUDA 11, TensorFlow needs 12'],
])('says why none is used with %j', async (env, hindrance) => {
  expect(await ask([driver, machine], env)).toEqual({ isThere: true, hindrance, missing: [] });
});

it('says that a GPU is there whose driver cannot be loaded: in a container, on WSL2', async () => {
  expect(await ask([machine])).toMatchObject({
    isThere: true,
    hindrance: expect.stringMatching(/^Stand-in 0 is there, but offers no GPU: libcuda\.so\.1: cannot open/),
  });
  expect(await ask([], {}, [deviceFile])).toMatchObject({
    isThere: true,
    hindrance: expect.stringMatching(/dxg is there, but offers no GPU: libcuda\.so\.1: cannot open/),
  });
});

it('needs a compiler the first time only, and without one says what cannot be asked', async () => {
  await ask([]);
  expect(await ask([driver], { PATH: '' })).toMatchObject({ name: 'Stand-in 0' });
  const paths = pathsFor({ HOME: join(home, 'new') });
  const env = { HOME: home, PATH: home };
  expect(await askGpu({ paths, env, devices: [] })).toMatchObject({ isThere: false });
  expect(await askGpu({ paths, env, devices: [deviceFile] })).toMatchObject({
    isThere: true,
    hindrance: expect.stringContaining('the driver cannot be asked: No C++ compiler'),
  });
});

it('does not answer when it is cancelled', async () => {
  const env = { HOME: home, PATH: process.env['PATH'] };
  const asking = askGpu({ paths: pathsFor({ HOME: home }), env, devices: [], signal: AbortSignal.abort() });
  await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
});
