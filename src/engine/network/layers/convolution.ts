import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { windowOf } from '../layer-table.ts';
import type { ConvolutionSpecification } from '../specification.ts';
import { parameter, type Layer, type Workshop } from './layer.ts';

export function convolutionLayer(specification: ConvolutionSpecification, workshop: Workshop): Layer {
  const { kernel, channels, deviation, learningRate } = specification;
  const { tf, operations, name, random, inputShape } = workshop;
  const window = windowOf(specification)!;
  const shape = [kernel, kernel, inputShape[2], channels];
  const initial = Float32Array.from(
    { length: kernel * kernel * inputShape[2] * channels },
    () => deviation * random.normal(),
  );
  const weights = parameter(tf, `${name}.weights`, shape, initial, { rate: learningRate.weights, decay: 1 });
  const biases = parameter(tf, `${name}.biases`, [channels], new Float32Array(channels), {
    rate: learningRate.biases,
    decay: 1,
  });
  return {
    parameters: [weights, biases],
    forward: (x) => ({
      output: operations.convolution(x, weights.value as Tensor4D, biases.value as Tensor1D, window),
    }),
    backward: (gradient, trace, needInput) => {
      const found = operations.convolutionGradients(
        trace.input,
        weights.value as Tensor4D,
        gradient,
        window,
        needInput,
      );
      return { ...(found.input && { input: found.input }), parameters: [found.weights, found.biases] };
    },
  };
}
