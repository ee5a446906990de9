import type { Rank, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Window } from '../../backend/kernels/index.ts';
import { limits } from '../../base/limits.ts';
import { needed, usually, whole } from '../../base/schema/index.ts';
import type { LayerDefinition, Shape } from './definition.ts';
import { neurons, padding, pixels, weightFields, type Specification } from './fields.ts';
import type { Layer, LayerContext } from './layer.ts';
import { weightsAndBiases } from './weights.ts';
import { windowed } from './windowed.ts';

const fields = {
  kernel: needed(pixels, 'Side of the window in pixels.'),
  channels: neurons('Output channels: neurons'),
  stride: usually(1, pixels, 'Pixels from one window to the next.'),
  padding,
  dilation: usually(1, pixels, 'Image pixels from one pixel of the window to the next.'),
  groups: usually(1, whole(1, limits.neurons), 'Groups that the channels fall into, each seeing only its own.'),
  ...weightFields,
};

export type ConvolutionSpecification = Specification<
  'convolution',
  typeof fields,
  'stride' | 'dilation' | 'groups' | 'bias'
>;

export const convolution: LayerDefinition<ConvolutionSpecification> = {
  kind: 'convolution',
  about: 'A square window of weights over the image.',
  fields,
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
