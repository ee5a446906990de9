import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs-core';

const modules = createRequire(import.meta.url);

/** Loads the WebAssembly kernels from the files of their package and makes them the backend of the only tfjs-core. */
export async function loadWasm(): Promise<{ tf: typeof TensorFlow; version: string }> {
  const tf = modules('@tensorflow/tfjs-core') as typeof TensorFlow;
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
