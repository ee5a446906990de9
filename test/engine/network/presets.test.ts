import { describe, expect, it, test } from 'vitest';
import { layerTable } from '../../../src/engine/network/layer-table.ts';
import { findPreset, forClasses, paperAccuracies, presets } from '../../../src/engine/network/presets/index.ts';
import { extendField, inputField, widestField } from '../../../src/engine/network/receptive-field.ts';
import type { LayerSpecification, NetworkSpecification } from '../../../src/engine/network/specification.ts';

/** `5 32 same 0.01 0.1/2`: kernel, channels, padding, deviation, and what the rates of weights and biases are multiplied by. */
const convolutions = ({ layers }: NetworkSpecification): string[] =>
  layers.flatMap((layer) =>
    layer.kind === 'convolution'
      ? [
          [
            ...[layer.kernel, layer.channels, layer.padding, Number((layer.deviation as number).toFixed(6))],
            `${layer.learningRate?.weights}/${layer.learningRate?.biases}`,
          ].join(' '),
        ]
      : [],
  );

const layersOf = (name: string): readonly LayerSpecification[] => findPreset(name).layers;
const kinds = (name: string): string[] => layersOf(name).map(({ kind }) => kind);

/** How often each rate comes, in their order. */
function stretches(rates: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const rate of rates) {
    if (found.at(-1)?.[0] === rate) found[found.length - 1][1]++;
    else found.push([rate, 1]);
  }
  return found;
}

// The constants of MatConvNet's cnn_cifar_init and cnn_cifar_init_nin, whose settings the paper takes.
describe('the settings of the paper', () => {
  const lenet = { batch: 100, weightDecay: 0.0001, rates: [[0.05, 30], [0.005, 10], [0.0005, 5]] }; // prettier-ignore
  const nin = { batch: 100, weightDecay: 0.0005, rates: [[0.002, 1], [0.01, 1], [0.02, 1], [0.04, 80], [0.004, 10], [0.0004, 10]] }; // prettier-ignore

  it.each(presets.map((network) => [network.name, network] as const))('%s', (name, { training, inputShape }) => {
    const { batch, weightDecay, learningRate, optimiser, loss, preparation, augmentation } = training;
    expect({ batch, weightDecay, rates: stretches(learningRate) }).toEqual(name.startsWith('nin') ? nin : lenet);
    expect({ optimiser, loss, preparation, augmentation }).toEqual({
      optimiser: { kind: 'sgd', momentum: 0.9 },
      loss: 'cross-entropy',
      preparation: 'whitening',
      augmentation: { mirror: 'batch' },
    });
    expect(inputShape).toEqual([32, 32, 3]);
  });

  it('give each convolution its width, first weights and rates', () => {
    expect(convolutions(findPreset('lenet'))).toEqual([
      ...['5 32 same 0.01 0.1/2', '5 32 same 0.05 0.1/2', '5 64 same 0.05 0.1/2', '4 64 valid 0.05 0.1/2'],
      '1 10 same 0.05 0.01/0.2',
    ]);
    expect(convolutions(findPreset('lenet-w'))).toEqual([
      ...['5 256 same 0.01 0.1/2', '5 256 same 0.01 0.1/2', '5 512 same 0.01 0.1/2', '4 512 valid 0.01 0.1/2'],
      '1 10 same 0.01 0.01/0.2',
    ]);
    expect(convolutions(findPreset('shallow'))).toEqual([
      ...['5 16 same 0.01 0.1/2', '5 20 same 0.05 0.1/2', '5 20 same 0.05 0.1/2', '4 10 valid 0.05 0.01/0.2'],
    ]);
    expect(convolutions(findPreset('lenet-d'))).toEqual([
      '5 32 same 0.01 0.1/2',
      ...Array<string>(4).fill('5 32 same 0.05 0.1/2'),
      ...Array<string>(8).fill('5 64 same 0.05 0.1/2'),
      '4 64 valid 0.05 0.1/2',
      ...Array<string>(3).fill('4 64 same 0.05 0.1/2'),
      '1 10 same 0.05 0.01/0.2',
    ]);
    // He's deviation, sqrt(2 / (kernel² inputs)), and a tenth of it for the classifier.
    expect(convolutions(findPreset('nin'))).toEqual([
      ...['5 192 same 0.163299 1/10', '1 160 same 0.102062 1/10', '1 96 same 0.111803 1/10'],
      ...['5 192 same 0.028868 1/10', '1 192 same 0.102062 1/10', '1 192 same 0.102062 1/10'],
      ...['3 192 same 0.034021 1/10', '1 192 same 0.102062 1/10', '1 10 same 0.010206 0.001/0.01'],
    ]);
  });

  it('pool by 3x3 in steps of 2, the first by the maximum', () => {
    const pools = (name: string): string[] =>
      layersOf(name).flatMap((layer) =>
        layer.kind === 'pooling'
          ? [`${layer.operation} ${layer.size}/${layer.stride} ${String(layer.padding)}`]
          : layer.kind === 'dropout'
            ? [`dropout ${layer.rate}`]
            : [],
      );
    for (const name of ['lenet', 'lenet-w', 'lenet-d', 'shallow']) {
      expect(pools(name), name).toEqual(['max 3/2 same', 'average 3/2 same', 'average 3/2 same']);
    }
    expect(pools('nin')).toEqual([
      ...['max 3/2 valid', 'dropout 0.5', 'average 3/2 valid', 'dropout 0.5', 'average 7/1 valid'],
    ]);
  });

  it('normalise behind the layers that the names say', () => {
    const normalisation = { kind: 'batch-normalisation', epsilon: 1e-4, momentum: 0.05 };
    expect(layersOf('lenet-w-bn')[4]).toEqual({ ...normalisation, learningRate: { weights: 1, biases: 1 } });
    expect(layersOf('lenet-w-bn').toSpliced(4, 1)).toEqual(layersOf('lenet-w'));
    expect(layersOf('lenet-sig4-bn').toSpliced(10, 1)).toEqual(layersOf('lenet-sig4'));
    for (const name of ['lenet', 'shallow', 'nin']) {
      const [plain, normalised] = [kinds(name), kinds(`${name}-bn`)];
      expect(normalised).toEqual(
        plain.flatMap((kind) => (kind === 'convolution' ? [kind, 'batch-normalisation'] : [kind])),
      );
    }
    expect(layersOf('lenet-sig1')).toEqual(layersOf('lenet').with(2, { kind: 'sigmoid' }));
    expect(layersOf('lenet-sig4')).toEqual(layersOf('lenet').with(10, { kind: 'sigmoid' }));
  });
});

