import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';

/** Registers a kernel, in the place of the one that is there. */
export function replaceKernel(
  tf: typeof TensorFlow,
  backendName: string,
  kernelName: string,
  kernelFunc: KernelFunc,
): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc });
}
