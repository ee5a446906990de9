import { requireLastAxis, requirePositions } from '../keras/builder.ts';
import type { LayerDefinition, Wiring } from './definition.ts';
import { withoutParameters } from './layer.ts';

/** Over the channels of each position. */
export interface SoftmaxSpecification extends Wiring {
  kind: 'softmax';
}

export const softmax: LayerDefinition<SoftmaxSpecification> = {
  kind: 'softmax',
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
