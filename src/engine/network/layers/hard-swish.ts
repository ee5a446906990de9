import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

/** x min(max(x + 3, 0), 6) / 6: a swish of straight parts (Howard et al. 2019, MobileNetV3). */
export const hardSwish: LayerDefinition<Specification<'hard-swish'>> = {
  kind: 'hard-swish',
  about: 'Each value times min(max(x + 3, 0), 6) / 6, a swish of straight parts.',
  fields: noFields,
  category: 'activation',
  prefix: 'hardswish',
  // Its minimum is at -1.5.
  range: () => [-0.375, Infinity],
  build: (_, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      (x) => tf.mul(x, tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6)),
      (gradient, { input }) => {
        const between = tf.less(tf.abs(input), 3);
        const bent = tf.mul(between, tf.add(tf.div(input, 3), 0.5));
        return tf.mul(gradient, tf.add(bent, tf.greaterEqual(input, 3)));
      },
    );
  },
  keras: { activation: { hard_swish: { kind: 'hard-swish' }, hard_silu: { kind: 'hard-swish' } } },
};
