import { setting } from '../keras/builder.ts';
import type { LayerDefinition, Wiring } from './definition.ts';
import { withoutParameters } from './layer.ts';

/** x where x > 0, else alpha * (exp(x) - 1). */
export interface EluSpecification extends Wiring {
  kind: 'elu';
  alpha: number;
}

export const elu: LayerDefinition<EluSpecification> = {
  kind: 'elu',
  category: 'activation',
  prefix: 'elu',
  range: ({ alpha }) => [-alpha, Infinity],
  build: ({ alpha }, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      // The engines' elu has an alpha of 1.
      (x) => tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha)),
      (gradient, { input, output }) => {
        const above = tf.step(input);
        // Where the output is negative it is alpha exp(x) - alpha.
        const below = tf.mul(tf.sub(1, above), tf.add(tf.minimum(output, 0), alpha));
        return tf.mul(gradient, tf.add(above, below));
      },
    );
  },
  keras: {
    activation: { elu: { kind: 'elu', alpha: 1 } },
    classes: {
      ELU: (layer) => ({ kind: 'elu', alpha: setting(layer, 'alpha', 1, (field) => field.number(1e-6, 100)) }),
    },
  },
};
