import type { Rank, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { DenseSpecification } from '../specification.ts';
import { initialWeights } from './initial-weights.ts';
import { biasesOf, parameter, type Layer, type Workshop } from './layer.ts';

/** Weights are [inputs, units], the inputs in the order [H, W, C]. */
export function denseLayer(specification: DenseSpecification, { tf, name, random, inputShape }: Workshop): Layer {
  const { units, bias = true, deviation, learningRate } = specification;
  const inputs = inputShape[0] * inputShape[1] * inputShape[2];
  const fans = { count: inputs * units, fanIn: inputs, fanOut: units };
  const initial = initialWeights(deviation, fans, random);
  const weights = parameter(tf, `${name}.weights`, [inputs, units], initial, { rate: learningRate.weights, decay: 1 });
  const biases = bias && biasesOf(tf, name, units, learningRate.biases);
  return {
    parameters: biases ? [weights, biases] : [weights],
    forward: (x) => ({
      output: tf.tidy(() => {
        const sums = tf.matMul<Tensor2D>(tf.reshape(x, [-1, inputs]), weights.value);
        return tf.reshape(biases ? tf.add(sums, biases.value) : sums, [-1, 1, 1, units]);
      }),
    }),
    backward: (gradient, { input }, needInput) =>
      tf.tidy(() => {
        const byUnit = tf.reshape<Rank.R2>(gradient, [-1, units]);
        const byWeights = tf.matMul<Tensor2D>(tf.reshape(input, [-1, inputs]), byUnit, true, false);
        return {
          ...(needInput && {
            input: tf.reshape<Rank.R4>(
              tf.matMul<Tensor2D>(byUnit, weights.value, false, true),
              input.shape,
            ),
          }),
          parameters: biases ? [byWeights, tf.sum<Tensor1D>(byUnit, 0)] : [byWeights],
        };
      }),
  };
}
