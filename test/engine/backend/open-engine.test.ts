import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openEngine, type EngineContext } from '../../../src/engine/backend/open-engine.ts';
import { engineChoice, engineStatus } from '../../../src/engine/backend/status.ts';
import { tfjsNodeBindings } from '../../../src/engine/backend/tensorflow/bindings.ts';
import { rememberFailure } from '../../../src/engine/backend/tensorflow/failure.ts';
import { engineDirectory } from '../../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../../src/engine/backend/tensorflow/machine.ts';
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
  const { name, tf, version, device } = await openEngine('wasm', context);
  expect({ name, version, device }).toEqual({ name: 'wasm', version: '4.22.0', device: 'cpu' });
  const a = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expect([...(await tf.matMul(a, a).data())]).toEqual([7, 10, 15, 22]);
  // A kernel that WebAssembly lacks and training needs.
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeDefined();
});

it('goes on with WebAssembly where the native engine cannot be had, and says why in one line', async () => {
  const engine = await openEngine('auto', context);
  expect(engine.name).toBe('wasm');
  expect(engine.reason).toContain('No C++ compiler');
  expect(recorded.notices).toEqual([
    expect.stringMatching(/^the native engine cannot be had: No C\+\+ compiler.*slower$/),
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
