import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { crop, pad, plainPadding } from './borders.ts';
import type { Operations, PlainOperations } from './operations.ts';
import type { PlainWindow, Window } from './window.ts';

type Convolution<Of extends PlainOperations> = Pick<Of, 'convolution' | 'convolutionGradients'>;

/**
 * Convolution with any window and any number of groups, from an engine's plain one: pixels are put around the image
 * for padding by number, zeros between the weights for dilation, and groups are convolved one by one. A plain
 * convolution goes straight to the engine. The number of groups follows from the channels of x and weights.
 */
export function generalConvolution(
  tf: typeof TensorFlow,
  plain: Convolution<PlainOperations>,
): Convolution<Operations> {
  /** What an engine's own convolution can do. */
  const plainOf = (x: Tensor4D, weights: Tensor4D, window: Window): PlainWindow | undefined => {
    const { around, padding } = plainPadding(window);
    const isPlain = around === 0 && (window.dilation ?? 1) === 1 && x.shape[3] === weights.shape[2];
    return isPlain ? { kernel: window.kernel, stride: window.stride, padding } : undefined;
  };
  /** The same convolution in an engine's words: groups of a padded image and of filters with zeros in between. */
  const inGroups = (x: Tensor4D, weights: Tensor4D, window: Window): Grouped => {
    const { around, padding } = plainPadding(window);
    const groups = x.shape[3] / weights.shape[2];
    const spread = dilated(tf, weights, window.dilation ?? 1);
    return {
      xs: tf.split(pad(tf, x, around), groups, 3),
      filters: tf.split(spread, groups, 3),
      groups,
      around,
      plainWindow: { kernel: spread.shape[0], stride: window.stride, padding },
    };
  };

  return {
    convolution: (x, weights, biases, window) => {
      const plainWindow = plainOf(x, weights, window);
      if (plainWindow) return plain.convolution(x, weights, biases, plainWindow);
      return tf.tidy(() => {
        const { xs, filters, groups, plainWindow: own } = inGroups(x, weights, window);
        const parts = tf.split<Tensor1D>(biases, groups);
        return joined(
          tf,
          xs.map((part, group) => plain.convolution(part, filters[group], parts[group], own)),
        );
      });
    },
    convolutionGradients: (x, weights, gradient, window, needInput) => {
      const plainWindow = plainOf(x, weights, window);
      if (plainWindow) return plain.convolutionGradients(x, weights, gradient, plainWindow, needInput);
      return tf.tidy(() => {
        const { xs, filters, groups, around, plainWindow: own } = inGroups(x, weights, window);
        const gradients = tf.split<Tensor4D>(gradient, groups, 3);
        const found = xs.map((part, group) =>
          plain.convolutionGradients(part, filters[group], gradients[group], own, needInput),
        );
        const byFilter = joined(
          tf,
          found.map((one) => one.weights),
        );
        return {
          ...(needInput && {
            input: crop(
              tf,
              joined(
                tf,
                found.map((one) => one.input!),
              ),
              around,
            ),
          }),
          weights: gathered(tf, byFilter, window.dilation ?? 1),
          biases: groups === 1 ? found[0].biases : tf.concat(found.map((one) => one.biases)),
        };
      });
    },
  };
}

interface Grouped {
  xs: Tensor4D[];
  filters: Tensor4D[];
  groups: number;
  /** Pixels that were put around the image. */
  around: number;
  plainWindow: PlainWindow;
}

/** Channels one after the other. */
const joined = (tf: typeof TensorFlow, parts: Tensor4D[]): Tensor4D =>
  parts.length === 1 ? parts[0] : tf.concat(parts, 3);

/** A filter with `dilation - 1` zeros between its pixels. */
function dilated(tf: typeof TensorFlow, filter: Tensor4D, dilation: number): Tensor4D {
  if (dilation === 1) return filter;
  const [kernel, , inputs, outputs] = filter.shape;
  const reach = (kernel - 1) * dilation + 1;
  const apart = tf.pad(tf.reshape(filter, [kernel, 1, kernel, 1, inputs * outputs]), [
    [0, 0],
    [0, dilation - 1],
    [0, 0],
    [0, dilation - 1],
    [0, 0],
  ]);
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
  const apart = tf.reshape(whole, [kernel, dilation, kernel, dilation, inputs * outputs]);
  return tf.reshape(tf.slice(apart, 0, [kernel, 1, kernel, 1, inputs * outputs]), [kernel, kernel, inputs, outputs]);
}
