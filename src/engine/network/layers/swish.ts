import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

/** x times the sigmoid of x (Ramachandran, Zoph and Le 2017), also called SiLU. */
export const swish: LayerDefinition<Specification<'swish'>> = {
  kind: 'swish',
  about: 'Each value times its sigmoid (SiLU).',
  fields: noFields,
  category: 'activation',
  prefix: 'swish',
  // Its minimum is at -1.2785.
  range: () => [-0.279, Infinity],
  build: (_, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      (x) => tf.mul(x, tf.sigmoid(x)),
      (gradient, { input, output }) => {
        const share = tf.sigmoid(input);
        return tf.mul(gradient, tf.add(share, tf.mul(output, tf.sub(1, share))));
      },
    );
  },
  keras: { activation: { swish: { kind: 'swish' }, silu: { kind: 'swish' } } },
};
