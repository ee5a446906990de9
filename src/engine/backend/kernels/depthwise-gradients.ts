import type { Placement } from './wasm.ts';

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
