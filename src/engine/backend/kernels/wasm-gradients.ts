import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Placement } from './wasm.ts';

/**
 * A convolution's gradient by its input: the convolution of the output's gradient with the filter turned by half a
 * circle, its inputs and outputs exchanged. For stride 1 only.
 * @param dy [N, H', W', outputs]
 * @param filter [kernel, kernel, inputs, outputs]
 * @returns [N, H, W, inputs]
 */
export function inputGradient(tf: typeof TensorFlow, dy: Tensor4D, filter: Tensor4D, placement: Placement): Tensor4D {
  const { kernel, before, after } = placement;
  return tf.tidy(() => {
    if (isDense(placement)) {
      const [images, , , outputs] = dy.shape;
      const weights = tf.reshape(filter, [-1, outputs]);
      const product = tf.matMul(tf.reshape(dy, [images, outputs]), weights, false, true);
      return tf.reshape(product, [images, kernel, kernel, filter.shape[2]]);
    }
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const padding = (axis: 0 | 1): [number, number] => [kernel - 1 - before[axis], kernel - 1 - after[axis]];
    return tf.conv2d(dy, turned, 1, [[0, 0], padding(0), padding(1), [0, 0]]);
  });
}

/**
 * A convolution's gradient by its filter: the convolution of the input with the output's gradient, images taking the
 * part of channels. A stride becomes a dilation.
 * @param x [N, H, W, inputs]
 * @param dy [N, H', W', outputs]
 * @returns [kernel, kernel, inputs, outputs]
 */
export function filterGradient(tf: typeof TensorFlow, x: Tensor4D, dy: Tensor4D, placement: Placement): Tensor4D {
  const { kernel, stride, before, after, input } = placement;
  const [inputs, outputs] = [x.shape[3], dy.shape[3]];
  return tf.tidy(() => {
    if (kernel === 1 && stride === 1) {
      const product = tf.matMul(tf.reshape(x, [-1, inputs]), tf.reshape(dy, [-1, outputs]), true, false);
      return tf.reshape(product, [1, 1, inputs, outputs]);
    }
    if (isDense(placement) && input[0] === kernel && input[1] === kernel) {
      const flat = tf.reshape(x, [x.shape[0], -1]);
      return tf.reshape(tf.matMul(flat, tf.reshape(dy, [-1, outputs]), true, false), [kernel, kernel, inputs, outputs]);
    }
    const padding = (axis: 0 | 1): [number, number] => [before[axis], after[axis]];
    const pads: Parameters<typeof tf.conv2d>[3] = [[0, 0], padding(0), padding(1), [0, 0]];
    const swapped: Tensor4D = tf.transpose(x, [3, 1, 2, 0]);
    const product = tf.conv2d(swapped, tf.transpose(dy, [1, 2, 0, 3]), 1, pads, 'NHWC', stride);
    // Pixels that no whole window reached would make further rows and columns.
    const whole = tf.slice(product, 0, [inputs, kernel, kernel, outputs]);
    return tf.transpose(whole, [1, 2, 0, 3]);
  });
}

/** One position that sees every pixel, and no padding: a product of two matrices. */
const isDense = ({ output, before, after }: Placement): boolean =>
  output.every((side) => side === 1) && [...before, ...after].every((pixels) => pixels === 0);

interface DepthwisePlacement extends Placement {
  /** Outputs of each channel. */
  multiplier: number;
}

/** Calls `visit` with where the values of a pixel, of an output's position and of a window's pixel begin. */
function eachPair(
  { images, input, output, kernel, stride, before: [top, left], channels, multiplier }: DepthwisePlacement,
  visit: (pixel: number, position: number, weight: number) => void,
): void {
  const outputs = channels * multiplier;
  for (let image = 0, position = 0; image < images; image++) {
    for (let y = 0; y < output[0]; y++) {
      for (let x = 0; x < output[1]; x++, position += outputs) {
        for (let i = 0; i < kernel; i++) {
          const row = y * stride + i - top;
          if (row < 0 || row >= input[0]) continue;
          for (let j = 0; j < kernel; j++) {
            const column = x * stride + j - left;
            if (column < 0 || column >= input[1]) continue;
            visit(((image * input[0] + row) * input[1] + column) * channels, position, (i * kernel + j) * outputs);
          }
        }
      }
    }
  }
}

