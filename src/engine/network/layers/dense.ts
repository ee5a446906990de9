import type { Rank, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { LayerDefinition, Shape } from './definition.ts';
import { neurons, weightFields, type Specification } from './fields.ts';
import type { Layer, LayerContext } from './layer.ts';
import { weightsAndBiases } from './weights.ts';
import { wholeInput } from './windowed.ts';

const fields = { units: neurons('Neurons'), ...weightFields };

/** Every unit sees all values of its input, taken [H, W, C] row-major; the output is [1, 1, units]. */
export type DenseSpecification = Specification<'dense', typeof fields, 'bias'>;

export const dense: LayerDefinition<DenseSpecification> = {
  kind: 'dense',
  about: 'Every unit sees all of its input.',
  fields,
  category: 'dense',
  prefix: 'dense',
  label: ({ units }) => `dense-${units}`,
  neurons: 'units',
  outflow: ({ units }, [input]) => wholeInput(input, units),
  weights: ({ units }, input) => valuesOf(input) * units,
  parameters: ({ units, bias }, input) => valuesOf(input) * units + (bias === false ? 0 : units),
  build,
};

const valuesOf = ([height, width, channels]: Readonly<Shape>): number => height * width * channels;

/** Weights are [inputs, units], the inputs in the order [H, W, C]. */
function build(specification: DenseSpecification, context: LayerContext): Layer {
  const { units } = specification;
  const { tf, inputShape } = context;
  const inputs = valuesOf([...inputShape]);
  const fans = { fanIn: inputs, fanOut: units };
  const { weights, biases, parameters } = weightsAndBiases(context, specification, [inputs, units], fans);
  return {
    parameters,
    forward: (x) => ({
      output: tf.tidy(() => {
        const sums = tf.matMul<Tensor2D>(tf.reshape(x, [-1, inputs]), weights.value);
        return tf.reshape(biases ? tf.add(sums, biases.value) : sums, [-1, 1, 1, units]);
      }),
    }),
    backward: (gradient, { input }, needInput) =>
      tf.tidy(() => {
        const byUnit = tf.reshape<Rank.R2>(gradient, [-1, units]);
        const byWeights = tf.matMul<Tensor2D>(tf.reshape(input, [-1, inputs]), byUnit, true, false);
        return {
          ...(needInput && {
            input: tf.reshape<Rank.R4>(tf.matMul<Tensor2D>(byUnit, weights.value, false, true), input.shape),
          }),
          parameters: biases ? [byWeights, tf.sum<Tensor1D>(byUnit, 0)] : [byWeights],
        };
      }),
  };
}
