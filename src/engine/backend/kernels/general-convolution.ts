import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { crop, pad, plainPadding } from './borders.ts';
import type { ConvolutionGradients, DepthwiseOperations, Operations, PlainOperations } from './operations.ts';
import type { PlainWindow, Window } from './window.ts';

type Convolution = Pick<Operations, 'convolution' | 'convolutionGradients'>;
type Plain = Pick<PlainOperations, 'convolution' | 'convolutionGradients' | keyof DepthwiseOperations>;

/**
 * Convolution with any window and any number of groups, from an engine's plain ones: pixels are put around the image
 * for padding by number, and zeros between the weights for dilation. A plain convolution goes straight to the engine;
 * groups are convolved one after another, or at once where each has a single channel. The number of groups follows from
 * the channels of x and weights.
 */
export function generalConvolution(tf: typeof TensorFlow, plain: Plain): Convolution {
  /** What an engine's own convolution can do. */
  const plainOf = (x: Tensor4D, weights: Tensor4D, window: Window): PlainWindow | undefined => {
    const { around, padding } = plainPadding(window);
    const isPlain = around === 0 && (window.dilation ?? 1) === 1 && x.shape[3] === weights.shape[2];
    return isPlain ? { kernel: window.kernel, stride: window.stride, padding } : undefined;
  };
  /** The same convolution in an engine's words: a padded image, and a filter with zeros in between. */
  const spreadOut = (x: Tensor4D, weights: Tensor4D, window: Window): SpreadOut => {
    const { around, padding } = plainPadding(window);
    const filter = dilated(tf, weights, window.dilation ?? 1);
    const groups = x.shape[3] / weights.shape[2];
    return {
      padded: pad(tf, x, around),
      filter,
      groups,
      around,
      by: groups > 1 && weights.shape[2] === 1 ? byChannels(tf, plain) : byGroups(tf, plain),
      plainWindow: { kernel: filter.shape[0], stride: window.stride, padding },
    };
  };

  return {
    convolution: (x, weights, biases, window) => {
      const plainWindow = plainOf(x, weights, window);
      if (plainWindow) return plain.convolution(x, weights, biases, plainWindow);
      return tf.tidy(() => {
        const { padded, filter, groups, by, plainWindow: own } = spreadOut(x, weights, window);
        return by.convolution(padded, filter, biases, own, groups);
      });
    },
    convolutionGradients: (x, weights, gradient, window, needInput) => {
      const plainWindow = plainOf(x, weights, window);
      if (plainWindow) return plain.convolutionGradients(x, weights, gradient, plainWindow, needInput);
      return tf.tidy(() => {
        const { padded, filter, groups, around, by, plainWindow: own } = spreadOut(x, weights, window);
        const found = by.convolutionGradients(padded, filter, gradient, own, needInput, groups);
        return {
          ...(found.input && { input: crop(tf, found.input, around) }),
          weights: gathered(tf, found.weights, window.dilation ?? 1),
          biases: found.biases,
        };
      });
    },
  };
}

interface SpreadOut {
  padded: Tensor4D;
  filter: Tensor4D;
  groups: number;
  /** Pixels that were put around the image. */
  around: number;
  by: Grouping;
  plainWindow: PlainWindow;
}

/** A filter with `dilation - 1` zeros between its pixels. */
function dilated(tf: typeof TensorFlow, filter: Tensor4D, dilation: number): Tensor4D {
  if (dilation === 1) return filter;
  const [kernel, , inputs, outputs] = filter.shape;
  const reach = (kernel - 1) * dilation + 1;
  // Rows, then columns: WebGPU's padding has four axes at most.
  const after = (values: Tensor): Tensor =>
    tf.pad(values, [
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]);
  const rows = after(tf.reshape(filter, [kernel, 1, kernel * inputs * outputs]));
  const apart = after(tf.reshape(rows, [kernel * dilation * kernel, 1, inputs * outputs]));
  const whole: Tensor4D = tf.reshape(apart, [kernel * dilation, kernel * dilation, inputs, outputs]);
  return tf.slice(whole, 0, [reach, reach, inputs, outputs]);
}

