import type { Tensor4D } from '@tensorflow/tfjs-core';
import { widestField } from '../receptive-field.ts';
import type { JoinDefinition, Shape } from './definition.ts';
import { noFields, type Specification } from './fields.ts';

/** The product of inputs; where one has a single row, column or channel, it counts for all of them. */
export const multiply: JoinDefinition<Specification<'multiply'>> = {
  kind: 'multiply',
  about:
    'The product of the layers named by "from", value by value. Their sides are the same, or 1: what has one position or one channel counts for all.',
  fields: noFields,
  category: 'other',
  prefix: 'multiply',
  outflow: (_, inputs, refuse) => {
    const shape = inputs[0].shape.map((_side, axis) => Math.max(...inputs.map((input) => input.shape[axis]))) as Shape;
    if (inputs.some((input) => input.shape.some((side, axis) => side !== 1 && side !== shape[axis]))) {
      const shapes = inputs.map((input) => input.shape.join('x'));
      return refuse(`multiplies ${shapes.join(' and ')}, whose sides are neither the same nor 1`, {
        hint: 'Pooling, or a convolution with kernel 1, makes sides the same.',
        field: 'from',
      });
    }
    return { shape, field: widestField(inputs.map(({ field }) => field)) };
  },
  join: ({ tf }) => ({
    parameters: [],
    join: (inputs) =>
      tf.tidy(() => inputs.slice(1).reduce((product, input) => tf.mul(product, input), tf.clone(inputs[0]))),
    split: (gradient, inputs) =>
      tf.tidy(() =>
        inputs.map((input, own) => {
          const others = inputs.filter((_other, place) => place !== own);
          const whole = others.reduce<Tensor4D>((product, other) => tf.mul(product, other), gradient);
          const spread = [0, 1, 2, 3].filter((axis) => input.shape[axis] < whole.shape[axis]);
          return spread.length > 0 ? tf.sum<Tensor4D>(whole, spread, true) : tf.clone(whole);
        }),
      ),
  }),
};
