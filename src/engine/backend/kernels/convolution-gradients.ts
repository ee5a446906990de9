import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Placement } from './wasm.ts';

/**
 * A convolution's gradient by its input: the convolution of the output's gradient with the filter turned by half a
 * circle, its inputs and outputs exchanged. For stride 1 only.
 * @param dy [N, H', W', outputs]
 * @param filter [kernel, kernel, inputs, outputs]
 * @returns [N, H, W, inputs]
 */
export function inputGradient(tf: typeof TensorFlow, dy: Tensor4D, filter: Tensor4D, placement: Placement): Tensor4D {
  const { kernel, before, after } = placement;
  return tf.tidy(() => {
    if (isDense(placement)) {
      const [images, , , outputs] = dy.shape;
      const weights = tf.reshape(filter, [-1, outputs]);
      const product = tf.matMul(tf.reshape(dy, [images, outputs]), weights, false, true);
      return tf.reshape(product, [images, kernel, kernel, filter.shape[2]]);
    }
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const padding = (axis: 0 | 1): [number, number] => [kernel - 1 - before[axis], kernel - 1 - after[axis]];
    return tf.conv2d(dy, turned, 1, [[0, 0], padding(0), padding(1), [0, 0]]);
  });
}

/**
 * A convolution's gradient by its filter: the convolution of the input with the output's gradient, images taking the
 * part of channels. A stride becomes a dilation.
 * @param x [N, H, W, inputs]
 * @param dy [N, H', W', outputs]
 * @returns [kernel, kernel, inputs, outputs]
 */
export function filterGradient(tf: typeof TensorFlow, x: Tensor4D, dy: Tensor4D, placement: Placement): Tensor4D {
  const { kernel, stride, before, after, input } = placement;
  const [inputs, outputs] = [x.shape[3], dy.shape[3]];
  return tf.tidy(() => {
    if (kernel === 1 && stride === 1) {
      const product = tf.matMul(tf.reshape(x, [-1, inputs]), tf.reshape(dy, [-1, outputs]), true, false);
      return tf.reshape(product, [1, 1, inputs, outputs]);
    }
    if (isDense(placement) && input[0] === kernel && input[1] === kernel) {
      const flat = tf.reshape(x, [x.shape[0], -1]);
      return tf.reshape(tf.matMul(flat, tf.reshape(dy, [-1, outputs]), true, false), [kernel, kernel, inputs, outputs]);
    }
    const padding = (axis: 0 | 1): [number, number] => [before[axis], after[axis]];
    const pads: Parameters<typeof tf.conv2d>[3] = [[0, 0], padding(0), padding(1), [0, 0]];
    const swapped: Tensor4D = tf.transpose(x, [3, 1, 2, 0]);
    const product = tf.conv2d(swapped, tf.transpose(dy, [1, 2, 0, 3]), 1, pads, 'NHWC', stride);
    // Pixels that no whole window reached would make further rows and columns.
    const whole = tf.slice(product, 0, [inputs, kernel, kernel, outputs]);
    return tf.transpose(whole, [1, 2, 0, 3]);
  });
}

/** One position that sees every pixel, and no padding: a product of two matrices. */
const isDense = ({ output, before, after }: Placement): boolean =>
  output.every((side) => side === 1) && [...before, ...after].every((pixels) => pixels === 0);
