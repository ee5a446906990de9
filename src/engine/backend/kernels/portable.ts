import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  depthwiseFilterGradient,
  depthwiseInputGradient,
  type DepthwiseGeometry,
} from '../gradients/depthwise-gradients.ts';
import type { PlainWindow } from './window.ts';
import type { PlainOperations } from './operations.ts';

/** TensorFlow.js's words for a window: `filterSize`, `strides`, `pad`. */
const pooling = ({ kernel, stride, padding }: PlainWindow): NamedAttrMap => ({
  filterSize: [kernel, kernel],
  strides: [stride, stride],
  pad: padding,
});

const convolving = ({ stride, padding }: PlainWindow): NamedAttrMap => ({
  strides: [stride, stride],
  pad: padding,
  dataFormat: 'NHWC',
  dilations: [1, 1],
});

function depthwiseGeometry(
  tf: typeof TensorFlow,
  { shape }: Tensor4D,
  filter: Tensor4D,
  { kernel, stride, padding }: PlainWindow,
): DepthwiseGeometry {
  const info = tf.backend_util.computeConv2DInfo(shape, filter.shape, stride, 1, padding, undefined, true);
  return {
    images: shape[0],
    input: [shape[1], shape[2]],
    output: [info.outHeight, info.outWidth],
    kernel: [kernel, kernel],
    stride: [stride, stride],
    top: info.padInfo.top,
    left: info.padInfo.left,
    channels: shape[3],
    multiplier: filter.shape[3],
  };
}

/** PlainOperations from TensorFlow.js's own kernels, by name: any backend that has those kernels can train. */
export function portableOperations(tf: typeof TensorFlow): PlainOperations {
  const run = (kernel: string, inputs: NamedTensorMap, attributes: NamedAttrMap): Tensor4D =>
    tf.engine().runKernel<Tensor4D>(kernel, inputs, attributes);

  return {
    convolution: (x, filter, bias, window) =>
      run('FusedConv2D', { x, filter, bias }, { ...convolving(window), activation: 'linear' }),
    convolutionGradients: (x, filter, dy, window, needInput) => ({
      ...(needInput && {
        input: run('Conv2DBackpropInput', { dy, filter }, { ...convolving(window), inputShape: x.shape }),
      }),
      weights: run('Conv2DBackpropFilter', { x, dy }, { ...convolving(window), filterShape: filter.shape }),
      biases: tf.sum<Tensor1D>(dy, [0, 1, 2]),
    }),
    depthwise: (x, filter, { stride, padding }) => tf.depthwiseConv2d(x, filter, stride, padding),
    // No backend but TensorFlow has kernels for these; composed of others they take ten times as long as loops.
    depthwiseGradients: (x, filter, gradient, window, needInput) => {
      const over = depthwiseGeometry(tf, x, filter, window);
      const dy = gradient.dataSync<'float32'>();
      return {
        ...(needInput && {
          input: tf.tensor4d(depthwiseInputGradient(dy, filter.dataSync<'float32'>(), over), x.shape),
        }),
        weights: tf.tensor4d(depthwiseFilterGradient(x.dataSync<'float32'>(), dy, over), filter.shape),
      };
    },
    maxPool: (x, window) => ({ output: run('MaxPool', { x }, pooling(window)), saved: [] }),
    maxPoolGradient: (input, { output }, dy, window) => run('MaxPoolGrad', { dy, input, output }, pooling(window)),
    averagePool: (x, window) => run('AvgPool', { x }, pooling(window)),
    averagePoolGradient: (input, dy, window) => run('AvgPoolGrad', { dy, input }, pooling(window)),
    relu: (x) => tf.relu(x),
    reluGradient: (output, gradient) => tf.mul(gradient, tf.step(output)),
    sigmoid: (x) => tf.sigmoid(x),
    sigmoidGradient: (output, gradient) => tf.mul(gradient, tf.mul(output, tf.sub(1, output))),
    spatialMean: (x) => tf.mean(x, [1, 2]),
    descend: ({ value, velocity }, gradient, { rate, momentum, decay }) => {
      const next = tf.tidy(() => {
        const moved = tf.add(tf.mul(velocity, momentum), tf.add(gradient, tf.mul(value, decay)));
        return { value: tf.sub(value, tf.mul(moved, rate)), velocity: moved };
      });
      value.dispose();
      velocity.dispose();
      return next;
    },
  };
}
