import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerDefinition, Wiring } from './definition.ts';
import { withoutParameters } from './layer.ts';

/** The exact one, with erf. */
export interface GeluSpecification extends Wiring {
  kind: 'gelu';
}

/** x times the share of the standard normal distribution below x (Hendrycks and Gimpel 2016), by the error function. */
export const gelu: LayerDefinition<GeluSpecification> = {
  kind: 'gelu',
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
