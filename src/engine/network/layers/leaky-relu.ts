import { setting } from '../keras/builder.ts';
import type { LayerDefinition, Wiring } from './definition.ts';
import { withoutParameters } from './layer.ts';

/** x where x > 0, else slope * x. */
export interface LeakyReluSpecification extends Wiring {
  kind: 'leaky-relu';
  slope: number;
}

export const leakyRelu: LayerDefinition<LeakyReluSpecification> = {
  kind: 'leaky-relu',
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
