import { printable } from '../../base/printable.ts';
import type { Window } from '../../backend/kernels/index.ts';
import { addActivation } from './activations.ts';
import type { Builder, ParameterOrigin } from './builder.ts';
import {
  flagOf,
  multipliersOf,
  notAsThere,
  onlyInput,
  paddingOf,
  refuse,
  requireChannelsLast,
  setting,
  square,
} from './builder.ts';
import { paddingFor, type Flow, type Sides } from './flow.ts';
import type { KerasLayer } from './topology.ts';

/** Conv2D, and DepthwiseConv2D as a convolution with a group for each input channel. */
export function addConvolution(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = imageOf(layer, inputs);
  const depthwise = layer.className === 'DepthwiseConv2D';
  const inputChannels = input.shape[2];
  const groups = depthwise ? inputChannels : setting(layer, 'groups', 1, (field) => field.whole(1, 65_536));
  const channels = depthwise ? inputChannels * multiplierOf(layer) : layer.config.get('filters').whole(1, 65_536);
  if (inputChannels % groups !== 0 || channels % groups !== 0) {
    refuse(layer, `parts ${inputChannels} input and ${channels} output channels into ${groups} groups`);
  }
  const bias = flagOf(layer, 'use_bias', true);
  return addActivation(builder, layer, addWindow(builder, layer, input, { channels, groups, bias, depthwise }));
}

/** SeparableConv2D: each channel by itself, then all of them together at each position. */
export function addSeparable(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = imageOf(layer, inputs);
  const channels = input.shape[2] * multiplierOf(layer);
  const filters = layer.config.get('filters').whole(1, 65_536);
  const apart = addWindow(builder, layer, input, {
    ...{ channels, groups: input.shape[2], bias: false, depthwise: true },
    called: `${layer.id}_depthwise`,
  });
  const bias = flagOf(layer, 'use_bias', true);
  const row = {
    kind: 'convolution',
    kernel: 1,
    channels: filters,
    padding: 'valid',
    ...weightsOf(layer, bias),
  } as const;
  const flow = builder.add(layer, row, [apart], {
    parameters: {
      weights: { variable: 'pointwise_kernel', shape: [1, 1, channels, filters] },
      ...(bias && { biases: { variable: 'bias', shape: [filters] } }),
    },
  });
  return addActivation(builder, layer, flow);
}

const multiplierOf = (layer: KerasLayer): number =>
  setting(layer, 'depth_multiplier', 1, (field) => field.whole(1, 65_536));

const weightsOf = (layer: KerasLayer, bias: boolean) =>
  ({ ...(!bias && { bias }), deviation: 'glorot', learningRate: multipliersOf(layer) }) as const;

interface Weighted {
  channels: number;
  groups: number;
  bias: boolean;
  /** Whether Keras has the weights by input channel. */
  depthwise: boolean;
  called?: string;
}

/** A convolution by the layer's window. */
function addWindow(
  builder: Builder,
  layer: KerasLayer,
  input: Flow,
  { channels, groups, bias, depthwise, called = layer.id }: Weighted,
): Flow {
  const kernel = square(layer, 'kernel_size', 1);
  const [stride, dilation] = [square(layer, 'strides', 1), square(layer, 'dilation_rate', 1)];
  const { padding } = windowOf(layer, input, { kernel, stride, dilation });
  const inputs = input.shape[2];
  const weights: ParameterOrigin = depthwise
    ? {
        variable: 'depthwise_kernel',
        shape: [kernel, kernel, inputs, channels / inputs],
        as: [kernel, kernel, 1, channels],
      }
    : { variable: 'kernel', shape: [kernel, kernel, inputs / groups, channels] };
  return builder.add(
    layer,
    {
      ...{ kind: 'convolution', kernel, channels, padding },
      ...(stride !== 1 && { stride }),
      ...(dilation !== 1 && { dilation }),
      ...(groups !== 1 && { groups }),
      ...weightsOf(layer, bias),
    },
    [input],
    { called, parameters: { weights, ...(bias && { biases: { variable: 'bias', shape: [channels] } }) } },
  );
}

/** MaxPooling2D and AveragePooling2D; the mean is that of the pixels there are, as in TensorFlow. */
export function addPooling(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = imageOf(layer, inputs);
  const operation = layer.className === 'MaxPooling2D' ? 'max' : 'average';
  if (input.zeros && operation === 'average') {
    refuse(
      layer,
      'would average the zeros of a ZeroPadding2D',
      'Use the padding "same", which counts real pixels alone.',
    );
  }
  if (input.zeros && !input.nonNegative) {
    refuse(layer, 'takes the maximum of a ZeroPadding2D around values below zero', 'Put a ReLU before the padding.');
  }
  const size = square(layer, 'pool_size', 2);
  const window = windowOf(layer, input, { kernel: size, stride: square(layer, 'strides', size) });
  const { padding, stride } = window;
  if (typeof padding === 'number' && 2 * padding > size) {
    refuse(layer, `follows a ZeroPadding2D of more than half of its window`, 'Pad by half of the window at most.');
  }
  return builder.add(layer, { kind: 'pooling', operation, size, stride, padding }, [input], {
    nonNegative: input.nonNegative,
  });
}

/** Keeps the zeros for the window that comes next. */
export function addZeros(layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = imageOf(layer, inputs);
  if (input.zeros) refuse(layer, 'follows another ZeroPadding2D', 'Make one of the two.');
  const zeros = setting(layer, 'padding', { top: 1, bottom: 1, left: 1, right: 1 }, (field): Sides => {
    const width = (side: typeof field): number => side.whole(0, 1024);
    if (!field.isList) return { top: width(field), bottom: width(field), left: width(field), right: width(field) };
    const [rows, columns] = field.list(2, 2);
    const pair = (side: typeof field): number[] =>
      side.isList ? side.list(2, 2).map(width) : [width(side), width(side)];
    const [[top, bottom], [left, right]] = [pair(rows), pair(columns)];
    return { top, bottom, left, right };
  });
  return Object.values(zeros).some((side) => side > 0) ? { ...input, zeros } : input;
}

function imageOf(layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs, { zeros: true });
  if (input.flat) refuse(layer, 'is called on a list of values, not on an image');
  requireChannelsLast(layer);
  return input;
}

/** With the padding that does both what the layer says and what a ZeroPadding2D before it does. */
function windowOf(layer: KerasLayer, input: Flow, window: Omit<Window, 'padding'>): Window {
  const own = paddingOf(layer);
  if (!input.zeros) return { ...window, padding: own };
  const padding = own === 'valid' ? paddingFor(input, window) : undefined;
  if (padding !== undefined) return { ...window, padding };
  const { top, bottom, left, right } = input.zeros;
  return refuse(
    layer,
    `follows a ZeroPadding2D of ${top}, ${bottom}, ${left} and ${right} pixels (top, bottom, left, right), which is not ` +
      `a padding that a ${printable(layer.className)} has itself`,
    `Pad all sides alike, or as "same" does, and give the layer the padding "valid". ${notAsThere}`,
  );
}
