import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it, vi } from 'vitest';
import { fewImagesIn } from '../support/few-images.ts';
import { epochsOf, newPerson, onlyRun, runProgram } from './support.ts';

const sample = (name: string): string => fileURLToPath(new URL(`../../samples/networks/${name}`, import.meta.url));

// A busy machine takes its time; nothing here is about speed.
vi.setConfig({ testTimeout: 300_000 });

const images = ['--data', fewImagesIn(inject('shared')), '--probe', '100', '--features', 'off'];
const small = [...images, '--engine', 'wasm', '--headless'];

it('trains a network file, and goes on with its run when the file is gone', async () => {
  const person = await newPerson();
  const file = join(person.home, 'mynet.json');
  await copyFile(sample('mlp.json'), file);
  // A run of one epoch, of which a second is asked for afterwards: as if it had been stopped in between.
  const first = await runProgram(person, ['train', './mynet.json', ...small, '--epochs', '1']);
  expect(first.stderr).not.toMatch(/error/i);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/mlp on few: 100 training/);
  const directory = await onlyRun(person);
  await rm(file);
  const path = join(directory, 'run.json');
  const header = JSON.parse(await readFile(path, 'utf8')) as {
    network: { specification: { layers: unknown[] } };
    training: { epochs: number; learningRate: number[] };
  };
  expect(header.network.specification.layers).toHaveLength(5);
  header.training.epochs = 2;
  header.training.learningRate.push(0.0005);
  await writeFile(path, JSON.stringify(header));
  const second = await runProgram(person, ['train', '--resume', 'last', '--headless', '--engine', 'wasm']);
  expect(second.code).toBe(0);
  expect((await epochsOf(directory)).map(({ epoch }) => epoch)).toEqual([1, 2]);
});

it('trains a residual network', async () => {
  const person = await newPerson();
  const block = (channels: number, short: string): object[] => [
    { kind: 'convolution', kernel: 3, channels, bias: false },
    { kind: 'batch-normalisation' },
    { kind: 'add', from: [`bn${channels / 4}`, short] },
    { kind: 'relu', name: `block${channels / 4}` },
  ];
  const layers = [
    { kind: 'convolution', kernel: 3, channels: 4, stride: 4, name: 'stem' },
    ...block(4, 'stem'),
    { kind: 'convolution', kernel: 1, channels: 8, name: 'wider' },
    ...block(8, 'wider'),
    { kind: 'global-pooling', operation: 'average' },
    { kind: 'dense', units: 'classes' },
    { kind: 'softmax' },
  ];
  await writeFile(join(person.home, 'net.mjs'), `export default ${JSON.stringify({ layers })};`);
  const more = ['--data', 'shapes', '--limit', '200'];
  const ended = await runProgram(person, ['train', './net.mjs', ...small, ...more, '--epochs', '2']);
  expect(ended.stderr).not.toMatch(/error/i);
  expect(ended.code).toBe(0);
  const losses = (await epochsOf(await onlyRun(person))).map(({ scalars }) => scalars['loss/train']);
  expect(losses[1]).toBeLessThan(losses[0]);
});

it('shows the table of a file, and what is wrong with one', async () => {
  const person = await newPerson();
  const shown = await runProgram(person, ['networks', sample('resnet-20.json')]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^ ?9 +add1 +add +32x32x16 +7x7 +from block1\.1\.residual, stem/m);
  expect(shown.stdout).toMatch(/total +272 474/);
  await writeFile(join(person.home, 'wrong.json'), '{\n  "layers": [{ "kind": "conv" }]\n}');
  const wrong = await runProgram(person, ['train', './wrong.json', ...small]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('wrong.json:2:24: layers[0].kind must be');
  expect(wrong.stderr).toContain('Did you mean "convolution"?');
});

it('runs no module that only a setting names', async () => {
  const person = await newPerson();
  await writeFile(join(person.home, 'net.mjs'), 'process.exit(99)');
  await writeFile(join(person.home, 'deepview-tui.config.json'), '{ "network": "./net.mjs" }');
  const ended = await runProgram(person, ['train', ...small]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('only run when the command line names it');
});
