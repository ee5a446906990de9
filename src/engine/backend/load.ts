import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { builtFile } from '../base/program-files.ts';
import { layout } from './tensorflow/layout.ts';

type TensorFlowModule = typeof TensorFlow;

/**
 * Loads the native library into this process (or worker thread) and makes it the backend of the only tfjs-core.
 * The package's own entry is passed by: it would load the addon that its install script never built.
 * @param directory an installed engine
 */
export async function loadTensorflow(directory: string): Promise<{ tf: TensorFlowModule; device: 'cpu' | 'gpu' }> {
  const { default: core } = await import('@tensorflow/tfjs-core');
  const tf = core as TensorFlowModule;
  const { default: native } = await import('@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js');
  if (tf.findBackend('tensorflow') === null) {
    const modules = createRequire(import.meta.url);
    // Node 23 removed this function, which tfjs-node still calls.
    const util = modules('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
    util.isNullOrUndefined ??= (value) => value == null;
    await import('@tensorflow/tfjs-node/dist/register_all_kernels.js');
    const addon = modules(join(directory, layout.addon)) as ConstructorParameters<typeof native.NodeJSKernelBackend>[0];
    tf.registerBackend('tensorflow', () => new native.NodeJSKernelBackend(addon, '@tensorflow/tfjs-node'));
  }
  if (!(await tf.setBackend('tensorflow'))) throw new Error('TensorFlow does not start');
  await tf.ready();
  const { isUsingGpuDevice } = tf.backend() as InstanceType<typeof native.NodeJSKernelBackend>;
  return { tf, device: isUsingGpuDevice ? 'gpu' : 'cpu' };
}

/** Loads the WebAssembly kernels from the files beside the program and makes them the backend of the only tfjs-core. */
export async function loadWasm(): Promise<{ tf: TensorFlowModule; version: string }> {
  const { default: core } = await import('@tensorflow/tfjs-core');
  const tf = core as TensorFlowModule;
  const { default: wasm } = await import('@tensorflow/tfjs-backend-wasm');
  if (tf.getBackend() !== 'wasm') {
    wasm.setWasmPaths(fileURLToPath(builtFile('tensorflow/')));
    if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly does not start');
    await tf.ready();
  }
  return { tf, version: wasm.version_wasm };
}
