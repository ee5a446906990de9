import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { networks } from '../../src/commands/networks.ts';
import { input, layer, newDirectory, sequential, weight, writeModel } from '../engine/network/keras/saved-models.ts';
import { sceneIn } from './scene.ts';

test('lists the twelve networks of the paper', async () => {
  const { context, out } = sceneIn('/');
  expect(await networks({}, context)).toBe(0);
  const lines = out().trimEnd().split('\n');
  expect(lines).toHaveLength(13);
  expect(lines).toContain("lenet            13     145 578  the paper's baseline");
});

test('describes lenet as the paper counts it, for people and for programs', async () => {
  const text = sceneIn('/');
  await networks({ name: 'LeNet' }, text.context);
  const rows = text.out().split('\n');
  expect(rows.find((row) => row.includes('conv4'))).toMatch(/^10 +conv4 +conv4-64 +1x1x64 +65 600 +67x67 +65 536$/);
  expect(rows.find((row) => row.includes('loss'))).toMatch(/^13 +loss +softmax$/);
  expect(rows.find((row) => row.includes('total'))).toMatch(/145 578 +12 354 176$/);
  expect(text.out()).toContain('learning rate 0.05 for 30 epochs, 0.005 for 10, 0.0005 for 5');

  const json = sceneIn('/', true);
  await networks({ name: 'lenet' }, json.context);
  const report = JSON.parse(json.out()) as { format: number; parameters: number; layers: Record<string, unknown>[] };
  expect([report.format, report.parameters, report.layers.length]).toEqual([1, 145578, 12]);
  expect(report.layers[0]).toMatchObject({
    index: 1,
    name: 'conv1',
    kind: 'convolution',
    units: 32,
    shape: [32, 32, 32],
    parameters: 2432,
    receptiveField: { size: 5, stride: 1, offset: -2 },
  });
});

test('the list for programs names what the list for people does', async () => {
  const { context, out } = sceneIn('/', true);
  await networks({}, context);
  const report = JSON.parse(out()) as { networks: { name: string; layers: number }[] };
  expect(report.networks).toHaveLength(12);
  expect(report.networks).toContainEqual(expect.objectContaining({ name: 'lenet-d', layers: 38, parameters: 1136522 }));
});

test('an unknown network is refused with the nearest name, and its own made safe', async () => {
  const { context } = sceneIn('/');
  await expect(networks({ name: 'lenett' }, context)).rejects.toMatchObject({
    code: 'unknown-network',
    exitCode: 2,
    hint: expect.stringContaining('"lenet"') as string,
  });
  await expect(networks({ name: '\u001b[2Jresnet' }, context)).rejects.toMatchObject({
    message: expect.not.stringContaining('\u001b') as string,
  });
});

test('describes a file whose last layer tells any number of classes apart, a Keras model too', async () => {
  const flat = layer('Flatten', {});
  const dense = layer('Dense', { units: 3, activation: 'softmax', use_bias: true });
  const model = await writeModel(sequential([input([4, 4, 1]), flat, dense]), [
    weight('dense/kernel', [16, 3], new Float32Array(48)),
    weight('dense/bias', [3], [0, 0, 0]),
  ]);
  const own = join(await newDirectory(), 'own.json');
  await writeFile(own, JSON.stringify({ input: [4, 4, 1], layers: [{ kind: 'dense', units: 7 }] }));
  for (const [name, units] of [
    [model, 3],
    [own, 7],
  ] as const) {
    const { context, out } = sceneIn('/', true);
    expect(await networks({ name }, context)).toBe(0);
    const described = JSON.parse(out()) as { layers: { units: number }[] };
    expect(described.layers.at(-1)?.units).toBe(units);
  }
});
