import type { Tensor4D } from '@tensorflow/tfjs-core';
import { widestField } from '../receptive-field.ts';
import type { JoinDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';

/** The channels of inputs of one height and width, one after the other. */
export const concatenate: JoinDefinition<Specification<'concatenate'>> = {
  kind: 'concatenate',
  about: 'The channels of the layers named by "from", which are of one height and width.',
  fields: noFields,
  category: 'other',
  prefix: 'concat',
  label: () => 'concat',
  outflow: (_, inputs, refuse) => {
    const [height, width] = inputs[0].shape;
    if (inputs.some(({ shape }) => shape[0] !== height || shape[1] !== width)) {
      const shapes = inputs.map(({ shape }) => shape.join('x'));
      return refuse(`joins ${shapes.join(' and ')}, which are not of one height and width`, {
        hint: 'Pooling or a stride makes the sizes the same.',
        field: 'from',
      });
    }
    const channels = inputs.reduce((sum, { shape }) => sum + shape[2], 0);
    return { shape: [height, width, channels], field: widestField(inputs.map(({ field }) => field)) };
  },
  join: ({ tf }) => ({
    parameters: [],
    join: (inputs) => tf.concat([...inputs], 3),
    split: (gradient, inputs) => {
      const channels = inputs.map(({ shape }) => shape[3]);
      return tf.split<Tensor4D>(gradient, channels, 3);
    },
  }),
};
