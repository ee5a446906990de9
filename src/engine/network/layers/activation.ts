import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { EluSpecification, LeakyReluSpecification } from '../specification.ts';
import type { Layer, Workshop } from './layer.ts';

export const reluLayer = ({ operations }: Workshop): Layer => ({
  parameters: [],
  forward: (x) => ({ output: operations.relu(x) }),
  backward: (gradient, { output }) => ({ input: operations.reluGradient(output, gradient), parameters: [] }),
});

export const sigmoidLayer = ({ operations }: Workshop): Layer => ({
  parameters: [],
  forward: (x) => ({ output: operations.sigmoid(x) }),
  backward: (gradient, { output }) => ({ input: operations.sigmoidGradient(output, gradient), parameters: [] }),
});

/** A layer without parameters whose passes leave intermediate values to be tidied away. */
const pure = (
  { tf }: Workshop,
  forward: (x: Tensor4D) => Tensor4D,
  backward: (gradient: Tensor4D, trace: { input: Tensor4D; output: Tensor4D }) => Tensor4D,
): Layer => ({
  parameters: [],
  forward: (x) => ({ output: tf.tidy(() => forward(x)) }),
  backward: (gradient, trace) => ({ input: tf.tidy(() => backward(gradient, trace)), parameters: [] }),
});

export const leakyReluLayer = ({ slope }: LeakyReluSpecification, workshop: Workshop): Layer => {
  const { tf } = workshop;
  return pure(
    workshop,
    (x) => tf.leakyRelu(x, slope),
    (gradient, { input }) => tf.mul(gradient, tf.step(input, slope)),
  );
};

export const eluLayer = ({ alpha }: EluSpecification, workshop: Workshop): Layer => {
  const { tf } = workshop;
  return pure(
    workshop,
    // The engines' elu has an alpha of 1.
    (x) => tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha)),
    (gradient, { input, output }) => {
      const above = tf.step(input);
      // Where the output is negative it is alpha exp(x) - alpha.
      const below = tf.mul(tf.sub(1, above), tf.add(tf.minimum(output, 0), alpha));
      return tf.mul(gradient, tf.add(above, below));
    },
  );
};

/** x times the share of the standard normal distribution below x (Hendrycks and Gimpel 2016), by the error function. */
export const geluLayer = (workshop: Workshop): Layer => {
  const { tf } = workshop;
  const below = (x: Tensor4D): Tensor4D => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  return pure(
    workshop,
    (x) => tf.mul(x, below(x)),
    (gradient, { input }) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(gradient, tf.add(below(input), tf.mul(input, density)));
    },
  );
};

export const tanhLayer = (workshop: Workshop): Layer => {
  const { tf } = workshop;
  return pure(
    workshop,
    (x) => tf.tanh(x),
    (gradient, { output }) => tf.mul(gradient, tf.sub(1, tf.square(output))),
  );
};

/** Over the channels of each position. */
export const softmaxLayer = (workshop: Workshop): Layer => {
  const { tf } = workshop;
  return pure(
    workshop,
    (x) => tf.softmax(x),
    (gradient, { output }) => tf.mul(output, tf.sub(gradient, tf.sum(tf.mul(gradient, output), -1, true))),
  );
};
