import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A convolution's window without dilation, its padding counted out: pixels before the first and after the last. */
export interface PaddedWindow {
  /** [rows, columns] */
  kernel: readonly [number, number];
  stride: readonly [number, number];
  top: number;
  bottom: number;
  left: number;
  right: number;
}

type Pads = [[number, number], [number, number], [number, number], [number, number]];
const NONE: [number, number] = [0, 0];

/**
 * A convolution's gradient by its input: the convolution of the output's gradient with the filter turned by half a
 * circle, its inputs and outputs exchanged. For stride 1 only.
 * @param dy [N, H', W', outputs]
 * @param filter [kernel, kernel, inputs, outputs]
 * @returns [N, H, W, inputs]
 */
export function inputGradient(tf: typeof TensorFlow, dy: Tensor4D, filter: Tensor4D, window: PaddedWindow): Tensor4D {
  const [rows, columns] = window.kernel;
  return tf.tidy(() => {
    if (isDense(dy, window)) {
      const [images, , , outputs] = dy.shape;
      const weights = tf.reshape(filter, [-1, outputs]);
      const product = tf.matMul(tf.reshape(dy, [images, outputs]), weights, false, true);
      return tf.reshape(product, [images, rows, columns, filter.shape[2]]);
    }
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const pads: Pads = [
      NONE,
      [rows - 1 - window.top, rows - 1 - window.bottom],
      [columns - 1 - window.left, columns - 1 - window.right],
      NONE,
    ];
    return tf.conv2d(dy, turned, 1, pads);
  });
}

/**
 * A convolution's gradient by its filter: the convolution of the input with the output's gradient, images taking the
 * part of channels. A stride becomes a dilation.
 * @param x [N, H, W, inputs]
 * @param dy [N, H', W', outputs]
 * @returns [kernel, kernel, inputs, outputs]
 */
export function filterGradient(tf: typeof TensorFlow, x: Tensor4D, dy: Tensor4D, window: PaddedWindow): Tensor4D {
  const [rows, columns] = window.kernel;
  const [inputs, outputs] = [x.shape[3], dy.shape[3]];
  return tf.tidy(() => {
    if (rows === 1 && columns === 1 && window.stride.every((step) => step === 1)) {
      const product = tf.matMul(tf.reshape(x, [-1, inputs]), tf.reshape(dy, [-1, outputs]), true, false);
      return tf.reshape(product, [1, 1, inputs, outputs]);
    }
    if (isDense(dy, window) && x.shape[1] === rows && x.shape[2] === columns) {
      const flat = tf.reshape(x, [x.shape[0], -1]);
      return tf.reshape(tf.matMul(flat, tf.reshape(dy, [-1, outputs]), true, false), [rows, columns, inputs, outputs]);
    }
    const pads: Pads = [NONE, [window.top, window.bottom], [window.left, window.right], NONE];
    const swapped: Tensor4D = tf.transpose(x, [3, 1, 2, 0]);
    const product = tf.conv2d(swapped, tf.transpose(dy, [1, 2, 0, 3]), 1, pads, 'NHWC', [...window.stride]);
    // Pixels that no whole window reached would make further rows and columns.
    const whole = tf.slice(product, 0, [inputs, rows, columns, outputs]);
    return tf.transpose(whole, [1, 2, 0, 3]);
  });
}

/** One position that sees every pixel, and no padding: a product of two matrices. */
function isDense(dy: Tensor4D, { top, bottom, left, right }: PaddedWindow): boolean {
  return dy.shape[1] === 1 && dy.shape[2] === 1 && top + bottom + left + right === 0;
}
