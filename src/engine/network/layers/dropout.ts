import type { Tensor4D } from '@tensorflow/tfjs-core';
import { below, needed } from '../../base/schema/index.ts';
import type { LayerDefinition } from './definition.ts';
import type { Specification } from './fields.ts';

const fields = { rate: needed(below(0, 1), 'Share of the values.') };

/** While training, values are zeroed with probability `rate`, and the others divided by 1 - rate. */
export type DropoutSpecification = Specification<'dropout', typeof fields>;

/** Keeps each value with probability 1 - rate, and then scales it up so that its expectation stays (inverted dropout). */
export const dropout: LayerDefinition<DropoutSpecification> = {
  kind: 'dropout',
  about: 'Values are zeroed at random while training.',
  fields,
  category: 'dropout',
  prefix: 'dropout',
  build: ({ rate }, { tf, name }) => ({
    parameters: [],
    forward: (x, pass) => {
      if (!pass.training || rate === 0) return { output: tf.clone(x) };
      const random = pass.random(name);
      const threshold = rate * 2 ** 32;
      const kept = 1 / (1 - rate);
      const mask = new Float32Array(x.size);
      for (let i = 0; i < mask.length; i++) mask[i] = random.next() < threshold ? 0 : kept;
      const scale = tf.tensor4d(mask, x.shape);
      return { output: tf.mul<Tensor4D>(x, scale), saved: [scale] };
    },
    backward: (gradient, { saved: [scale] }) => ({
      input: scale ? tf.mul<Tensor4D>(gradient, scale) : gradient,
      parameters: [],
    }),
  }),
};
