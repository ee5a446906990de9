import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { DeepviewError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { builtFile } from '../base/program-files.ts';
import { layout } from './tensorflow/layout.ts';
import { adapterOf, adapterWanted, type Adapter } from './webgpu/ask-adapter.ts';
import { dawnIn } from './webgpu/install.ts';

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

/** Dawn's addon for Node. */
interface Dawn {
  create(options: string[]): GPU;
  /** The interface's classes and constants, which browsers have as global names. */
  globals: Record<string, unknown>;
}

/** What kernels need of a device beyond what every device has. */
const limitNames = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/**
 * Loads Dawn into this process (or worker thread) and makes it the backend of the only tfjs-core. The backend that
 * tfjs-backend-webgpu would register finds its adapter and device by itself, and loses sight of both: this one is made of
 * a device whose errors are heard.
 * @param directory an installed engine
 */
export async function loadWebgpu(
  directory: string,
): Promise<{ tf: TensorFlowModule; adapter: Adapter; failure: () => DeepviewError | undefined }> {
  const { default: core } = await import('@tensorflow/tfjs-core');
  const tf = core as TensorFlowModule;
  // Before there is a navigator.gpu: it would register its own backend.
  const { default: webgpu } = await import('@tensorflow/tfjs-backend-webgpu');
  const dawn = createRequire(import.meta.url)(dawnIn(directory)) as Dawn;
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const navigator = (globalThis.navigator as Navigator | undefined) ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
  const adapter = await gpu.requestAdapter(adapterWanted);
  if (!adapter) throw new Error('no GPU is offered any more');
  const requiredLimits = Object.fromEntries(limitNames.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const { name, software } = adapterOf(adapter.info);
  let failure: DeepviewError | undefined;
  const failed = (why: string): void => {
    failure ??= new DeepviewError('gpu-failed', `${name} failed: ${printable(why, 300)}`, {
      hint: 'What was computed before is kept. A smaller --batch takes less memory; --engine tensorflow needs no GPU.',
    });
  };
  // What the interface calls an error is computed as nothing: results would be wrong in silence.
  device.onuncapturederror = ({ error }) => failed(error.message.split('\n')[0]);
  const lost = device.lost.then(({ message }) => failed(`the device was lost (${message.split('\n')[0]})`));
  const backend = new webgpu.WebGPUBackend(device, adapter.info);
  const read = backend.getBufferData.bind(backend);
  backend.getBufferData = async (buffer) => {
    const values = await read(buffer).catch(async (thrown: unknown) => {
      // A buffer cannot be read because the device is gone, or because something is wrong with it.
      await Promise.race([lost, setTimeout(1000)]);
      throw failure ?? thrown;
    });
    if (failure) throw failure;
    return values;
  };
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) throw new Error('WebGPU does not start');
  return { tf, adapter: { name, software }, failure: () => failure };
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
