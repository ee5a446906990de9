import type { LayerDefinition, Wiring } from './definition.ts';
import { withoutParameters } from './layer.ts';

export interface TanhSpecification extends Wiring {
  kind: 'tanh';
}

export const tanh: LayerDefinition<TanhSpecification> = {
  kind: 'tanh',
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
