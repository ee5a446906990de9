import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Rank } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { operationsOf } from '../../../src/engine/backend/kernels/index.ts';
import { openEngine, type EngineContext } from '../../../src/engine/backend/open-engine.ts';
import { engineChoice, engineStatus } from '../../../src/engine/backend/status.ts';
import { tfjsNodeBindings } from '../../../src/engine/backend/tensorflow/bindings.ts';
import { engineDirectory, frameworkIn, rememberFailure } from '../../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../../src/engine/backend/tensorflow/release.ts';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
import { standInDriver } from '../../support/stand-in-driver.ts';
import { standInEngine } from '../../support/stand-in-engine.ts';
import { recording, temporaryDirectory, type Recorded } from '../transfer/support.ts';

let recorded: Recorded;
let context: EngineContext;

beforeEach(async () => {
  const home = await temporaryDirectory();
  recorded = recording();
  // Without a compiler nothing is downloaded.
  const env = { HOME: home, PATH: home };
  context = { ...recorded.context, paths: pathsFor(env), env };
});

it('opens the WebAssembly engine, which computes and can train', async () => {
  const engine = await openEngine('wasm', context);
  const { name, tf, version, device } = engine;
  expect({ name, version, device }).toEqual({ name: 'wasm', version: '4.22.0', device: 'cpu' });
  const a = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expect([...(await tf.matMul(a, a).data())]).toEqual([7, 10, 15, 22]);
  // What its library lacks and training needs.
  const [image, weights] = [tf.ones<Rank.R4>([1, 3, 3, 1]), tf.ones<Rank.R4>([3, 3, 1, 1])];
  const window = { kernel: 3, stride: 1, padding: 'valid' } as const;
  const found = operationsOf(engine).convolutionGradients(image, weights, tf.ones([1, 1, 1, 1]), window, false);
  expect([...(await found.weights.data())]).toEqual(Array<number>(9).fill(1));
});

it('goes on with WebAssembly where the native engine is not available, and says why in one line', async () => {
  const engine = await openEngine('auto', context);
  expect(engine.name).toBe('wasm');
  expect(engine.reason).toContain('No C++ compiler');
  expect(recorded.notices).toEqual([
    expect.stringMatching(/^the native engine is not available: No C\+\+ compiler.*slower$/),
  ]);
});

it('does not put another engine in the place of the one that was asked for', async () => {
  await expect(openEngine('tensorflow', context)).rejects.toMatchObject({ code: 'no-compiler' });
});

it('does not try again at every start what failed on this machine', async () => {
  const directory = engineDirectory(context.paths, 'cpu', thisMachine());
  await mkdir(dirname(directory), { recursive: true });
  await rememberFailure(directory, tfjsNodeBindings().version, new DeepviewError('compilation', 'odd system'));
  const engine = await openEngine('auto', context);
  expect(engine.reason).toContain('failed before (odd system)');
});

it('says of every engine whether and why it can be used', async () => {
  const statuses = await engineStatus(context.paths, context.env);
  expect(statuses.map(({ name, installed, usable }) => ({ name, installed, usable }))).toEqual([
    { name: 'webgpu', installed: false, usable: true },
    { name: 'tensorflow', installed: false, usable: false },
    { name: 'wasm', installed: true, usable: true },
  ]);
  expect(statuses[0]).toMatchObject({ onlyByName: true, reason: expect.stringContaining('engine install webgpu') });
  expect(statuses[1].reason).toContain('No C++ compiler');
  expect(engineChoice(statuses)).toMatchObject({ engine: { name: 'wasm' } });
  const able = await engineStatus(context.paths, { ...context.env, PATH: process.env['PATH'] });
  expect(engineChoice(able)).toMatchObject({ engine: { name: 'tensorflow', installed: false, usable: true } });
});

describe('with an NVIDIA GPU', () => {
  /** The engines that are seen, and the one that is taken. */
  async function seen(env: NodeJS.ProcessEnv, builds: readonly ('cpu' | 'cuda')[]) {
    const driver = await standInDriver(context.paths.cache, 'libcuda.so.1');
    const given = { ...context.env, PATH: process.env['PATH'], LD_LIBRARY_PATH: driver, ...env };
    for (const build of builds) await standInEngine(build, context.paths);
    const statuses = await engineStatus(context.paths, given);
    return { statuses, taken: engineChoice(statuses)! };
  }

  it('takes the build for it once it is installed, and names the GPU', async () => {
    const { statuses, taken } = await seen({}, ['cuda', 'cpu']);
    expect(taken.engine).toMatchObject({ build: 'cuda', device: 'gpu', gpu: 'Stand-in 0', installed: true });
    expect(statuses.map(({ name, build }) => build ?? name)).toEqual(['cuda', 'webgpu', 'cpu', 'wasm']);
  });

  it('goes on with what is installed, and says how the GPU is used', async () => {
    const { taken } = await seen({}, ['cpu']);
    expect(taken.engine).toMatchObject({ build: 'cpu', device: 'cpu' });
    expect(taken.reason).toContain('Stand-in 0: not installed; it is installed by: deepview-tui engine install --cuda');
  });

  it('installs the build for it where none is installed', async () => {
    expect((await seen({}, [])).taken.engine).toMatchObject({ build: 'cuda', installed: false, gpu: 'Stand-in 0' });
  });

  it.each([
    [['cuda', 'cpu'] as const, { build: 'cpu', device: 'cpu' }],
    [['cuda'] as const, { build: 'cuda', device: 'cpu', usable: true }],
  ])('computes on the processor with %j where the GPU is hidden, and says why', async (builds, engine) => {
    const { taken } = await seen({ CUDA_VISIBLE_DEVICES: '-1' }, builds);
    expect(taken.engine).toMatchObject(engine);
    expect(taken.reason).toContain('CUDA_VISIBLE_DEVICES is "-1", which hides every GPU');
  });

  it("does not count on a GPU whose libraries TensorFlow's loader does not find", async () => {
    const directory = await standInEngine('cuda', context.paths);
    await mkdir(dirname(frameworkIn(directory)), { recursive: true });
    await writeFile(frameworkIn(directory), 'no library');
    const { taken } = await seen({}, ['cpu']);
    expect(taken.engine.build).toBe('cpu');
    expect(taken.reason).toMatch(/TensorFlow's loader does not find .*, mended by: deepview-tui engine install --cuda/);
  });
});

it('reports an engine whose native library does not load, with the remedy', async () => {
  await standInEngine('cpu', context.paths);
  await expect(openEngine('tensorflow', context)).rejects.toMatchObject({
    code: 'engine-broken',
    hint: expect.stringContaining('engine install'),
  });
});
