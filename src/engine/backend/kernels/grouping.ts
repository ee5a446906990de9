import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvolutionGradients, PlainOperations } from './operations.ts';
import type { PlainWindow } from './window.ts';

/** A way to convolve in groups with a plain window; weights are [kernel, kernel, inputs of a group, outputs]. */
export interface Grouping {
  convolution(x: Tensor4D, weights: Tensor4D, biases: Tensor1D, window: PlainWindow, groups: number): Tensor4D;
  convolutionGradients(
    x: Tensor4D,
    weights: Tensor4D,
    gradient: Tensor4D,
    window: PlainWindow,
    needInput: boolean,
    groups: number,
  ): ConvolutionGradients;
}

/** Group after group, each a convolution of its own. */
export const byGroups = (
  tf: typeof TensorFlow,
  plain: Pick<PlainOperations, 'convolution' | 'convolutionGradients'>,
): Grouping => ({
  convolution: (x, weights, biases, window, groups) => {
    const filters = tf.split<Tensor4D>(weights, groups, 3);
    const parts = tf.split<Tensor1D>(biases, groups);
    return joined(
      tf,
      tf
        .split<Tensor4D>(x, groups, 3)
        .map((part, group) => plain.convolution(part, filters[group], parts[group], window)),
    );
  },
  convolutionGradients: (x, weights, gradient, window, needInput, groups) => {
    const filters = tf.split<Tensor4D>(weights, groups, 3);
    const gradients = tf.split<Tensor4D>(gradient, groups, 3);
    const found = tf
      .split<Tensor4D>(x, groups, 3)
      .map((part, group) => plain.convolutionGradients(part, filters[group], gradients[group], window, needInput));
    return {
      ...(needInput && {
        input: joined(
          tf,
          found.map((one) => one.input!),
        ),
      }),
      weights: joined(
        tf,
        found.map((one) => one.weights),
      ),
      biases: groups === 1 ? found[0].biases : tf.concat(found.map((one) => one.biases)),
    };
  },
});

/**
 * All groups at once, where each has one input: a depthwise convolution. With more inputs a sum of such convolutions
 * would do; it was measured to take longer than one group after another.
 */
export const byChannels = (
  tf: typeof TensorFlow,
  plain: Pick<PlainOperations, 'depthwise' | 'depthwiseGradients'>,
): Grouping => {
  const filterOf = (weights: Tensor4D, groups: number): Tensor4D => {
    const [rows, columns, , outputs] = weights.shape;
    return tf.reshape(weights, [rows, columns, groups, outputs / groups]);
  };
  return {
    convolution: (x, weights, biases, window, groups) =>
      tf.add(plain.depthwise(x, filterOf(weights, groups), window), biases),
    convolutionGradients: (x, weights, gradient, window, needInput, groups) => {
      const found = plain.depthwiseGradients(x, filterOf(weights, groups), gradient, window, needInput);
      return {
        ...(found.input && { input: found.input }),
        weights: tf.reshape(found.weights, weights.shape),
        biases: tf.sum<Tensor1D>(gradient, [0, 1, 2]),
      };
    },
  };
};

/** Channels one after the other. */
const joined = (tf: typeof TensorFlow, parts: Tensor4D[]): Tensor4D =>
  parts.length === 1 ? parts[0] : tf.concat(parts, 3);
