import { sumOf } from '../../backend/engine.ts';
import { widestField } from '../receptive-field.ts';
import type { JoinDefinition } from './definition.ts';
import { noFields, type Specification } from './fields.ts';

/** The sum of inputs of one shape. */
export const add: JoinDefinition<Specification<'add'>> = {
  kind: 'add',
  about: 'The sum of the layers named by "from", which are of one shape.',
  fields: noFields,
  category: 'other',
  prefix: 'add',
  outflow: (_, inputs, refuse) => {
    const shapes = inputs.map(({ shape }) => shape.join('x'));
    if (new Set(shapes).size > 1) {
      return refuse(`adds ${shapes.join(' and ')}, which are not of one shape`, {
        hint: 'A convolution with kernel 1, and the stride of the other way, makes the shapes the same.',
        field: 'from',
      });
    }
    return { shape: [...inputs[0].shape], field: widestField(inputs.map(({ field }) => field)) };
  },
  join: ({ tf }) => ({
    parameters: [],
    join: (inputs) => sumOf(tf, inputs),
    split: (gradient, inputs) => inputs.map(() => tf.clone(gradient)),
  }),
};
