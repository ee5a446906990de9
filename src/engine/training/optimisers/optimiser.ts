import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sumOf } from '../../backend/engine.ts';
import type { Parameter } from '../../network/layers/index.ts';
import type { TrainingSpecification } from '../../network/specification.ts';

/** What moves a network's parameters against their gradients, each with its own multipliers of rate and decay. */
export interface Optimiser {
  /** What is kept beside each learning parameter, as it is called: `velocity` makes `conv1.weights.velocity`. */
  readonly slots: readonly string[];
  /** Whether the rule depends on how many steps were taken. */
  readonly counted: boolean;
  /** Steps taken so far. */
  steps: number;
  /** Begins a step. */
  step(learningRate: number): Update;
  /** What is kept beside a parameter, in the order of `slots`; undefined before its first step. */
  kept(parameter: Parameter): readonly Tensor[] | undefined;
  /** Puts back what was kept, each [parameter's shape] row-major; what is left out begins at 0. */
  restore(parameter: Parameter, values: readonly (Float32Array | undefined)[]): void;
  dispose(): void;
}

/** One step in progress. What it keeps outlives a surrounding `tf.tidy`. */
export interface Update {
  /** Takes a parameter's gradient, averaged over the batch, and disposes of it now or at the end. */
  take: (parameter: Parameter, gradient: Tensor) => void;
  /** To be called after all gradients were taken: by then every parameter has moved. */
  end: () => void;
}

/** A parameter's value and what is kept beside it. */
export interface Slotted {
  value: Tensor;
  slots: readonly Tensor[];
}

/** How one parameter moves: the arithmetic of an optimiser. */
export interface Rule {
  readonly slots: readonly string[];
  readonly counted: boolean;
  /**
   * @param step rate and decay with the parameter's multipliers in them; the step's number, from 1
   * @returns the new tensors; those before are disposed of
   */
  move(before: Slotted, gradient: Tensor, step: { rate: number; decay: number; number: number }): Slotted;
}

/** What PyTorch adds to the norm before it divides by it. */
const cushion = 1e-6;

/**
 * The L2 norm over all values of all gradients, which stays on the engine: a GPU need not be waited for.
 * @param gradients at least one
 */
export function globalNorm(tf: typeof TensorFlow, gradients: readonly Tensor[]): Tensor {
  return tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    return tf.sqrt(sumOf(tf, squares));
  });
}

/**
 * An optimiser that follows a rule. What is kept beside the parameters begins at 0.
 * @param clipGradient shortens the gradients of all parameters together to an L2 norm of at most this, as PyTorch's
 *   `clip_grad_norm_` does: nothing moves then before all gradients are there
 */
export function following(
  tf: typeof TensorFlow,
  rule: Rule,
  { weightDecay, clipGradient }: Pick<TrainingSpecification, 'weightDecay' | 'clipGradient'>,
): Optimiser {
  const kept = new Map<string, readonly Tensor[]>();
  const zeros = ({ shape }: Parameter): Tensor[] => rule.slots.map(() => tf.zeros([...shape]));
  return {
    slots: rule.slots,
    counted: rule.counted,
    steps: 0,
    step(learningRate) {
      const number = ++this.steps;
      const move = (parameter: Parameter, gradient: Tensor): void => {
        const { multipliers, name } = parameter;
        if (multipliers) {
          const after = rule.move({ value: parameter.value, slots: kept.get(name) ?? zeros(parameter) }, gradient, {
            rate: learningRate * multipliers.rate,
            decay: weightDecay * multipliers.decay,
            number,
          });
          parameter.value = tf.keep(after.value);
          kept.set(
            name,
            after.slots.map((tensor) => tf.keep(tensor)),
          );
        }
        gradient.dispose();
      };
      const waiting = new Map<Parameter, Tensor>();
      return {
        take: (parameter, gradient) => {
          if (clipGradient === undefined || !parameter.multipliers) move(parameter, gradient);
          else waiting.set(parameter, gradient);
        },
        end: () => {
          if (clipGradient === undefined || waiting.size === 0) return;
          const share = tf.tidy(() =>
            tf.minimum(tf.div(clipGradient, tf.add(globalNorm(tf, [...waiting.values()]), cushion)), 1),
          );
          for (const [parameter, gradient] of waiting) {
            move(parameter, tf.mul(gradient, share));
            gradient.dispose();
          }
          share.dispose();
        },
      };
    },
    kept: ({ name }) => kept.get(name),
    restore: (parameter, values) => {
      kept.get(parameter.name)?.forEach((tensor) => tensor.dispose());
      const size = parameter.shape.reduce((product, side) => product * side, 1);
      kept.set(
        parameter.name,
        rule.slots.map((_, at) =>
          tf.keep(tf.tensor(values[at] ?? new Float32Array(size), [...parameter.shape], 'float32')),
        ),
      );
    },
    dispose: () => {
      for (const tensors of kept.values()) tensors.forEach((tensor) => tensor.dispose());
      kept.clear();
    },
  };
}
