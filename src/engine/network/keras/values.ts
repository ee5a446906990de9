import { limits } from '../../base/limits.ts';
import { addActivation } from './activations.ts';
import type { Builder, ParameterOrigin } from './builder.ts';
import {
  flagOf,
  multipliersOf,
  onlyInput,
  refuse,
  requireChannelsLast,
  requireLastAxis,
  requireNoZeros,
  requirePositions,
  setting,
} from './builder.ts';
import { positions, type Flow, type Row } from './flow.ts';
import type { KerasLayer } from './topology.ts';

/** Dense: on a list of values what it says; on an image Keras means every position by itself, a convolution of 1 pixel. */
export function addDense(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  const units = layer.config.get('units').whole(1, 65_536);
  const bias = flagOf(layer, 'use_bias', true);
  const biasing = { ...(!bias && { bias }) };
  const learning = { deviation: 'glorot', learningRate: multipliersOf(layer) } as const;
  const single = input.flat || positions(input) === 1;
  const values = single ? positions(input) * input.shape[2] : input.shape[2];
  const row: Row = single
    ? { kind: 'dense', units, ...biasing, ...learning }
    : { kind: 'convolution', kernel: 1, channels: units, padding: 'valid', ...biasing, ...learning };
  const flow = builder.add(layer, row, [input], {
    parameters: {
      weights: { variable: 'kernel', shape: [values, units], ...(!single && { as: [1, 1, values, units] }) },
      ...(bias && { biases: { variable: 'bias', shape: [units] } }),
    },
  });
  return addActivation(builder, layer, flow);
}

export function addGlobalPooling(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  if (input.flat) refuse(layer, 'is called on a list of values, not on an image');
  requireChannelsLast(layer);
  const operation = layer.className === 'GlobalMaxPooling2D' ? 'max' : 'average';
  return builder.add(layer, { kind: 'global-pooling', operation }, [input], {
    flat: !flagOf(layer, 'keepdims', false),
    nonNegative: input.nonNegative,
  });
}

/** Flatten: positions and channels row-major, which is how a dense layer of this program takes them anyway. */
export function flattened(layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  requireChannelsLast(layer);
  return { ...input, flat: true };
}

/**
 * Reshape, as far as it is a Flatten, or undoes one.
 * @returns the input with other words for its shape
 */
export function reshaped(layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  const values = positions(input) * input.shape[2];
  const given = layer.config.get('target_shape').list(8, 1);
  // The open side is -1 in Keras, and nothing once TensorFlow.js has saved it.
  const sides = given.map((side) => side.or(-1, (field) => field.whole(-1, 2 ** 24)));
  const known = sides.reduce((product, side) => (side === -1 ? product : product * side), 1);
  const shape = sides.map((side) => (side === -1 ? values / known : side));
  if (shape.length === 1 && shape[0] === values) return { ...input, flat: true };
  if (shape.join() === input.shape.join()) return { ...input, flat: false };
  return refuse(
    layer,
    `makes [${shape.join(', ')}] of ${input.flat ? `${values} values` : `[${input.shape.join(', ')}]`}`,
    'A Reshape that flattens, or that undoes a flattening, can be read.',
  );
}

/** Whether a Dropout drops all values of an image or none. */
export function isOfWholeImages({ className, config }: KerasLayer): boolean {
  const shape = config.get('noise_shape');
  if (className !== 'Dropout' || !shape.isList) return false;
  const [batch, ...sides] = shape.list(8, 1);
  return !batch.present && sides.every(({ value }) => value === 1);
}

export function addDropout(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  // It drops what is added to an image whole (stochastic depth), which only training does.
  if (isOfWholeImages(layer)) return input;
  if (layer.config.get('noise_shape').present)
    refuse(layer, 'has a noise_shape', 'Dropout of single values, or of whole images, can be read.');
  const rate = layer.config.get('rate').number(0, 1);
  if (rate === 1) refuse(layer, 'drops everything');
  return builder.add(layer, { kind: 'dropout', rate }, [input], { nonNegative: input.nonNegative });
}

/** A gain or bias from the file, or the value that changes nothing where the layer has none. */
const learned = (variable: string, has: boolean, channels: number, otherwise: number): ParameterOrigin =>
  has ? { variable, shape: [channels] } : { constant: new Float32Array(channels).fill(otherwise) };

/** BatchNormalization and LayerNormalization over the channels; what the layer leaves out does not learn either. */
export function addNormalisation(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  requirePositions(layer, input);
  requireLastAxis(layer, input);
  for (const name of ['renorm', 'rms_scaling']) if (flagOf(layer, name, false)) refuse(layer, `has ${name}`);
  if (layer.config.get('virtual_batch_size').present) refuse(layer, 'has a virtual_batch_size');
  const epsilon = setting(layer, 'epsilon', 1e-3, (field) => field.number(1e-12, 1));
  const [scale, centre] = [flagOf(layer, 'scale', true), flagOf(layer, 'center', true)];
  const channels = input.shape[2];
  const usual = multipliersOf(layer);
  const learningRate = { weights: scale ? usual.weights : 0, biases: centre ? usual.biases : 0 };
  const gainAndBias = {
    gain: learned('gamma', scale, channels, 1),
    bias: learned('beta', centre, channels, 0),
  };
  if (layer.className === 'LayerNormalization') {
    const row: Row = { kind: 'layer-normalisation', epsilon, learningRate };
    return builder.add(layer, row, [input], { parameters: gainAndBias });
  }
  // Keras says what is kept of the saved statistics; this program, what is taken of the newest.
  const kept = setting(layer, 'momentum', 0.99, (field) => field.number(0, 1));
  if (kept === 1) refuse(layer, 'has the momentum 1: its statistics never change');
  const momentum = 1 - kept;
  const row: Row = { kind: 'batch-normalisation', epsilon, momentum, learningRate };
  return builder.add(layer, row, [input], {
    parameters: {
      ...gainAndBias,
      mean: { variable: 'moving_mean', shape: [channels] },
      variance: { variable: 'moving_variance', shape: [channels] },
    },
  });
}

