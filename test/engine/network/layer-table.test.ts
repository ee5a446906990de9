import { describe, expect, it, test } from 'vitest';
import { operationsOf, extentOf } from '../../../src/engine/backend/kernels/index.ts';
import { buildLayer, type SingleSpecification } from '../../../src/engine/network/layers/index.ts';
import { layerTable } from '../../../src/engine/network/layer-table.ts';
import { presets, findPreset } from '../../../src/engine/network/presets/index.ts';
import type { NetworkSpecification } from '../../../src/engine/network/specification.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { useEngine } from '../../support/engines.ts';

test('lenet is counted as in the paper', () => {
  const table = layerTable(findPreset('lenet'));
  expect(table.map(({ label }) => label)).toEqual([
    ...['conv5-32', 'max-pool', 'relu', 'conv5-32', 'relu', 'avg-pool'],
    ...['conv5-64', 'relu', 'avg-pool', 'conv4-64', 'relu', 'conv1-10'],
  ]);
  expect(table.map(({ name }) => name)).toEqual([
    ...['conv1', 'pool1', 'relu1', 'conv2', 'relu2', 'pool2', 'conv3', 'relu3', 'pool3', 'conv4', 'relu4', 'conv5'],
  ]);
  expect(table.map(({ shape }) => shape[0])).toEqual([32, 16, 16, 16, 16, 8, 8, 8, 4, 1, 1, 1]);
  // By hand: (25 * 3 + 1) * 32, (25 * 32 + 1) * 32, (25 * 32 + 1) * 64, (16 * 64 + 1) * 64, (64 + 1) * 10.
  expect(table.map(({ parameters }) => parameters).filter(Boolean)).toEqual([2432, 25632, 51264, 65600, 650]);
});

test.each([
  ['shallow', 11],
  ['lenet', 13],
  ['lenet-d', 39],
  ['lenet-w-bn', 14],
  ['lenet-sig4-bn', 14],
])('%s has %i rows with its loss', (name, rows) => {
  expect(layerTable(findPreset(name)).length + 1).toBe(rows);
});

test('what the paper says of single layers holds', () => {
  const labels = (name: string): string[] => layerTable(findPreset(name)).map(({ label }) => label);
  expect(labels('lenet-sig1')[2]).toBe('sigmoid');
  expect(labels('lenet-sig4')[10]).toBe('sigmoid');
  expect(labels('lenet-sig4-bn').slice(9, 12)).toEqual(['conv4-64', 'batch-norm', 'sigmoid']);
  expect(labels('lenet-w-bn').slice(3, 5)).toEqual(['conv5-256', 'batch-norm']);
  const nin = layerTable(findPreset('nin'));
  expect(nin.filter(({ kind }) => kind === 'pooling').map(({ shape }) => shape[0])).toEqual([15, 7, 1]);
});

test('layers that saturate say what their activations lie between', () => {
  const kinds = ['relu', 'sigmoid', 'tanh', 'gelu', 'softmax'] as const;
  const table = layerTable({ ...findPreset('lenet'), layers: kinds.map((kind) => ({ kind })) });
  expect(table.map(({ range }) => range)).toEqual([undefined, [0, 1], [-1, 1], undefined, undefined]);
  // A bounded ReLU is at its end whenever it is silent.
  const [bounded] = layerTable({ ...findPreset('lenet'), layers: [{ kind: 'relu', maximum: 6 }] });
  expect([bounded.label, bounded.range]).toEqual(['relu6', undefined]);
});

test('every network ends in one position of ten classes, and its layers have names of their own', () => {
  expect(presets).toHaveLength(12);
  for (const network of presets) {
    const table = layerTable(network);
    expect(table.at(-1)!.shape).toEqual([1, 1, 10]);
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  }
});

test('padding is the smaller half before, as TensorFlow and the paper have it', () => {
  expect(extentOf(32, { kernel: 3, stride: 2, padding: 'same' })).toEqual({ output: 16, before: 0, after: 1 });
  expect(extentOf(1, { kernel: 4, stride: 1, padding: 'same' })).toEqual({ output: 1, before: 1, after: 2 });
  expect(extentOf(32, { kernel: 3, stride: 2, padding: 'valid' })).toEqual({ output: 15, before: 0, after: 0 });
});

test('a window larger than its input is refused by the number and name of its layer', () => {
  const lenet = findPreset('lenet');
  const small: NetworkSpecification = { ...lenet, inputShape: [16, 16, 3] };
  expect(() => layerTable(small)).toThrow(/layer 10 \(conv4-64\) of lenet has a window of 4 pixels.*2x2/);
});

describe('receptive fields', () => {
  const layer = (kernel: number, padding: 'same' | 'valid'): SingleSpecification => ({
    kind: 'convolution',
    kernel,
    channels: 2,
    padding,
    deviation: 0.5,
    learningRate: { weights: 1, biases: 1 },
  });
  const pool = (operation: 'max' | 'average', padding: 'same' | 'valid'): SingleSpecification => ({
    kind: 'pooling',
    operation,
    size: 3,
    stride: 2,
    padding,
  });

  it.each([
    ['same', [layer(5, 'same'), pool('average', 'same'), layer(3, 'same'), pool('average', 'same'), layer(4, 'same')]],
    ['valid', [layer(3, 'valid'), pool('average', 'valid'), layer(2, 'valid'), pool('average', 'valid')]],
  ] as const)('are what disturbing rows of pixels shows, with %s padding', async (_, layers) => {
    const engine = await useEngine('wasm');
    const { tf } = engine;
    const side = 24;
    const table = layerTable({ ...findPreset('lenet'), inputShape: [side, side, 1], layers });
    const built = layers.map((specification, i) =>
      buildLayer(specification, {
        tf,
        operations: operationsOf(engine),
        inputShape: i > 0 ? table[i - 1].shape : [side, side, 1],
        name: table[i].name,
        random: new Random(1, i),
      }),
    );
    /** Each layer's output for an image that is 1 in one row and 0 elsewhere. */
    const outputs = (row: number): Float32Array[] =>
      tf.tidy(() => {
        const image = Float32Array.from({ length: side * side }, (_, i) => (Math.floor(i / side) === row ? 1 : 0));
        let x = tf.tensor4d(image, [1, side, side, 1]);
        return built.map((one) => {
          x = one.forward(x, { training: false, random: () => new Random(1) }).output;
          return x.dataSync<'float32'>();
        });
      });
    const quiet = outputs(-1);
    const seen = table.map(() => new Set<string>());
    for (let row = 0; row < side; row++) {
      outputs(row).forEach((values, depth) => {
        const width = table[depth].shape[1] * table[depth].units;
        values.forEach((value, i) => {
          if (Math.abs(value - quiet[depth][i]) > 1e-7) seen[depth].add(`${Math.floor(i / width)} sees ${row}`);
        });
      });
    }
    table.forEach(({ shape, receptiveField: { size, stride, offset } }, depth) => {
      const expected = new Set<string>();
      for (let position = 0; position < shape[0]; position++) {
        const first = offset + position * stride;
        for (let row = Math.max(0, first); row < Math.min(side, first + size); row++) {
          expected.add(`${position} sees ${row}`);
        }
      }
      expect(seen[depth]).toEqual(expected);
    });
    for (const { parameters } of built) parameters.forEach(({ value }) => value.dispose());
  });
});
