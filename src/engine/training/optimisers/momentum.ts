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
