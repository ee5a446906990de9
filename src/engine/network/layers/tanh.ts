import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

export const tanh: LayerDefinition<Specification<'tanh'>> = {
  kind: 'tanh',
  about: 'The hyperbolic tangent.',
  fields: noFields,
  category: 'activation',
  prefix: 'tanh',
  range: () => [-1, 1],
  build: (_, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      (x) => tf.tanh(x),
      (gradient, { output }) => tf.mul(gradient, tf.sub(1, tf.square(output))),
    );
  },
  keras: { activation: { tanh: { kind: 'tanh' } } },
};
