import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Rank } from '@tensorflow/tfjs-core';
import { beforeEach, expect, it } from 'vitest';
import { operationsOf } from '../../../src/engine/backend/kernels/index.ts';
import { openEngine, type EngineContext } from '../../../src/engine/backend/open-engine.ts';
import { engineChoice, engineStatus } from '../../../src/engine/backend/status.ts';
import { tfjsNodeBindings } from '../../../src/engine/backend/tensorflow/bindings.ts';
import { engineDirectory, rememberFailure } from '../../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../../src/engine/backend/tensorflow/release.ts';
import { DeepviewError } from '../../../src/engine/base/errors.ts';
import { pathsFor } from '../../../src/engine/base/paths.ts';
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
    { name: 'tensorflow', installed: false, usable: false },
    { name: 'wasm', installed: true, usable: true },
  ]);
  expect(statuses[0].reason).toContain('No C++ compiler');
  expect(engineChoice(statuses)).toMatchObject({ engine: { name: 'wasm' } });
  const able = await engineStatus(context.paths, { ...context.env, PATH: process.env['PATH'] });
  expect(engineChoice(able)).toMatchObject({ engine: { name: 'tensorflow', installed: false, usable: true } });
});

it('reports an engine whose native library does not load, with the remedy', async () => {
  const directory = engineDirectory(context.paths, 'cpu', thisMachine());
  const addon = 'lib/napi-v8/tfjs_binding.node';
  await mkdir(dirname(`${directory}/${addon}`), { recursive: true });
  await writeFile(`${directory}/${addon}`, 'nothing');
  const manifest = { format: 1, version: '2.21.0', bindings: tfjsNodeBindings().version, files: { [addon]: 7 } };
  await writeFile(`${directory}/engine.json`, JSON.stringify(manifest));
  await expect(openEngine('tensorflow', context)).rejects.toMatchObject({
    code: 'engine-broken',
    hint: expect.stringContaining('engine install'),
  });
});
