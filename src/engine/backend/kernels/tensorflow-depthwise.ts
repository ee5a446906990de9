import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.ts';
import { firstAgreeing } from './agreeing.ts';
import { nativeOf } from './native.ts';
import type { DepthwiseOperations } from './operations.ts';
import { convolving, oneDnnKernel } from './tensorflow-attributes.ts';
import type { PlainWindow } from './window.ts';

/** Depthwise convolution by oneDNN where this build of TensorFlow has it, as `tensorflowConvolution`. */
export function tensorflowDepthwise(engine: Engine): DepthwiseOperations {
  const common = nativeDepthwise(engine, '');
  return engine.device === 'gpu' ? common : firstAgreeing(engine, nativeDepthwise(engine, '_MklNative'), common, tried);
}

function nativeDepthwise(engine: Engine, prefix: '' | '_MklNative'): DepthwiseOperations {
  const { tf } = engine;
  const native = nativeOf(engine);
  const run = (name: string, window: PlainWindow, inputs: Tensor[]): Tensor4D =>
    native.run(
      `${prefix}DepthwiseConv2dNative${name}`,
      [...convolving(native, window), ...(prefix ? [oneDnnKernel(native)] : [])],
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

function tried(operations: DepthwiseOperations, { tf }: Engine, numbers: (count: number) => number[]): Tensor[] {
  const window: PlainWindow = { kernel: 3, stride: 1, padding: 'same' };
  const x = tf.tensor4d(numbers(90), [2, 5, 3, 3]);
  const filter = tf.tensor4d(numbers(54), [3, 3, 3, 2]);
  const output = operations.depthwise(x, filter, window);
  const gradients = operations.depthwiseGradients(x, filter, output, window, true);
  return [output, gradients.input!, gradients.weights];
}
