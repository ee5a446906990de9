import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operations } from '../backend/kernels/index.ts';
import type { Parameter } from '../network/layers/index.ts';
import type { TrainingSpecification } from '../network/specification.ts';

/** Stochastic gradient descent with momentum over a network's parameters, each with its own multipliers. */
export interface Optimiser {
  /** Velocities by the parameters' names. */
  readonly velocities: ReadonlyMap<string, Tensor>;
  /** Moves a parameter against its gradient. Call it outside `tf.tidy`, or inside: what it keeps outlives the tidy. */
  descend(parameter: Parameter, gradient: Tensor, learningRate: number): void;
  /** Puts a velocity back, [parameter's shape] row-major. */
  restore(parameter: Parameter, velocity: Float32Array): void;
  dispose(): void;
}

/**
 * The update of MatConvNet and of PyTorch's SGD, the rate outside the velocity:
 * v <- momentum v + gradient + weightDecay m_d w;  w <- w - learningRate m_r v,
 * with the parameter's multipliers m_d and m_r, and the gradient averaged over the batch.
 */
export function momentumDescent(
  tf: typeof TensorFlow,
  operations: Operations,
  { optimiser, weightDecay }: Pick<TrainingSpecification, 'optimiser' | 'weightDecay'>,
): Optimiser {
  const momentum = optimiser.kind === 'sgd' ? optimiser.momentum : 0;
  const velocities = new Map<string, Tensor>();
  const velocityOf = ({ name, shape }: Parameter): Tensor => velocities.get(name) ?? tf.keep(tf.zeros([...shape]));
  return {
    velocities,
    descend: (parameter, gradient, learningRate) => {
      const { multipliers } = parameter;
      if (!multipliers) return;
      const { value, velocity } = operations.descend(
        { value: parameter.value, velocity: velocityOf(parameter) },
        gradient,
        { rate: learningRate * multipliers.rate, momentum, decay: weightDecay * multipliers.decay },
      );
      parameter.value = tf.keep(value);
      velocities.set(parameter.name, tf.keep(velocity));
    },
    restore: (parameter, velocity) => {
      velocities.get(parameter.name)?.dispose();
      velocities.set(parameter.name, tf.keep(tf.tensor(velocity, [...parameter.shape], 'float32')));
    },
    dispose: () => {
      for (const velocity of velocities.values()) velocity.dispose();
      velocities.clear();
    },
  };
}
