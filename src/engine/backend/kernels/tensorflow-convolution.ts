import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainWindow } from './window.ts';
import type { Engine } from '../engine.ts';
import { firstAgreeing } from './agreeing.ts';
import { nativeOf } from './native.ts';
import type { PlainOperations } from './operations.ts';
import { convolving, oneDnnKernel } from './tensorflow-attributes.ts';

type Convolution = Pick<PlainOperations, 'convolution' | 'convolutionGradients'>;

/**
 * Convolution by oneDNN where this build of TensorFlow has it: called by their common names, its kernels are passed
 * over, and the ones that run take twice the time. Elsewhere, and on a GPU, TensorFlow's common kernels.
 */
export function tensorflowConvolution(engine: Engine): Convolution {
  const common = commonConvolution(engine);
  return engine.device === 'gpu' ? common : firstAgreeing(engine, oneDnnConvolution(engine), common, tried);
}

function commonConvolution(engine: Engine): Convolution {
  const { tf } = engine;
  const native = nativeOf(engine);
  const channels = [native.type('T', 'float'), native.string('data_format', 'NHWC')];
  return {
    convolution: (x, weights, biases, window) => {
      const sums = native.run('Conv2D', convolving(native, window), [x, weights]);
      const output = native.run('BiasAdd', channels, [sums, biases]) as Tensor4D;
      sums.dispose();
      return output;
    },
    convolutionGradients: (x, weights, gradient, window, needInput) =>
      tf.tidy(() => {
        const attributes = convolving(native, window);
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
  const attributes = (window: PlainWindow) => [...convolving(native, window), oneDnnKernel(native)];
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

function tried(
  { convolution, convolutionGradients }: Convolution,
  { tf }: Engine,
  numbers: (count: number) => number[],
): Tensor[] {
  const window: PlainWindow = { kernel: 3, stride: 1, padding: 'same' };
  const x = tf.tensor4d(numbers(60), [2, 5, 3, 2]);
  const weights = tf.tensor4d(numbers(54), [3, 3, 2, 3]);
  const output = convolution(x, weights, tf.tensor1d(numbers(3)), window);
  const gradients = convolutionGradients(x, weights, output, window, true);
  return [output, gradients.input!, gradients.weights, gradients.biases];
}
