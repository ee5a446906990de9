import type { Rank, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Padding, Window } from '../../backend/kernels/index.ts';
import type { LayerDefinition, Shape, Wiring } from './definition.ts';
import type { Layer, LayerContext } from './layer.ts';
import { weightsAndBiases, type Weighted } from './weights.ts';
import { windowed } from './windowed.ts';

export interface ConvolutionSpecification extends Wiring, Weighted {
  kind: 'convolution';
  /** Side of the square window, in pixels. */
  kernel: number;
  /** Output channels: neurons. */
  channels: number;
  padding: Padding;
  /** Input pixels from one window to the next; 1 by default. */
  stride?: number;
  /** Input pixels from one pixel of the window to the next; 1 by default. */
  dilation?: number;
  /** Input and output channels fall into so many groups, each seeing only its own; 1 by default. */
  groups?: number;
}

export const convolution: LayerDefinition<ConvolutionSpecification> = {
  kind: 'convolution',
  category: 'convolution',
  prefix: 'conv',
  label: ({ kernel, channels, stride = 1, dilation = 1, groups = 1 }) => {
    const more = [stride > 1 && `/${stride}`, dilation > 1 && ` d${dilation}`, groups > 1 && ` g${groups}`];
    return `conv${kernel}-${channels}${more.filter(Boolean).join('')}`;
  },
  neurons: 'channels',
  outflow: (layer, [input], refuse) => {
    const { channels, groups = 1 } = layer;
    const output = windowed(input, { window: windowOf(layer), channels, field: 'kernel' }, refuse);
    const inputs = input.shape[2];
    if (inputs % groups === 0 && channels % groups === 0) return output;
    return refuse(
      `has ${groups} groups, which its ${inputs} input and ${channels} output channels do not fall into evenly`,
      { hint: 'Choose groups that divide both.', field: 'groups' },
    );
  },
  weights: weightCount,
  parameters: (layer, input) => weightCount(layer, input) + (layer.bias === false ? 0 : layer.channels),
  build,
};

function windowOf({ kernel, padding, stride = 1, dilation = 1 }: ConvolutionSpecification): Window {
  return { kernel, stride, padding, ...(dilation > 1 && { dilation }) };
}

function weightCount({ kernel, groups = 1, channels }: ConvolutionSpecification, input: Shape): number {
  return kernel * kernel * (input[2] / groups) * channels;
}

function build(specification: ConvolutionSpecification, context: LayerContext): Layer {
  const { kernel, channels, groups = 1 } = specification;
  const { tf, operations, inputShape } = context;
  const window = windowOf(specification);
  const inputs = inputShape[2] / groups;
  const area = kernel * kernel;
  const { weights, biases, parameters } = weightsAndBiases(context, specification, [kernel, kernel, inputs, channels], {
    fanIn: area * inputs,
    fanOut: (area * channels) / groups,
  });
  return {
    parameters,
    forward: (x) => {
      // The engines add biases in the same pass, so that none are zeros.
      const added = biases ? (biases.value as Tensor1D) : tf.zeros<Rank.R1>([channels]);
      const output = operations.convolution(x, weights.value as Tensor4D, added, window);
      if (!biases) added.dispose();
      return { output };
    },
    backward: (gradient, { input }, needInput) => {
      const kernels = weights.value as Tensor4D;
      const found = operations.convolutionGradients(input, kernels, gradient, window, needInput);
      return {
        ...(found.input && { input: found.input }),
        parameters: biases ? [found.weights, found.biases] : [found.weights],
      };
    },
  };
}
