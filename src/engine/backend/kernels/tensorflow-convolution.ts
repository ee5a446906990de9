import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainWindow } from './window.ts';
import type { Engine } from '../engine.ts';
import { convolvingAttributes, firstAgreeing, nativeOf, oneDnnKernel } from './native.ts';
import type { DepthwiseOperations, PlainOperations } from './operations.ts';

type Convolution = Pick<PlainOperations, 'convolution' | 'convolutionGradients'>;

/**
 * Convolution by oneDNN where this build of TensorFlow has it: called by their common names, its kernels are passed
 * over, and the ones that run take twice the time. Elsewhere, and on a GPU, TensorFlow's common kernels.
 */
export function tensorflowConvolution(engine: Engine): Convolution {
  return firstAgreeing(engine, oneDnnConvolution(engine), commonConvolution(engine), triedConvolution);
}

function commonConvolution(engine: Engine): Convolution {
  const { tf } = engine;
  const native = nativeOf(engine);
  const channels = [native.type('T', 'float'), native.string('data_format', 'NHWC')];
  return {
    convolution: (x, weights, biases, window) => {
      const sums = native.run('Conv2D', convolvingAttributes(native, window), [x, weights]);
      const output = native.run('BiasAdd', channels, [sums, biases]) as Tensor4D;
      sums.dispose();
      return output;
    },
    convolutionGradients: (x, weights, gradient, window, needInput) =>
      tf.tidy(() => {
        const attributes = convolvingAttributes(native, window);
        const inputs = [tf.tensor1d(x.shape, 'int32'), weights, gradient];
        return {
          ...(needInput && { input: native.run('Conv2DBackpropInput', attributes, inputs) as Tensor4D }),
          weights: native.run('Conv2DBackpropFilter', attributes, [
            x,
            tf.tensor1d(weights.shape, 'int32'),
            gradient,
          ]) as Tensor4D,
          biases: native.run('BiasAddGrad', channels, [gradient]) as Tensor1D,
        };
      }),
  };
}

function oneDnnConvolution(engine: Engine): Convolution {
  const { tf } = engine;
  const native = nativeOf(engine);
  const attributes = (window: PlainWindow) => [...convolvingAttributes(native, window), oneDnnKernel(native)];
  return {
    convolution: (x, weights, biases, window) =>
      native.run('_MklNativeConv2DWithBias', attributes(window), [x, weights, biases]) as Tensor4D,
    convolutionGradients: (x, weights, gradient, window, needInput) =>
      tf.tidy(() => {
        const shapes = { x: tf.tensor1d(x.shape, 'int32'), weights: tf.tensor1d(weights.shape, 'int32') };
        const [byWeights, byBiases] = native.runAll(
          '_MklNativeConv2DBackpropFilterWithBias',
          attributes(window),
          [x, shapes.weights, gradient],
          2,
        );
        return {
          ...(needInput && {
            input: native.run('_MklNativeConv2DBackpropInput', attributes(window), [
              shapes.x,
              weights,
              gradient,
            ]) as Tensor4D,
          }),
          weights: byWeights as Tensor4D,
          biases: byBiases as Tensor1D,
        };
      }),
  };
}

/** As many numbers as asked for, neither equal nor in order. */
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => Math.sin(1 + 3 * index));

function triedConvolution({ convolution, convolutionGradients }: Convolution, { tf }: Engine): Tensor[] {
  const window: PlainWindow = { kernel: 3, stride: 1, padding: 'same' };
  const x = tf.tensor4d(numbers(60), [2, 5, 3, 2]);
  const weights = tf.tensor4d(numbers(54), [3, 3, 2, 3]);
  const output = convolution(x, weights, tf.tensor1d(numbers(3)), window);
  const gradients = convolutionGradients(x, weights, output, window, true);
  return [output, gradients.input!, gradients.weights, gradients.biases];
}

/** Depthwise convolution by oneDNN where this build of TensorFlow has it, as `tensorflowConvolution`. */
export function tensorflowDepthwise(engine: Engine): DepthwiseOperations {
  return firstAgreeing(engine, nativeDepthwise(engine, '_MklNative'), nativeDepthwise(engine, ''), triedDepthwise);
}

function nativeDepthwise(engine: Engine, prefix: '' | '_MklNative'): DepthwiseOperations {
  const { tf } = engine;
  const native = nativeOf(engine);
  const run = (name: string, window: PlainWindow, inputs: Tensor[]): Tensor4D =>
    native.run(
      `${prefix}DepthwiseConv2dNative${name}`,
      [...convolvingAttributes(native, window), ...(prefix ? [oneDnnKernel(native)] : [])],
      inputs,
    ) as Tensor4D;
  return {
    depthwise: (x, filter, window) => run('', window, [x, filter]),
    depthwiseGradients: (x, filter, gradient, window, needInput) =>
      tf.tidy(() => ({
        ...(needInput && {
          input: run('BackpropInput', window, [tf.tensor1d(x.shape, 'int32'), filter, gradient]),
        }),
        weights: run('BackpropFilter', window, [x, tf.tensor1d(filter.shape, 'int32'), gradient]),
      })),
  };
}

function triedDepthwise(operations: DepthwiseOperations, { tf }: Engine): Tensor[] {
  const window: PlainWindow = { kernel: 3, stride: 1, padding: 'same' };
  const x = tf.tensor4d(numbers(90), [2, 5, 3, 3]);
  const filter = tf.tensor4d(numbers(54), [3, 3, 3, 2]);
  const output = operations.depthwise(x, filter, window);
  const gradients = operations.depthwiseGradients(x, filter, output, window, true);
  return [output, gradients.input!, gradients.weights];
}
