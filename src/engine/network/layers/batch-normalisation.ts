import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { above, usually } from '../../base/schema/index.ts';
import type { LayerDefinition } from './definition.ts';
import { normalisationFields, type Specification } from './fields.ts';
import { parameter, type Layer, type LayerContext, type Parameter } from './layer.ts';

const fields = {
  ...normalisationFields,
  momentum: usually(0.1, above(0, 1), 'Share of the newest batch in the saved mean and variance.'),
};

/** Per channel, over the batch and all positions (Ioffe and Szegedy 2015). */
export type BatchNormalisationSpecification = Specification<'batch-normalisation', typeof fields>;

export const batchNormalisation: LayerDefinition<BatchNormalisationSpecification> = {
  kind: 'batch-normalisation',
  about: 'Each channel to mean 0 and deviation 1 over the batch, then a gain and a bias.',
  fields,
  category: 'normalisation',
  prefix: 'bn',
  label: () => 'batch-norm',
  parameters: (_, input) => 2 * input[2],
  build,
};

/**
 * Normalises each channel by the batch's mean and (biased) variance while training, by the saved running ones
 * otherwise, then scales by a gain and adds a bias.
 */
function build(
  { epsilon, momentum, learningRate }: BatchNormalisationSpecification,
  { tf, name, inputShape }: LayerContext,
): Layer {
  const channels = inputShape[2];
  const own = (part: string, start: number, multipliers?: { rate: number; decay: number }): Parameter =>
    parameter(tf, `${name}.${part}`, [channels], new Float32Array(channels).fill(start), multipliers);
  const gain = own('gain', 1, { rate: learningRate.weights, decay: 0 });
  const bias = own('bias', 0, { rate: learningRate.biases, decay: 0 });
  const savedMean = own('mean', 0);
  const savedVariance = own('variance', 1);
  const follow = (saved: Parameter, newest: Tensor): void => {
    const before = saved.value;
    saved.value = tf.keep(tf.add(tf.mul(before, 1 - momentum), tf.mul(newest, momentum)));
    before.dispose();
  };
  const axes = [0, 1, 2];

  return {
    parameters: [gain, bias, savedMean, savedVariance],
    forward: (x, { training }) => {
      const mean = training ? tf.mean<Tensor1D>(x, axes) : (savedMean.value as Tensor1D);
      const centred = tf.sub<Tensor4D>(x, mean);
      const variance = training ? tf.mean<Tensor1D>(tf.square(centred), axes) : (savedVariance.value as Tensor1D);
      const scale = tf.rsqrt(tf.add(variance, epsilon));
      const normalised = tf.mul<Tensor4D>(centred, scale);
      if (training) {
        follow(savedMean, mean);
        follow(savedVariance, variance);
      }
      const output = tf.add<Tensor4D>(tf.mul(normalised, gain.value), bias.value);
      return { output, saved: training ? [normalised, scale] : [] };
    },
    backward: (gradient, { saved: [normalised, scale] }) => {
      const byBias = tf.sum(gradient, axes);
      const byGain = tf.sum(tf.mul(gradient, normalised), axes);
      const count = gradient.size / channels;
      const shared = tf.add(tf.div(byBias, count), tf.mul(normalised, tf.div(byGain, count)));
      const input = tf.mul<Tensor4D>(tf.sub(gradient, shared), tf.mul(scale, gain.value));
      return { input, parameters: [byGain, byBias] };
    },
  };
}
