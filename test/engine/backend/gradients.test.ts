import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { operationsOf } from '../../../src/engine/backend/kernels/index.ts';
import {
  buildLayer,
  type SingleSpecification,
  type Layer,
  type Parameter,
  type Pass,
} from '../../../src/engine/network/layers/index.ts';
import { layerTable } from '../../../src/engine/network/layer-table.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import type { Padding } from '../../../src/engine/backend/kernels/index.ts';
import type { ConvolutionSpecification } from '../../../src/engine/network/layers/convolution.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';

const convolution = (kernel: number, padding: Padding): ConvolutionSpecification => ({
  kind: 'convolution',
  kernel,
  channels: 3,
  padding,
  deviation: 0.5,
  learningRate: { weights: 1, biases: 1 },
});
const pooling = (
  operation: 'max' | 'average',
  size: number,
  stride: number,
  padding: Padding,
): SingleSpecification => ({
  kind: 'pooling',
  operation,
  size,
  stride,
  padding,
});

/** Every layer kind, with the borders and sizes that networks have: [what, layer, side of the input]. */
const layers: [string, SingleSpecification, number][] = [
  ['convolution, odd, same', convolution(3, 'same'), 5],
  ['convolution, even, same', convolution(4, 'same'), 5],
  ['convolution, even, same, larger than its input', convolution(4, 'same'), 1],
  ['convolution, valid', convolution(3, 'valid'), 5],
  ['convolution of the whole input', convolution(4, 'valid'), 4],
  ['convolution of single pixels', convolution(1, 'same'), 4],
  ['max pooling, overhanging', pooling('max', 3, 2, 'same'), 6],
  ['max pooling, valid', pooling('max', 3, 2, 'valid'), 6],
  ['average pooling, overhanging', pooling('average', 3, 2, 'same'), 6],
  ['average pooling, odd input', pooling('average', 3, 2, 'same'), 7],
  ['average pooling of the whole input', pooling('average', 5, 1, 'valid'), 5],
  ['relu', { kind: 'relu' }, 4],
  ['convolution, a stride, a dilation and padding', { ...convolution(3, 1), stride: 2, dilation: 2 }, 7],
  ['convolution in groups', { ...convolution(3, 'same'), channels: 4, groups: 2 }, 4],
  ['depthwise convolution', { ...convolution(3, 'same'), channels: 2, groups: 2 }, 5],
  ['depthwise convolution, three outputs a channel', { ...convolution(3, 'valid'), channels: 6, groups: 2 }, 5],
  ['depthwise convolution, a stride, overhanging', { ...convolution(3, 'same'), channels: 4, groups: 2, stride: 2 }, 6],
  ['depthwise convolution, a stride and padding', { ...convolution(3, 1), channels: 2, groups: 2, stride: 2 }, 7],
  [
    'depthwise convolution, a stride that leaves pixels out',
    { ...convolution(2, 'valid'), channels: 2, groups: 2, stride: 3 },
    7,
  ],
  ['depthwise convolution, a dilation', { ...convolution(3, 2), channels: 4, groups: 2, dilation: 2, stride: 2 }, 7],
  ['depthwise convolution, even', { ...convolution(4, 'same'), channels: 2, groups: 2 }, 5],
  ['max pooling, padded', pooling('max', 3, 2, 1), 6],
  ['average pooling, padded', pooling('average', 3, 2, 1), 6],
  ['global max pooling', { kind: 'global-pooling', operation: 'max' }, 4],
  ['global average pooling', { kind: 'global-pooling', operation: 'average' }, 4],
  ['dense', { kind: 'dense', units: 3, deviation: 'glorot', learningRate: { weights: 1, biases: 1 } }, 3],
  ['leaky relu', { kind: 'leaky-relu', slope: 0.3 }, 4],
  ['elu', { kind: 'elu', alpha: 0.7 }, 4],
  ['gelu', { kind: 'gelu' }, 4],
  ['swish', { kind: 'swish' }, 4],
  ['hard swish', { kind: 'hard-swish' }, 4],
  ['tanh', { kind: 'tanh' }, 4],
  ['softmax', { kind: 'softmax' }, 4],
  [
    'layer normalisation',
    // With two channels of few differences a small epsilon makes a step function of it.
    { kind: 'layer-normalisation', epsilon: 0.5, learningRate: { weights: 1, biases: 1 } },
    4,
  ],
  ['sigmoid', { kind: 'sigmoid' }, 4],
  [
    'batch normalisation',
    { kind: 'batch-normalisation', epsilon: 1e-4, momentum: 0.1, learningRate: { weights: 1, biases: 1 } },
    4,
  ],
  ['dropout', { kind: 'dropout', rate: 0.4 }, 4],
];

const images = 3;
const channels = 2;
const pass: Pass = { training: true, random: (name) => new Random(1, name) };

