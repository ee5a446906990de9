import type { Rank, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { windowOf } from '../layer-table.ts';
import type { ConvolutionSpecification } from '../specification.ts';
import { initialWeights } from './initial-weights.ts';
import { biasesOf, parameter, type Layer, type Workshop } from './layer.ts';

export function convolutionLayer(specification: ConvolutionSpecification, workshop: Workshop): Layer {
  const { kernel, channels, groups = 1, bias = true, deviation, learningRate } = specification;
  const { tf, operations, name, random, inputShape } = workshop;
  const window = windowOf(specification)!;
  const shape = [kernel, kernel, inputShape[2] / groups, channels];
  const fanIn = kernel * kernel * shape[2];
  const fanOut = (kernel * kernel * channels) / groups;
  const initial = initialWeights(deviation, { count: fanIn * channels, fanIn, fanOut }, random);
  const weights = parameter(tf, `${name}.weights`, shape, initial, { rate: learningRate.weights, decay: 1 });
  const biases = bias && biasesOf(tf, name, channels, learningRate.biases);
  return {
    parameters: biases ? [weights, biases] : [weights],
    forward: (x) => {
      // The engines add biases in the same pass, so that none are zeros.
      const added = biases ? (biases.value as Tensor1D) : tf.zeros<Rank.R1>([channels]);
      const output = operations.convolution(x, weights.value as Tensor4D, added, window);
      if (!biases) added.dispose();
      return { output };
    },
    backward: (gradient, trace, needInput) => {
      const found = operations.convolutionGradients(
        trace.input,
        weights.value as Tensor4D,
        gradient,
        window,
        needInput,
      );
      return {
        ...(found.input && { input: found.input }),
        parameters: biases ? [found.weights, found.biases] : [found.weights],
      };
    },
  };
}
