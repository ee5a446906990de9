import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainWindow, Window } from './window.ts';

/**
 * Padding by number in the engines' words: `same` where it comes to the same, else pixels put around the image first,
 * and `valid`.
 */
export function plainPadding({ kernel, stride, padding, dilation = 1 }: Window): {
  around: number;
  padding: PlainWindow['padding'];
} {
  if (typeof padding !== 'number') return { around: 0, padding };
  if (stride === 1 && padding > 0 && 2 * padding === (kernel - 1) * dilation) return { around: 0, padding: 'same' };
  return { around: padding, padding: 'valid' };
}

/** An image with `around` pixels of one value on every side; the image itself where there are none. */
export const pad = (tf: typeof TensorFlow, x: Tensor4D, around: number, value = 0): Tensor4D =>
  around === 0
    ? x
    : tf.pad(
        x,
        [
          [0, 0],
          [around, around],
          [around, around],
          [0, 0],
        ],
        value,
      );

/** An image without `around` pixels on every side. */
export const crop = (tf: typeof TensorFlow, x: Tensor4D, around: number): Tensor4D =>
  around === 0
    ? x
    : tf.slice(x, [0, around, around, 0], [x.shape[0], x.shape[1] - 2 * around, x.shape[2] - 2 * around, x.shape[3]]);