/**
 * A depthwise convolution's gradient by its input.
 * @param dy [N, H', W', channels * multiplier]
 * @param filter [rows, columns, channels, multiplier]
 * @returns [N, H, W, channels]
 */
export function depthwiseInputGradient(dy: Float32Array, filter: Float32Array, over: DepthwisePlacement): Float32Array {
  const { images, input, channels, multiplier } = over;
  const result = new Float32Array(images * input[0] * input[1] * channels);
  eachPair(over, (pixel, position, weight) => {
    if (multiplier === 1) {
      for (let c = 0; c < channels; c++) result[pixel + c] += dy[position + c] * filter[weight + c];
      return;
    }
    for (let c = 0, at = 0; c < channels; c++) {
      let sum = 0;
      for (let m = 0; m < multiplier; m++, at++) sum += dy[position + at] * filter[weight + at];
      result[pixel + c] += sum;
    }
  });
  return result;
}

/**
 * A depthwise convolution's gradient by its filter, summed in double precision.
 * @param x [N, H, W, channels]
 * @param dy [N, H', W', channels * multiplier]
 * @returns [rows, columns, channels, multiplier]
 */
export function depthwiseFilterGradient(x: Float32Array, dy: Float32Array, over: DepthwisePlacement): Float32Array {
  const { kernel, channels, multiplier } = over;
  const sums = new Float64Array(kernel * kernel * channels * multiplier);
  eachPair(over, (pixel, position, weight) => {
    if (multiplier === 1) {
      for (let c = 0; c < channels; c++) sums[weight + c] += x[pixel + c] * dy[position + c];
      return;
    }
    for (let c = 0, at = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++, at++) sums[weight + at] += x[pixel + c] * dy[position + at];
    }
  });
  return Float32Array.from(sums);
}

/** Calls `visit` with each window's real pixels: rows [firstRow, endRow), columns [firstColumn, endColumn). */
function eachWindow(
  { images, input, output, kernel, stride, before }: Placement,
  visit: (image: number, position: number, rows: [number, number], columns: [number, number]) => void,
): void {
  const range = (at: number, axis: 0 | 1): [number, number] => {
    const first = at * stride - before[axis];
    return [Math.max(0, first), Math.min(input[axis], first + kernel)];
  };
  for (let image = 0, position = 0; image < images; image++) {
    for (let y = 0; y < output[0]; y++) {
      for (let x = 0; x < output[1]; x++) visit(image, position++, range(y, 0), range(x, 1));
    }
  }
}

/**
 * Max pooling's gradient: each window's goes to its maximum, the first one of equals.
 * @param dx where it is written, like `x`
 */
export function maxPoolGradient(x: Float32Array, dy: Float32Array, dx: Float32Array, placement: Placement): void {
  const { channels, input } = placement;
  const best = new Float32Array(channels);
  const place = new Int32Array(channels);
  dx.fill(0);
  eachWindow(placement, (image, position, [firstRow, endRow], [firstColumn, endColumn]) => {
    let first = true;
    for (let row = firstRow; row < endRow; row++) {
      for (let column = firstColumn; column < endColumn; column++) {
        const from = ((image * input[0] + row) * input[1] + column) * channels;
        for (let c = 0; c < channels; c++) {
          const value = x[from + c];
          if (first || value > best[c]) {
            best[c] = value;
            place[c] = from + c;
          }
        }
        first = false;
      }
    }
    const from = position * channels;
    for (let c = 0; c < channels; c++) dx[place[c]] += dy[from + c];
  });
}

/**
 * Average pooling's gradient: each window's, in equal parts to its real pixels.
 * @param dx where it is written, like the pooling's input
 */
export function averagePoolGradient(dy: Float32Array, dx: Float32Array, placement: Placement): void {
  const { channels, input } = placement;
  dx.fill(0);
  eachWindow(placement, (image, position, [firstRow, endRow], [firstColumn, endColumn]) => {
    const share = 1 / ((endRow - firstRow) * (endColumn - firstColumn));
    const from = position * channels;
    for (let row = firstRow; row < endRow; row++) {
      for (let column = firstColumn; column < endColumn; column++) {
        const to = ((image * input[0] + row) * input[1] + column) * channels;
        for (let c = 0; c < channels; c++) dx[to + c] += share * dy[from + c];
      }
    }
  });
}
