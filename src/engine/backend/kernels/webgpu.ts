import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Rank, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainOperations } from './operations.ts';
import { activationOperations, kernelRunner, poolingAttributes, portableOperations } from './portable.ts';
import { extentOf, type PlainWindow } from './window.ts';

/**
 * What tfjs-backend-webgpu 4.22 has: every kernel of training, of which one is wrong, as on wasm. The gradient of average
 * pooling divides by the whole window at the border too.
 */
export function webgpuOperations(tf: typeof TensorFlow): PlainOperations {
  const run = kernelRunner(tf);
  const moving = ({ stride, padding }: PlainWindow) => ({
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [1, 1],
  });
  return {
    ...portableOperations(tf),
    ...activationOperations(tf),
    convolution: (x, filter, bias, window) =>
      run('FusedConv2D', { x, filter, bias }, { ...moving(window), activation: 'linear' }),
    convolutionGradients: (x, filter, dy, window, needInput) => ({
      ...(needInput && {
        input: run('Conv2DBackpropInput', { dy, filter }, { ...moving(window), inputShape: x.shape }),
      }),
      weights: run('Conv2DBackpropFilter', { x, dy }, { ...moving(window), filterShape: filter.shape }),
      biases: tf.sum<Tensor1D>(dy, [0, 1, 2]),
    }),
    depthwise: (x, filter, { stride, padding }) => tf.depthwiseConv2d(x, filter, stride, padding),
    depthwiseGradients: (x, filter, dy, window, needInput) => ({
      ...(needInput && {
        input: run('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { ...moving(window), inputShape: x.shape }),
      }),
      weights: run('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...moving(window), filterShape: filter.shape }),
    }),
    averagePool: (x, window) => run('AvgPool', { x }, poolingAttributes(window)),
    averagePoolGradient: (x, gradient, window) => {
      const shares = wholeOverReal(tf, x, window);
      return run('AvgPoolGrad', { dy: tf.mul(gradient, shares), input: x }, poolingAttributes(window));
    },
  };
}

/** By how many times a window is larger than what of it lies on the image, by place of the output: [1, H', W', 1]. */
function wholeOverReal(tf: typeof TensorFlow, { shape: [, height, width] }: Tensor4D, window: PlainWindow): Tensor4D {
  const [rows, columns] = [height, width].map((side) => {
    const { output, before } = extentOf(side, window);
    return Array.from({ length: output }, (_, at) => {
      const start = at * window.stride - before;
      return window.kernel / (Math.min(side, start + window.kernel) - Math.max(0, start));
    });
  });
  const values = rows.flatMap((row) => columns.map((column) => row * column));
  return tf.tensor<Rank.R4>(values, [1, rows.length, columns.length, 1]);
}
