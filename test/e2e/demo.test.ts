import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { featureEpochs, openRun, readFeatures } from '../../src/engine/run/index.ts';
import { openRunImages } from '../../src/engine/analysis/run-images.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { temporary } from '../engine/run/sample-run.ts';
import { keys } from '../support/terminal/open-terminal.ts';
import { expectCalm, newPerson, openProgram, runProgram } from './support.ts';

const samples = fileURLToPath(new URL('../../samples', import.meta.url));
const demo = join(samples, 'demo');

it('all samples together take 4 MB at most', async () => {
  const entries = await readdir(samples, {
    withFileTypes: true,
    recursive: true,
  });
  let total = 0;
  for (const entry of entries) if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  expect(total).toBeLessThanOrEqual(4_000_000);
});

it('the demo is the paper’s lenet to its last epoch, each file as it was recorded', async () => {
  const run = await openRun(demo);
  expect(run.notices).toEqual([]);
  expect(run).toMatchObject({
    state: 'finished',
    header: { network: { name: 'lenet' }, dataset: { name: 'cifar10' } },
  });
  expect(run.records).toHaveLength(45);
  for (const { number } of run.records) {
    for (const { index, units } of run.header.network.layers) {
      expect((await run.neurons(number, index)).discriminability).toHaveLength(units);
    }
  }
  expect(await run.sampledEpoch(1, 1)).toBe(1);
  expect(await run.sampledEpoch(45, 12)).toBe(45);
  const withFeatures = await featureEpochs(demo);
  expect(withFeatures.at(0)).toBe(1);
  expect(withFeatures.at(-1)).toBe(45);
  const images = await openRunImages(demo, run.header, pathsFor({ HOME: await temporary() }));
  const named = new Set<number>();
  for (const epoch of withFeatures) {
    for (const layer of run.header.network.layers) {
      const { image, perNeuron } = await readFeatures(demo, run.header, epoch, layer);
      // Enough for a neuron's facets.
      expect(perNeuron).toBeGreaterThanOrEqual(200);
      // What is not rectified is active for all images.
      if (layer.kind === 'convolution') expect(image).not.toContain(-1);
      for (const one of image) if (one >= 0) named.add(one);
    }
  }
  for (const one of named) expect(images.pixels(one)).toHaveLength(3072);
});

it.each([
  { columns: 80, rows: 24, from: 1 },
  { columns: 120, rows: 40, from: 25 },
])('the demo opens at once and plays ($columns x $rows)', async ({ from, ...size }) => {
  const person = await newPerson();
  const terminal = openProgram(person, ['demo'], { ...size, timers: true });
  await terminal.waitFor(/lenet · cifar10/);
  await terminal.waitFor(/, epoch 45 /);
  // From the last epoch it begins anew.
  if (from > 1) terminal.press(...Array<string>(45 - from).fill(keys.left));
  terminal.press('>', '>', ' ');
  await terminal.waitFor(/playing/);
  await terminal.waitFor(/finished/);
  await terminal.waitFor(/, epoch 45 /);
  await expectCalm(person, terminal);
  terminal.press(keys.enter);
  await terminal.waitFor(/evolution/);
  terminal.press('S');
  await terminal.waitFor(/Saved/);
  // What belongs to the program is not written to.
  expect(await readdir(demo)).not.toContain('screenshots');
  terminal.press('q');
  expect(await terminal.waitForEnd()).toMatchObject({ code: 0 });
});

it('show demo prints it as text and as JSON', async () => {
  const person = await newPerson();
  const text = await runProgram(person, ['show', 'demo']);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/lenet · cifar10/);
  const json = JSON.parse((await runProgram(person, ['show', 'demo', '--json'])).stdout) as { records: unknown[] };
  expect(json.records).toHaveLength(45);
  const layer = JSON.parse((await runProgram(person, ['show', 'demo', '4', '--json'])).stdout) as {
    neurons: unknown[];
  };
  expect(layer.neurons).toHaveLength(32);
  const neuron = await runProgram(person, ['show', 'demo', '12/3', '--json']);
  expect(JSON.parse(neuron.stdout)).toMatchObject({
    featureEpoch: 45,
    distributions: { epoch: 45 },
  });
  expect(neuron.stdout).not.toContain('unavailable');
});
