import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

/** x times the share of the standard normal distribution below x (Hendrycks and Gimpel 2016), by the error function. */
export const gelu: LayerDefinition<Specification<'gelu'>> = {
  kind: 'gelu',
  about: 'Each value times the share of the standard normal distribution below it.',
  fields: noFields,
  category: 'activation',
  prefix: 'gelu',
  // Its minimum is at -0.7518.
  range: () => [-0.17, Infinity],
  build: (_, context) => {
    const { tf } = context;
    const below = (x: Tensor4D): Tensor4D => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    return withoutParameters(
      context,
      (x) => tf.mul(x, below(x)),
      (gradient, { input }) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(gradient, tf.add(below(input), tf.mul(input, density)));
      },
    );
  },
  keras: { activation: { gelu: { kind: 'gelu' } } },
};