/** Of a dilated filter's gradient the part by its real pixels. */
function gathered(tf: typeof TensorFlow, gradient: Tensor4D, dilation: number): Tensor4D {
  if (dilation === 1) return gradient;
  const [reach, , inputs, outputs] = gradient.shape;
  const kernel = (reach - 1) / dilation + 1;
  const missing = kernel * dilation - reach;
  const whole = tf.pad(gradient, [
    [0, missing],
    [0, missing],
    [0, 0],
    [0, 0],
  ]);
  const first = (values: Tensor, count: number): Tensor => tf.slice(values, 0, [count, 1, values.shape[2]!]);
  const rows = first(tf.reshape(whole, [kernel, dilation, kernel * dilation * inputs * outputs]), kernel);
  const pixels = first(tf.reshape(rows, [kernel * kernel, dilation, inputs * outputs]), kernel * kernel);
  return tf.reshape(pixels, [kernel, kernel, inputs, outputs]);
}

/** A way to convolve in groups with a plain window; weights are [kernel, kernel, inputs of a group, outputs]. */
interface Grouping {
  convolution(x: Tensor4D, weights: Tensor4D, biases: Tensor1D, window: PlainWindow, groups: number): Tensor4D;
  convolutionGradients(
    x: Tensor4D,
    weights: Tensor4D,
    gradient: Tensor4D,
    window: PlainWindow,
    needInput: boolean,
    groups: number,
  ): ConvolutionGradients;
}

/** Group after group, each a convolution of its own. */
const byGroups = (
  tf: typeof TensorFlow,
  plain: Pick<PlainOperations, 'convolution' | 'convolutionGradients'>,
): Grouping => ({
  convolution: (x, weights, biases, window, groups) => {
    const filters = tf.split<Tensor4D>(weights, groups, 3);
    const parts = tf.split<Tensor1D>(biases, groups);
    return joined(
      tf,
      tf
        .split<Tensor4D>(x, groups, 3)
        .map((part, group) => plain.convolution(part, filters[group], parts[group], window)),
    );
  },
  convolutionGradients: (x, weights, gradient, window, needInput, groups) => {
    const filters = tf.split<Tensor4D>(weights, groups, 3);
    const gradients = tf.split<Tensor4D>(gradient, groups, 3);
    const found = tf
      .split<Tensor4D>(x, groups, 3)
      .map((part, group) => plain.convolutionGradients(part, filters[group], gradients[group], window, needInput));
    return {
      ...(needInput && {
        input: joined(
          tf,
          found.map((one) => one.input!),
        ),
      }),
      weights: joined(
        tf,
        found.map((one) => one.weights),
      ),
      biases: groups === 1 ? found[0].biases : tf.concat(found.map((one) => one.biases)),
    };
  },
});

/**
 * All groups at once, where each has one input: a depthwise convolution. With more inputs a sum of such convolutions
 * would do; it was measured to take longer than one group after another.
 */
const byChannels = (
  tf: typeof TensorFlow,
  plain: Pick<PlainOperations, 'depthwise' | 'depthwiseGradients'>,
): Grouping => {
  const filterOf = (weights: Tensor4D, groups: number): Tensor4D => {
    const [rows, columns, , outputs] = weights.shape;
    return tf.reshape(weights, [rows, columns, groups, outputs / groups]);
  };
  return {
    convolution: (x, weights, biases, window, groups) =>
      tf.add(plain.depthwise(x, filterOf(weights, groups), window), biases),
    convolutionGradients: (x, weights, gradient, window, needInput, groups) => {
      const found = plain.depthwiseGradients(x, filterOf(weights, groups), gradient, window, needInput);
      return {
        ...(found.input && { input: found.input }),
        weights: tf.reshape(found.weights, weights.shape),
        biases: tf.sum<Tensor1D>(gradient, [0, 1, 2]),
      };
    },
  };
};

/** Channels one after the other. */
const joined = (tf: typeof TensorFlow, parts: Tensor4D[]): Tensor4D =>
  parts.length === 1 ? parts[0] : tf.concat(parts, 3);
