import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerDefinition } from './definition.ts';
import { normalisationFields, type Specification } from './fields.ts';
import { parameter, type Layer, type LayerContext, type Parameter } from './layer.ts';

/** Over the channels of each position of each image (Ba, Kiros and Hinton 2016). */
export type LayerNormalisationSpecification = Specification<'layer-normalisation', typeof normalisationFields>;

export const layerNormalisation: LayerDefinition<LayerNormalisationSpecification> = {
  kind: 'layer-normalisation',
  about: 'The channels of each position to mean 0 and deviation 1, then a gain and a bias.',
  fields: normalisationFields,
  category: 'normalisation',
  prefix: 'ln',
  label: () => 'layer-norm',
  parameters: (_, input) => 2 * input[2],
  build,
};

/**
 * Normalises the channels of each position of each image by their own mean and (biased) variance, then scales by a gain
 * and adds a bias, both per channel.
 */
function build(
  { epsilon, learningRate }: LayerNormalisationSpecification,
  { tf, name, inputShape }: LayerContext,
): Layer {
  const channels = inputShape[2];
  const own = (part: string, start: number, rate: number): Parameter =>
    parameter(tf, `${name}.${part}`, [channels], new Float32Array(channels).fill(start), { rate, decay: 0 });
  const gain = own('gain', 1, learningRate.weights);
  const bias = own('bias', 0, learningRate.biases);
  return {
    parameters: [gain, bias],
    forward: (x) => {
      const [output, normalised, scale] = tf.tidy(() => {
        const centred = tf.sub<Tensor4D>(x, tf.mean(x, -1, true));
        const byDeviation = tf.rsqrt<Tensor4D>(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
        const even = tf.mul<Tensor4D>(centred, byDeviation);
        return [tf.add<Tensor4D>(tf.mul(even, gain.value), bias.value), even, byDeviation];
      });
      return { output, saved: [normalised, scale] };
    },
    backward: (gradient, { saved: [normalised, scale] }) =>
      tf.tidy(() => {
        const scaled = tf.mul<Tensor4D>(gradient, gain.value);
        const along = tf.mean(tf.mul(scaled, normalised), -1, true);
        const rest = tf.sub(tf.sub(scaled, tf.mean(scaled, -1, true)), tf.mul(normalised, along));
        return {
          input: tf.mul<Tensor4D>(rest, scale),
          parameters: [tf.sum(tf.mul(gradient, normalised), [0, 1, 2]), tf.sum(gradient, [0, 1, 2])],
        };
      }),
  };
}
