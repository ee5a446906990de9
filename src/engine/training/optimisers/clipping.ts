import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter } from '../../network/layers/index.ts';
import type { Optimiser } from './optimiser.ts';

/** What PyTorch adds to the norm before it divides by it. */
const cushion = 1e-6;

/**
 * The L2 norm over all values of all gradients; reads one number back from the engine.
 * @param gradients at least one
 */
export function globalNorm(tf: typeof TensorFlow, gradients: readonly Tensor[]): number {
  return tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    return Math.sqrt(tf.addN(squares).dataSync()[0]);
  });
}

/**
 * An optimiser that shortens the gradients of all parameters together to an L2 norm of at most `most`, as PyTorch's
 * `clip_grad_norm_` does: nothing moves before all gradients are there.
 */
export function clipped(tf: typeof TensorFlow, optimiser: Optimiser, most: number): Optimiser {
  return {
    ...optimiser,
    get steps() {
      return optimiser.steps;
    },
    set steps(steps) {
      optimiser.steps = steps;
    },
    step: (learningRate) => {
      const update = optimiser.step(learningRate);
      const waiting: { parameter: Parameter; gradient: Tensor }[] = [];
      return {
        take: (parameter, gradient) => {
          if (parameter.multipliers) waiting.push({ parameter, gradient });
          else gradient.dispose();
        },
        end: () => {
          if (waiting.length > 0) {
            const norm = globalNorm(
              tf,
              waiting.map(({ gradient }) => gradient),
            );
            const share = most / (norm + cushion);
            for (const { parameter, gradient } of waiting) {
              if (share >= 1) update.take(parameter, gradient);
              else {
                update.take(parameter, tf.mul(gradient, share));
                gradient.dispose();
              }
            }
          }
          update.end();
        },
      };
    },
  };
}