test('a network is found by its name, and a misspelt one by its likeness', () => {
  expect(findPreset(' LeNet ').name).toBe('lenet');
  expect(() => findPreset('lenet-sig')).toThrow(
    expect.objectContaining({
      ...{ code: 'unknown-network', exitCode: 2, message: 'there is no network called "lenet-sig"' },
      hint: expect.stringMatching(/^Did you mean "lenet-sig[14]"\? `deepview-tui networks` lists them\.$/) as string,
    }),
  );
  expect(() => findPreset('xyzzy')).toThrow(expect.objectContaining({ hint: '`deepview-tui networks` lists them.' }));
});

test('a network for other classes differs in the outputs of its last layer that has neurons', () => {
  for (const preset of presets) {
    const two = forClasses(preset, 2);
    const changed = two.layers.flatMap((layer, at) => (layer === preset.layers[at] ? [] : [at]));
    expect(changed, preset.name).toHaveLength(1);
    expect(two.layers[changed[0]]).toEqual({ ...preset.layers[changed[0]], channels: 2 });
    expect(layerTable(two).at(-1)!.shape).toEqual([1, 1, 2]);
    expect({ ...two, layers: preset.layers }).toEqual(preset);
  }
});

test('the accuracies are those of the paper', () => {
  expect(Object.fromEntries(paperAccuracies)).toEqual({
    ...{ shallow: 0.7491, lenet: 0.8024, 'lenet-w': 0.778, 'lenet-d': 0.7971, 'lenet-w-bn': 0.824, nin: 0.8916 },
    ...{ 'lenet-sig1': 0.7457, 'lenet-sig4': 0.8007, 'lenet-sig4-bn': 0.8236 },
  });
});

test('a layer costs a multiplication for each weight at each position', () => {
  const table = layerTable(findPreset('lenet'));
  // By hand: positions * kernel² * inputs * channels.
  expect(table.map(({ multiplications }) => multiplications).filter(Boolean)).toEqual([
    ...[1024 * 25 * 3 * 32, 256 * 25 * 32 * 32, 64 * 25 * 32 * 64, 16 * 64 * 64, 64 * 10],
  ]);
  expect(table.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(table.map(({ kind }) => kind).slice(0, 3)).toEqual(['convolution', 'pooling', 'activation']);
  expect(table.map(({ units }) => units)).toEqual([32, 32, 32, 32, 32, 32, 64, 64, 64, 64, 64, 10]);
});

describe('receptive fields', () => {
  it('of lenet are those of the paper', () => {
    const fields = layerTable(findPreset('lenet')).map(({ receptiveField: { size, stride, offset } }) => [
      ...[size, stride, offset],
    ]);
    // By hand: 5; 5 + 2; 7 + 4 * 2; 15 + 2 * 2; 19 + 4 * 4; 35 + 2 * 4; 43 + 3 * 8.
    expect(fields.map(([size]) => size)).toEqual([5, 7, 7, 15, 15, 19, 35, 35, 43, 67, 67, 67]);
    expect(fields.map(([, stride]) => stride)).toEqual([1, 2, 2, 2, 2, 4, 4, 4, 8, 8, 8, 8]);
    // Two pixels of padding before, none before a pool, 2 * 2 before the next, 2 * 4 before the third.
    expect(fields.map(([, , offset]) => offset)).toEqual([-2, -2, -2, -6, -6, -6, -14, -14, -14, -14, -14, -14]);
  });

  it('do not grow beyond all numbers', () => {
    const window = { kernel: 1024, stride: 1024, paddingBefore: 512 };
    const field = Array.from({ length: 200 }).reduce<typeof inputField>((one) => extendField(one, window), inputField);
    expect(field).toEqual({ size: 2 ** 31, stride: 2 ** 31, offset: -(2 ** 31) });
  });

  it('meet in the widest, of equals in the first', () => {
    const [a, b, c] = [3, 5, 5].map((size, offset) => ({ size, stride: 1, offset }));
    expect(widestField([a, b, c])).toBe(b);
    expect(widestField([c, b, a])).toBe(c);
    expect(widestField([a])).toBe(a);
  });
});
