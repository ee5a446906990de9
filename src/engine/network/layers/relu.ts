import { refuse, setting } from '../keras/builder.ts';
import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

export const relu: LayerDefinition<Specification<'relu'>> = {
  kind: 'relu',
  about: 'Negative values become 0.',
  fields: noFields,
  category: 'activation',
  prefix: 'relu',
  range: () => [0, Infinity],
  build: (_, context) =>
    withoutParameters(context, context.operations.relu, (gradient, { output }) =>
      context.operations.reluGradient(output, gradient),
    ),
  keras: {
    activation: { relu: { kind: 'relu' } },
    classes: {
      // It may leak, but not saturate or begin elsewhere than at zero.
      ReLU: (layer) => {
        if (layer.config.get('max_value').present) {
          refuse(layer, `has a max_value`, 'A ReLU without an upper bound can be read.');
        }
        const threshold = setting(layer, 'threshold', 0, (field) => field.number());
        if (threshold !== 0) refuse(layer, `has the threshold ${threshold}`, 'A ReLU that begins at zero can be read.');
        const slope = setting(layer, 'negative_slope', 0, (field) => field.number(0, 1));
        return slope === 0 ? { kind: 'relu' } : { kind: 'leaky-relu', slope };
      },
    },
  },
};
