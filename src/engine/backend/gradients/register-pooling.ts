import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { AvgPoolGradAttrs, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { averagePoolGradient, maxPoolGradient, type PoolingGeometry } from './pooling-gradients.ts';
import { replaceKernel } from './replace-kernel.ts';

/** The parts of tfjs-backend-wasm that reach its memory. */
interface WasmMemory {
  makeOutput(shape: number[], type: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

/**
 * Registers both gradients of pooling for wasm. Those of tfjs-backend-wasm 4.22 are wrong: the average's divides by
 * the whole window at the border too, and where windows overlap, the maximum's loses contributions.
 */
export function registerPoolingGradients(tf: typeof TensorFlow): void {
  const geometryOf = (shape: number[], attributes: unknown): PoolingGeometry => {
    // Both gradients take the same attributes.
    const { filterSize, strides, pad, dimRoundingMode } = attributes as AvgPoolGradAttrs & {
      dimRoundingMode?: 'floor' | 'round' | 'ceil';
    };
    const info = tf.backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    return {
      images: info.batchSize,
      input: [info.inHeight, info.inWidth],
      output: [info.outHeight, info.outWidth],
      window: [info.filterHeight, info.filterWidth],
      stride: [info.strideHeight, info.strideWidth],
      top: info.padInfo.top,
      left: info.padInfo.left,
      channels: info.inChannels,
    };
  };
  const gradient =
    (fill: (x: Float32Array, dy: Float32Array, dx: Float32Array, geometry: PoolingGeometry) => void): KernelFunc =>
    ({ inputs, attrs, backend }) => {
      const memory = backend as WasmMemory;
      const { input, dy } = inputs as Record<'input' | 'dy', TensorInfo>;
      const dx = memory.makeOutput(input.shape, 'float32');
      // Views are made after the allocation, which may move the memory.
      const [x, above, below] = [input, dy, dx].map((tensor) => memory.typedArrayFromHeap(tensor));
      fill(x, above, below, geometryOf(input.shape, attrs));
      return dx;
    };
  replaceKernel(tf, 'wasm', 'MaxPoolGrad', gradient(maxPoolGradient));
  replaceKernel(
    tf,
    'wasm',
    'AvgPoolGrad',
    gradient((_, dy, dx, geometry) => averagePoolGradient(dy, dx, geometry)),
  );
}