const mostJoined = 64;

const joins = { Add: 'add', Multiply: 'multiply', Concatenate: 'concatenate' } as const;

/** Add, Multiply and Concatenate of two or more inputs; Add and Multiply also of one and a number. */
export function addJoin(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  if (inputs.length === 1 && layer.constant !== undefined && layer.className !== 'Concatenate') {
    const [scale, offset] = layer.className === 'Add' ? [1, layer.constant] : [layer.constant, 0];
    const each = (value: number) => constants(new Float32Array(inputs[0].shape[2]).fill(value));
    return addScaled(builder, layer, onlyInput(layer, inputs), each(scale), each(offset));
  }
  if (inputs.length < 2) refuse(layer, `is called on ${inputs.length} input, not on two or more`);
  if (inputs.length > mostJoined)
    refuse(layer, `is called on ${inputs.length} inputs, more than the ${mostJoined} that are joined`);
  const [first] = inputs;
  for (const input of inputs) {
    requireNoZeros(layer, input);
    if (input.flat !== first.flat) refuse(layer, 'is called on a list of values and on an image');
  }
  const kind = joins[layer.className as keyof typeof joins];
  if (kind === 'concatenate') {
    requireLastAxis(layer, first);
    inputs.forEach((input) => requirePositions(layer, input));
  }
  return builder.add(layer, { kind }, inputs, { nonNegative: inputs.every((input) => input.nonNegative) });
}

/**
 * Rescaling: a convolution that scales each channel by itself and never learns. Right behind the input and to 0..1, it
 * is what preparing the images does already.
 */
export function addRescaling(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  // Behind the input the scale is that of bytes, and images come divided by 255.
  const unit = input.from === 'input' ? 255 : 1;
  const scale = channelsOf(layer, input, 'scale', 1).map((value) => value * unit);
  const offset = channelsOf(layer, input, 'offset', 0);
  if (scale.every((value) => Math.abs(value - 1) < 1e-6) && offset.every((value) => value === 0)) return input;
  return addScaled(builder, layer, input, constants(scale), constants(offset));
}

const constants = (values: ArrayLike<number>): ParameterOrigin => ({ constant: values });

/** A setting with one number, or one for each channel (whose list may stand within lists of one). */
function channelsOf(layer: KerasLayer, input: Flow, name: string, fallback: number): Float32Array {
  const channels = input.shape[2];
  let field = layer.config.get(name);
  while (field.isList && field.list(limits.neurons, 1)[0].isList) field = field.list(1, 1)[0];
  const values = field.isList ? field.list(limits.neurons, 1) : [field];
  if (values.length !== 1 && values.length !== channels)
    refuse(layer, `has ${values.length} values as its ${name}, and its input has ${channels} channels`);
  const numbers = values.map((value) => value.or(fallback, (one) => one.number()));
  return Float32Array.from({ length: channels }, (_, channel) => numbers[channel % numbers.length]);
}

/** What a variance divides by, as in Keras. */
const inverseDeviation = (variance: number): number => 1 / Math.max(Math.sqrt(variance), 1e-7);

/** Normalization of each channel by a mean and a variance from its settings or from the weights; neither learns. */
export function addNormalization(builder: Builder, layer: KerasLayer, inputs: readonly Flow[]): Flow {
  const input = onlyInput(layer, inputs);
  if (flagOf(layer, 'invert', false)) refuse(layer, 'inverts what another one does');
  requireLastAxis(layer, input);
  const channels = input.shape[2];
  if (layer.config.get('mean').present) {
    const scale = channelsOf(layer, input, 'variance', 1).map(inverseDeviation);
    const offset = channelsOf(layer, input, 'mean', 0).map((mean, channel) => -mean * scale[channel]);
    return addScaled(builder, layer, input, constants(scale), constants(offset));
  }
  const ones = constants(new Float32Array(channels).fill(1));
  const mean: ParameterOrigin = { variable: 'mean', shape: [channels], through: (value) => -value };
  const centred = addScaled(builder, layer, input, ones, mean, `${layer.id}_mean`);
  const scale: ParameterOrigin = { variable: 'variance', shape: [channels], through: inverseDeviation };
  return addScaled(builder, layer, centred, scale, constants(new Float32Array(channels)));
}

/** Each channel times a number of its own, and another one added: a convolution that never learns. */
function addScaled(
  builder: Builder,
  layer: KerasLayer,
  input: Flow,
  scale: ParameterOrigin,
  offset: ParameterOrigin,
  called = layer.id,
): Flow {
  requirePositions(layer, input);
  const channels = input.shape[2];
  const row: Row = {
    kind: 'convolution',
    kernel: 1,
    channels,
    padding: 'valid',
    groups: channels,
    deviation: 'glorot',
    learningRate: { weights: 0, biases: 0 },
  };
  return builder.add(layer, row, [input], {
    called,
    parameters: { weights: { ...scale, as: [1, 1, 1, channels] }, biases: offset },
  });
}
