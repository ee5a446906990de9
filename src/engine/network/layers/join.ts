import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { AdditionSpecification, ConcatenationSpecification } from '../specification.ts';
import type { Join, Workshop } from './layer.ts';

/** The layer that brings several outputs together. */
export function joinLayer(
  { kind }: AdditionSpecification | ConcatenationSpecification,
  { tf }: Pick<Workshop, 'tf'>,
): Join {
  if (kind === 'add') {
    return {
      parameters: [],
      join: (inputs) => tf.addN([...inputs]),
      split: (gradient, inputs) => inputs.map(() => tf.clone(gradient)),
    };
  }
  return {
    parameters: [],
    join: (inputs) => tf.concat([...inputs], 3),
    split: (gradient, inputs) => {
      const channels = inputs.map(({ shape }) => shape[3]);
      return tf.split<Tensor4D>(gradient, channels, 3);
    },
  };
}