onEachEngine(describe, 'on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it.each(layers)('the gradients of %s are its finite differences', (_, specification, side) => {
    const { tf } = engine;
    const random = new Random(3, 'gradients');
    const network = { ...findPreset('lenet'), inputShape: [side, side, channels] as const, layers: [specification] };
    const [row] = layerTable(network);
    const layer: Layer = buildLayer(specification, {
      tf,
      operations: operationsOf(engine),
      inputShape: network.inputShape,
      name: row.name,
      random: new Random(4),
    });
    // Values a twentieth apart and away from 0, so that no small step changes a maximum or a relu's side.
    const count = images * side * side * channels;
    const x = Float32Array.from(
      random.shuffle(Array.from({ length: count }, (__, i) => (i - count / 2 + 0.5) * Math.max(0.05, 2 / count))),
    );
    const size = images * row.shape[0] * row.shape[1] * row.units;
    const above = Float32Array.from({ length: size }, () => random.normal());
    const shape: [number, number, number, number] = [images, side, side, channels];
    const output = (input: Float32Array): Tensor4D => layer.forward(tf.tensor4d(input, shape), pass).output;
    /** The quantity whose gradient is looked for: the output's sum, weighted by `above`, in double precision. */
    const objective = (input: Float32Array): number =>
      tf.tidy(() => {
        const values: Float32Array = output(input).dataSync<'float32'>();
        return values.reduce((sum, value, i) => sum + value * above[i], 0);
      });

    const found = tf.tidy(() => {
      const input = tf.tensor4d(x.slice(), shape);
      const { output: y, saved = [] } = layer.forward(input, pass);
      const result = layer.backward(tf.tensor4d(above.slice(), y.shape), { input, output: y, saved }, true);
      return [result.input!, ...result.parameters].map((tensor) => tensor.dataSync<'float32'>().slice());
    });
    const learned = layer.parameters.filter(({ multipliers }) => multipliers);
    expect(found.map(({ length }) => length)).toEqual([
      count,
      ...learned.map(({ shape: sides }) => sides.reduce((product, length) => product * length, 1)),
    ]);

    const scale = Math.max(...found.flatMap((values) => [...values].map(Math.abs)));
    const check = (values: Float32Array, gradient: Float32Array, measure: (values: Float32Array) => number): void => {
      // At most forty of them, evenly spread.
      for (let i = 0; i < values.length; i += Math.max(1, Math.floor(values.length / 40))) {
        const step = 0.01;
        const at = (offset: number): number => {
          const moved = values.slice();
          moved[i] += offset;
          return measure(moved);
        };
        expect(Math.abs((at(step) - at(-step)) / (2 * step) - gradient[i]) / scale).toBeLessThan(2e-3);
      }
    };
    check(x, found[0], objective);
    learned.forEach((parameter, which) => {
      const own = parameter.value.dataSync<'float32'>().slice();
      check(own, found[which + 1], (values) => withValue(engine, parameter, values, () => objective(x)));
    });
    layer.parameters.forEach(({ value }) => value.dispose());
  });

  it('needs no gradient of the images to find those of the weights', () => {
    const { tf } = engine;
    tf.tidy(() => {
      const x: Tensor4D = tf.ones([2, 4, 4, 2]);
      const weights: Tensor4D = tf.ones([3, 3, 2, 3]);
      const window = { kernel: 3, stride: 1, padding: 'same' } as const;
      const found = operationsOf(engine).convolutionGradients(x, weights, tf.ones([2, 4, 4, 3]), window, false);
      expect(found.input).toBeUndefined();
      // The middle of the window meets all 16 pixels of both images, a corner 9.
      expect(found.weights.dataSync()[(1 * 3 + 1) * 6]).toBeCloseTo(32);
      expect(found.weights.dataSync()[0]).toBeCloseTo(18);
      expect([...found.biases.dataSync()]).toEqual([32, 32, 32]);
    });
  });

  it.each([
    [1, 'same'],
    [2, 'same'],
    [2, 'valid'],
  ] as const)('convolutions with stride %i, %s padding, have the gradients of their slopes', (stride, padding) => {
    const { tf } = engine;
    const random = new Random(5);
    const normal = (...sides: number[]) =>
      tf.tensor(
        Float32Array.from({ length: sides.reduce((a, b) => a * b) }, () => random.normal()),
        sides,
      );
    tf.tidy(() => {
      const x = normal(2, 8, 8, 2) as Tensor4D;
      const filter = normal(3, 3, 2, 3) as Tensor4D;
      const convolved = (image: Tensor, window: Tensor) =>
        tf.conv2d(image as Tensor4D, window as Tensor4D, stride, padding);
      const measure = (image: Tensor4D, window: Tensor4D) => tf.sum<Scalar>(tf.square(convolved(image, window)));
      // The gradient of the squares' sum is the output, doubled.
      const dy = tf.mul(convolved(x, filter), 2);
      const window = { kernel: 3, stride, padding };
      const found = operationsOf(engine).convolutionGradients(x, filter, dy as Tensor4D, window, true);
      const [byX, byFilter] = [found.input!, found.weights];
      const along = normal(2, 8, 8, 2) as Tensor4D;
      const across = normal(3, 3, 2, 3) as Tensor4D;
      // The objective is a square in either alone, so that central differences are exact.
      const slope = (at: (t: number) => number): number => (at(0.1) - at(-0.1)) / 0.2;
      const inX = slope((t) => measure(tf.add(x, tf.mul(along, t)), filter).dataSync()[0]);
      const inFilter = slope((t) => measure(x, tf.add(filter, tf.mul(across, t))).dataSync()[0]);
      expect(tf.sum(tf.mul(byX, along)).dataSync()[0] / inX).toBeCloseTo(1, 3);
      expect(tf.sum(tf.mul(byFilter, across)).dataSync()[0] / inFilter).toBeCloseTo(1, 3);
    });
  });
});

/** Runs `work` while a parameter has other values. */
function withValue<Result>({ tf }: Engine, parameter: Parameter, values: Float32Array, work: () => Result): Result {
  const own = parameter.value;
  parameter.value = tf.tensor(values, [...parameter.shape]);
  try {
    return work();
  } finally {
    parameter.value.dispose();
    parameter.value = own;
  }
}
