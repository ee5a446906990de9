import { above, usually } from '../../base/schema/index.ts';
import { setting } from '../keras/builder.ts';
import type { LayerDefinition } from './definition.ts';
import type { Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

const fields = { alpha: usually(1, above(0, 100), 'What they tend to, negated.') };

/** x where x > 0, else alpha * (exp(x) - 1). */
export type EluSpecification = Specification<'elu', typeof fields>;

export const elu: LayerDefinition<EluSpecification> = {
  kind: 'elu',
  about: 'Negative values become alpha (exp(x) - 1).',
  fields,
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
