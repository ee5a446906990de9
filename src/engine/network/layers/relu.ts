import { above, optional } from '../../base/schema/index.ts';
import { refuse, setting } from '../keras/builder.ts';
import type { LayerDefinition } from './definition.ts';
import type { Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

const fields = { maximum: optional(above(0, 1e6), 'What larger values become, 6 of a ReLU6; by default themselves.') };

/** max(x, 0), or min(max(x, 0), maximum). */
export type ReluSpecification = Specification<'relu', typeof fields, 'maximum'>;

export const relu: LayerDefinition<ReluSpecification> = {
  kind: 'relu',
  about: 'Negative values become 0.',
  fields,
  category: 'activation',
  prefix: 'relu',
  label: ({ maximum }) => `relu${maximum ?? ''}`,
  range: ({ maximum = Infinity }) => [0, maximum],
  // To be at zero is what it is for.
  saturates: false,
  build: ({ maximum }, context) => {
    const { tf, operations } = context;
    if (maximum === undefined) {
      return withoutParameters(
        context,
        (x) => operations.relu(x),
        (gradient, { output }) => operations.reluGradient(output, gradient),
      );
    }
    return withoutParameters(
      context,
      (x) => tf.clipByValue(x, 0, maximum),
      (gradient, { output }) => operations.reluGradient(output, tf.mul(gradient, tf.less(output, maximum))),
    );
  },
  keras: {
    activation: { relu: { kind: 'relu' }, relu6: { kind: 'relu', maximum: 6 } },
    classes: {
      // It may leak or be bounded, but not both, nor begin elsewhere than at zero.
      ReLU: (layer) => {
        const threshold = setting(layer, 'threshold', 0, (field) => field.number());
        if (threshold !== 0) refuse(layer, `has the threshold ${threshold}`, 'A ReLU that begins at zero can be read.');
        const maximum = setting(layer, 'max_value', undefined, (field): number | undefined => field.number(1e-6, 1e6));
        const slope = setting(layer, 'negative_slope', 0, (field) => field.number(0, 1));
        if (slope === 0) return { kind: 'relu', ...(maximum !== undefined && { maximum }) };
        if (maximum === undefined) return { kind: 'leaky-relu', slope };
        return refuse(layer, 'leaks and has a max_value', 'A ReLU that does either can be read.');
      },
    },
  },
};
