import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { LayerDefinition } from './definition.ts';
import { operation, type Specification } from './fields.ts';
import { withoutParameters, type Layer, type LayerContext } from './layer.ts';
import { wholeInput } from './windowed.ts';

const fields = { operation };

/** Over all positions: [H, W, C] to [1, 1, C]. */
export type GlobalPoolingSpecification = Specification<'global-pooling', typeof fields>;

export const globalPooling: LayerDefinition<GlobalPoolingSpecification> = {
  kind: 'global-pooling',
  about: 'The maximum or the mean of all positions.',
  fields,
  category: 'pooling',
  prefix: 'pool',
  label: ({ operation }) => (operation === 'max' ? 'global-max' : 'global-avg'),
  outflow: (_, [input]) => wholeInput(input, input.shape[2]),
  build,
};

/** Of equal values the first position is the maximum, and gets the gradient. */
function build({ operation }: GlobalPoolingSpecification, context: LayerContext): Layer {
  const { tf } = context;
  const [height, width] = context.inputShape;
  const positions = height * width;
  if (operation === 'average') {
    return withoutParameters(
      context,
      (x) => tf.mean(x, [1, 2], true),
      (gradient) => tf.tile(tf.div(gradient, positions), [1, height, width, 1]),
    );
  }
  return withoutParameters(
    context,
    (x) => tf.max(x, [1, 2], true),
    (gradient, { input }) => {
      const [images, , , channels] = input.shape;
      const places = tf.argMax<Tensor2D>(tf.reshape(input, [images, positions, channels]), 1);
      // [images, channels, positions]: 1 at the maximum.
      const chosen = tf.cast(tf.oneHot(places, positions), 'float32');
      const shares = tf.mul(chosen, tf.reshape(gradient, [images, channels, 1]));
      return tf.reshape(tf.transpose(shares, [0, 2, 1]), input.shape);
    },
  );
}
