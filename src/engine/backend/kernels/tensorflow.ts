import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Window } from '../../network/geometry.ts';
import type { Engine } from '../engine.ts';
import { nativeOf, type Attribute } from './native.ts';
import type { Operations } from './operations.ts';
import { tensorflowMaxPool } from './tensorflow-max-pool.ts';

/** TensorFlow's own gradients: TensorFlow.js would compose them of several passes over the data. */
export function tensorflowOperations(engine: Engine, portable: Operations): Operations {
  const { tf } = engine;
  const native = nativeOf(engine);
  const float = native.type('T', 'float');
  const layout = native.string('data_format', 'NHWC');
  const padded = ({ padding }: Window): Attribute => native.string('padding', padding.toUpperCase());
  const convolving = (window: Window): Attribute[] => [
    float,
    native.integer('strides', [1, window.stride, window.stride, 1]),
    padded(window),
    layout,
    native.integer('dilations', [1, 1, 1, 1]),
  ];
  const pooling = (window: Window): Attribute[] => [
    float,
    native.integer('ksize', [1, window.kernel, window.kernel, 1]),
    native.integer('strides', [1, window.stride, window.stride, 1]),
    padded(window),
    layout,
  ];
  const shapeOf = (shape: number[]): Tensor1D => tf.tensor1d(shape, 'int32');

  return {
    ...portable,
    ...tensorflowMaxPool(engine, portable),
    convolution: (x, weights, biases, window) => {
      const sums = native.run<Tensor4D>('Conv2D', convolving(window), [x, weights]);
      const output = native.run<Tensor4D>('BiasAdd', [float, layout], [sums, biases]);
      sums.dispose();
      return output;
    },
    convolutionGradients: (x, weights, gradient, window, needInput) => ({
      ...(needInput && {
        input: native.run<Tensor4D>('Conv2DBackpropInput', convolving(window), [shapeOf(x.shape), weights, gradient]),
      }),
      weights: native.run<Tensor4D>('Conv2DBackpropFilter', convolving(window), [x, shapeOf(weights.shape), gradient]),
      biases: native.run<Tensor1D>('BiasAddGrad', [float, layout], [gradient]),
    }),
    averagePool: (x, window) => native.run<Tensor4D>('AvgPool', pooling(window), [x]),
    averagePoolGradient: (x, gradient, window) =>
      native.run<Tensor4D>('AvgPoolGrad', pooling(window), [shapeOf(x.shape), gradient]),
    relu: (x) => native.run<Tensor4D>('Relu', [float], [x]),
    reluGradient: (output, gradient) => native.run<Tensor4D>('ReluGrad', [float], [gradient, output]),
    sigmoid: (x) => native.run<Tensor4D>('Sigmoid', [float], [x]),
    sigmoidGradient: (output, gradient) => native.run<Tensor4D>('SigmoidGrad', [float], [output, gradient]),
  };
}
