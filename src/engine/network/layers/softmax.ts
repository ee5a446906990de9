import { requireLastAxis, requirePositions } from '../keras/builder.ts';
import type { LayerDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';
import { withoutParameters } from './layer.ts';

/** Over the channels of each position. */
export const softmax: LayerDefinition<Specification<'softmax'>> = {
  kind: 'softmax',
  about: 'Shares of the channels at each position; as the last layer it is part of the cross-entropy.',
  fields: noFields,
  category: 'activation',
  prefix: 'softmax',
  range: () => [0, 1],
  saturates: false,
  build: (_, context) => {
    const { tf } = context;
    return withoutParameters(
      context,
      (x) => tf.softmax(x),
      (gradient, { output }) => tf.mul(output, tf.sub(gradient, tf.sum(tf.mul(gradient, output), -1, true))),
    );
  },
  keras: {
    activation: { softmax: { kind: 'softmax' } },
    classes: {
      Softmax: (layer, input) => {
        requireLastAxis(layer, input);
        return { kind: 'softmax' };
      },
    },
    require: requirePositions,
  },
};
