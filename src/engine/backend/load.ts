import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { layout } from './tensorflow/layout.ts';

const modules = createRequire(import.meta.url);

type TensorFlowModule = typeof TensorFlow;
type BackendClass = new (
  addon: unknown,
  packageName: string,
) => TensorFlow.KernelBackend & { isUsingGpuDevice: boolean };

/**
 * Loads the native library into this process (or worker thread) and makes it the backend of the only tfjs-core.
 * The package's own entry is passed by: it would load the addon that its install script never built.
 * @param directory an installed engine
 */
export async function loadTensorflow(directory: string): Promise<{ tf: TensorFlowModule; device: 'cpu' | 'gpu' }> {
  const tf = modules('@tensorflow/tfjs-core') as TensorFlowModule;
  if (tf.findBackend('tensorflow') === null) {
    // Node 23 removed this function, which tfjs-node still calls.
    const util = modules('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
    util.isNullOrUndefined ??= (value) => value == null;
    modules('@tensorflow/tfjs-node/dist/register_all_kernels');
    const { NodeJSKernelBackend } = modules('@tensorflow/tfjs-node/dist/nodejs_kernel_backend') as {
      NodeJSKernelBackend: BackendClass;
    };
    const addon: unknown = modules(join(directory, layout.addon));
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(addon, '@tensorflow/tfjs-node'));
  }
  if (!(await tf.setBackend('tensorflow'))) throw new Error('TensorFlow does not start');
  await tf.ready();
  const { isUsingGpuDevice } = tf.backend() as InstanceType<BackendClass>;
  return { tf, device: isUsingGpuDevice ? 'gpu' : 'cpu' };
}

/** Loads the WebAssembly kernels from the files of their package and makes them the backend of the only tfjs-core. */
export async function loadWasm(): Promise<{ tf: TensorFlowModule; version: string }> {
  const tf = modules('@tensorflow/tfjs-core') as TensorFlowModule;
  const wasm = modules('@tensorflow/tfjs-backend-wasm') as {
    setWasmPaths: (prefix: string) => void;
    version_wasm: string;
  };
  if (tf.getBackend() !== 'wasm') {
    wasm.setWasmPaths(`${dirname(modules.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
    if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly does not start');
    await tf.ready();
  }
  return { tf, version: wasm.version_wasm };
}
