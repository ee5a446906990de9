import { number, usually } from '../../base/schema/index.ts';
import { setting } from '../keras/builder.ts';
import type { LayerDefinition } from './definition.ts';
import type { Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

const fields = { slope: usually(0.01, number(0, 1), 'Factor on negative values.') };

/** x where x > 0, else slope * x. */
export type LeakyReluSpecification = Specification<'leaky-relu', typeof fields>;

export const leakyRelu: LayerDefinition<LeakyReluSpecification> = {
  kind: 'leaky-relu',
  about: 'Negative values are multiplied by the slope.',
  fields,
  category: 'activation',
  prefix: 'leaky',
  build: ({ slope }, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      (x) => tf.leakyRelu(x, slope),
      (gradient, { input }) => tf.mul(gradient, tf.step(input, slope)),
    );
  },
  keras: {
    activation: { leaky_relu: { kind: 'leaky-relu', slope: 0.2 } },
    classes: {
      LeakyReLU: (layer) => {
        const name = layer.config.get('negative_slope').present ? 'negative_slope' : 'alpha';
        return { kind: 'leaky-relu', slope: setting(layer, name, 0.3, (field) => field.number(0, 1)) };
      },
    },
  },
};
