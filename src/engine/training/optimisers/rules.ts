import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operations } from '../../backend/kernels/index.ts';
import type { Rule } from './optimiser.ts';

/**
 * The update of MatConvNet and of PyTorch's SGD, the rate outside the velocity:
 * v <- momentum v + gradient + decay w;  w <- w - rate v.
 */
export const momentumRule = (operations: Operations, momentum: number): Rule => ({
  slots: ['velocity'],
  counted: false,
  move: ({ value, slots: [velocity] }, gradient, { rate, decay }) => {
    const after = operations.descend({ value, velocity }, gradient, { rate, momentum, decay });
    return { value: after.value, slots: [after.velocity] };
  },
});

/**
 * Nesterov's momentum in PyTorch's form, which looks ahead by the new velocity:
 * g = gradient + decay w;  v <- momentum v + g;  w <- w - rate (g + momentum v).
 */
export const nesterovRule = (tf: typeof TensorFlow, momentum: number): Rule => ({
  slots: ['velocity'],
  counted: false,
  move: ({ value, slots: [velocity] }, gradient, { rate, decay }) => {
    const [next, moved] = tf.tidy((): [Tensor, Tensor] => {
      const slope = tf.add(gradient, tf.mul(value, decay));
      const ahead = tf.add(tf.mul(velocity, momentum), slope);
      return [tf.sub(value, tf.mul(tf.add(slope, tf.mul(ahead, momentum)), rate)), ahead];
    });
    tf.dispose([value, velocity]);
    return { value: next, slots: [moved] };
  },
});

/** Adam's settings. */
export interface AdamSettings {
  /** Shares of what was known in the running means of the gradient and of its square, 0..1. */
  beta1: number;
  beta2: number;
  /** Added to the root of the mean square. */
  epsilon: number;
  /** Whether decay shrinks the weights by itself (AdamW) or is a part of the gradient (Adam). */
  decoupled: boolean;
}

/**
 * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) in PyTorch's form. With g the gradient:
 * m <- beta1 m + (1 - beta1) g;  s <- beta2 s + (1 - beta2) g^2;
 * w <- w - rate / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + epsilon).
 * Adam adds decay w to g first; AdamW multiplies w by 1 - rate decay first. m and s are kept under PyTorch's names.
 */
export const adamRule = (tf: typeof TensorFlow, { beta1, beta2, epsilon, decoupled }: AdamSettings): Rule => ({
  slots: ['exp_avg', 'exp_avg_sq'],
  counted: true,
  move: ({ value, slots: [first, second] }, gradient, { rate, decay, number }) => {
    const [next, mean, square] = tf.tidy((): [Tensor, Tensor, Tensor] => {
      const slope = decoupled || decay === 0 ? gradient : tf.add(gradient, tf.mul(value, decay));
      const from = decoupled && decay !== 0 ? tf.mul(value, 1 - rate * decay) : value;
      const newMean = tf.add(tf.mul(first, beta1), tf.mul(slope, 1 - beta1));
      const newSquare = tf.add(tf.mul(second, beta2), tf.mul(tf.square(slope), 1 - beta2));
      const divisor = tf.add(tf.mul(tf.sqrt(newSquare), 1 / Math.sqrt(1 - beta2 ** number)), epsilon);
      const step = tf.mul(tf.div(newMean, divisor), rate / (1 - beta1 ** number));
      return [tf.sub(from, step), newMean, newSquare];
    });
    tf.dispose([value, first, second]);
    return { value: next, slots: [mean, square] };
  },
});
