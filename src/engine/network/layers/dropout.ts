import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { DropoutSpecification } from '../specification.ts';
import type { Layer, Workshop } from './layer.ts';

/** Keeps each value with probability 1 - rate, and then scales it up so that its expectation stays (inverted dropout). */
export const dropoutLayer = ({ rate }: DropoutSpecification, { tf, name }: Workshop): Layer => ({
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
});
