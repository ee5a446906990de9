import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor1D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import type { PlainOperations } from './operations.ts';
import { activationOperations, kernelRunner, poolingAttributes, portableOperations } from './portable.ts';
import {
  averagePoolGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
  filterGradient,
  inputGradient,
  maxPoolGradient,
} from './wasm-gradients.ts';
import { extentOf, type PlainWindow } from './window.ts';

/** How a window lies over images, which are [N, H, W, C] row-major. */
export interface Placement {
  images: number;
  /** [rows, columns] */
  input: readonly [number, number];
  output: readonly [number, number];
  kernel: number;
  stride: number;
  /** Padding above and left of the input, and below and right of it. */
  before: readonly [top: number, left: number];
  after: readonly [bottom: number, right: number];
  channels: number;
}

function placementOf({ shape: [images, height, width, channels] }: Tensor4D, window: PlainWindow): Placement {
  const [rows, columns] = [extentOf(height, window), extentOf(width, window)];
  return {
    images,
    input: [height, width],
    output: [rows.output, columns.output],
    kernel: window.kernel,
    stride: window.stride,
    before: [rows.before, columns.before],
    after: [rows.after, columns.after],
    channels,
  };
}

/** The parts of tfjs-backend-wasm that reach its memory. */
interface WasmMemory {
  makeOutput(shape: number[], type: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

/**
 * What tfjs-backend-wasm 4.22 has, and what training needs besides: a convolution's gradient by its filter is missing,
 * that by its input slow. Both gradients of pooling are wrong: the average's divides by the whole window at the border
 * too, and where windows overlap, the maximum's loses contributions.
 */
export function wasmOperations(tf: typeof TensorFlow): PlainOperations {
  const run = kernelRunner(tf);
  const convolving = ({ stride, padding }: PlainWindow): NamedAttrMap => ({
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [1, 1],
  });
  /** A tensor like `x` that `fill` writes in the engine's memory, beside views of `x` and `dy`. */
  const written = (x: Tensor4D, dy: Tensor4D, fill: (x: Float32Array, dy: Float32Array, dx: Float32Array) => void) => {
    const memory = tf.backend() as unknown as WasmMemory;
    const dx = memory.makeOutput(x.shape, 'float32');
    // Views are made after the allocation, which may move the memory.
    const [values, above, below] = [x, dy, dx].map((tensor) => memory.typedArrayFromHeap(tensor));
    fill(values, above, below);
    return tf.engine().makeTensorFromTensorInfo(dx) as Tensor4D;
  };

  return {
    ...portableOperations(tf),
    ...activationOperations(tf),
    convolution: (x, filter, bias, window) =>
      run('FusedConv2D', { x, filter, bias }, { ...convolving(window), activation: 'linear' }),
    convolutionGradients: (x, filter, dy, window, needInput) => {
      const placement = placementOf(x, window);
      const byInput = (): Tensor4D =>
        window.stride === 1
          ? inputGradient(tf, dy, filter, placement)
          : run('Conv2DBackpropInput', { dy, filter }, { ...convolving(window), inputShape: x.shape });
      return {
        ...(needInput && { input: byInput() }),
        weights: filterGradient(tf, x, dy, placement),
        biases: tf.sum<Tensor1D>(dy, [0, 1, 2]),
      };
    },
    depthwise: (x, filter, { stride, padding }) => tf.depthwiseConv2d(x, filter, stride, padding),
    // There are no kernels for these; composed of others they take ten times as long as loops.
    depthwiseGradients: (x, filter, gradient, window, needInput) => {
      const placement = { ...placementOf(x, window), multiplier: filter.shape[3] };
      const dy = gradient.dataSync<'float32'>();
      return {
        ...(needInput && {
          input: tf.tensor4d(depthwiseInputGradient(dy, filter.dataSync<'float32'>(), placement), x.shape),
        }),
        weights: tf.tensor4d(depthwiseFilterGradient(x.dataSync<'float32'>(), dy, placement), filter.shape),
      };
    },
    maxPoolGradient: (input, _, gradient, window) =>
      written(input, gradient, (x, dy, dx) => maxPoolGradient(x, dy, dx, placementOf(input, window))),
    averagePool: (x, window) => run('AvgPool', { x }, poolingAttributes(window)),
    averagePoolGradient: (input, gradient, window) =>
      written(input, gradient, (_, dy, dx) => averagePoolGradient(dy, dx, placementOf(input, window))),
  };
}
