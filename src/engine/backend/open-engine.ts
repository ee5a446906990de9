import { DeepviewError, reportOf } from '../base/errors.ts';
import type { Paths } from '../base/paths.ts';
import type { StepContext } from '../base/progress.ts';
import type { Engine, EngineName } from './engine.ts';
import { loadTensorflow, loadWasm, loadWebgpu } from './load.ts';
import { engineChoice, engineStatus, type EngineStatus } from './status.ts';
import { installTensorflow } from './tensorflow/install.ts';
import { tensorflowVersion } from './tensorflow/release.ts';
import { threadsIn } from './threads.ts';
import { askAdapter } from './webgpu/ask-adapter.ts';
import { installWebgpu } from './webgpu/install.ts';

export type EngineContext = StepContext & { paths: Paths; env: NodeJS.ProcessEnv };

/**
 * The engine that was asked for, ready; `engineStatus` says which that is. `auto` takes the best, installing tensorflow at
 * first use, and where one is not available says why in a notice and takes the next, wasm last.
 * The environment variable DEEPVIEW_ENGINE_SOURCE may name a wheel on this machine, as `engine install --source` does.
 * @throws DeepviewError where the engine asked for is not available (see `installTensorflow` and `installWebgpu`);
 *   `auto`: only `cancelled`
 */
export async function openEngine(choice: 'auto' | EngineName, context: EngineContext): Promise<Engine> {
  if (choice === 'wasm') return openWasm('asked for');
  const all = await engineStatus(context.paths, context.env);
  const native = all.filter(({ name }) => name === 'tensorflow');
  if (choice === 'webgpu')
    return openWebgpu(
      all.find(({ name }) => name === 'webgpu')!,
      context,
    );
  if (choice === 'tensorflow') return openTensorflow(engineChoice(native)?.engine ?? native.at(-1)!, native, context);
  let why = native.at(-1)!.reason;
  for (
    let left = all.filter(({ name }) => name !== 'wasm'), chosen;
    (chosen = engineChoice(left));
    left = left.filter((each) => each !== chosen?.engine)
  ) {
    const { engine } = chosen;
    try {
      return await (engine.name === 'webgpu' ? openWebgpu(engine, context) : openTensorflow(engine, native, context));
    } catch (error) {
      if (context.signal.aborted) throw error;
      why = reportOf(error).message;
      if (engine.device === 'gpu') context.onNotice(`the engine for the GPU is not available: ${why}`);
    }
  }
  context.onNotice(`the native engine is not available: ${why}; going on with WebAssembly, which is slower`);
  return openWasm(`tensorflow is not available: ${why}`);
}

/** Tells how long a library takes to start. */
async function starting<Loaded>(
  { name, path }: Pick<EngineStatus, 'name' | 'path'>,
  context: EngineContext,
  load: () => Promise<Loaded>,
): Promise<Loaded> {
  const label = name === 'webgpu' ? 'starting WebGPU' : 'starting TensorFlow';
  const start = performance.now();
  context.onProgress({ label, done: 0, unit: 'items' });
  const loaded = await load().catch((error: unknown) => {
    const what = name === 'webgpu' ? 'The WebGPU engine' : 'The native engine';
    throw new DeepviewError('engine-broken', `${what} does not load: ${reportOf(error).message}`, {
      hint: `Delete ${path} and run: deepview-tui engine install ${name}`,
      cause: error,
    });
  });
  const seconds = (performance.now() - start) / 1000;
  context.onProgress({ label, done: seconds, total: seconds, unit: 'seconds' });
  return loaded;
}

async function openWebgpu(status: EngineStatus, context: EngineContext): Promise<Engine> {
  const { paths, env } = context;
  let { reason, usable } = status;
  if (!status.installed) {
    const path = await installWebgpu({ paths, env, context });
    const adapter = await askAdapter(path, env, context.signal);
    if ('hindrance' in adapter) [usable, reason] = [false, adapter.hindrance];
  }
  if (!usable) {
    throw new DeepviewError('no-gpu', `WebGPU has nothing to compute on: ${reason}`, {
      hint: "A driver with Vulkan, or macOS's Metal, is needed; --engine auto takes what there is.",
    });
  }
  const { tf, adapter, failure } = await starting(status, context, () => loadWebgpu(status.path));
  return {
    name: 'webgpu',
    tf,
    version: status.version,
    device: adapter.software ? 'cpu' : 'gpu',
    gpu: adapter.name,
    threads: 1,
    reason: `WebGPU on ${adapter.name}`,
    failure,
  };
}

/** @param all what it was chosen from */
async function openTensorflow(
  { build, installed, gpu, path }: EngineStatus,
  all: readonly EngineStatus[],
  context: EngineContext,
): Promise<Engine> {
  const { paths, env } = context;
  const source = env['DEEPVIEW_ENGINE_SOURCE'] || undefined;
  const directory = installed
    ? path
    : await installTensorflow({ paths, env, context, variant: build ?? 'cpu', source });
  const { tf, device } = await starting({ name: 'tensorflow', path: directory }, context, () =>
    loadTensorflow(directory),
  );
  const cuda = all.find((each) => each.build === 'cuda');
  if (gpu !== undefined && device === 'cpu') context.onNotice(`TensorFlow does not use ${gpu}; the log says why`);
  else if (cuda !== undefined && device === 'cpu') context.onNotice(`the GPU is not used: ${cuda.reason}`);
  return {
    name: 'tensorflow',
    tf,
    version: tensorflowVersion,
    device,
    gpu: device === 'gpu' ? gpu : undefined,
    threads: threadsIn(env),
    reason: `native kernels of TensorFlow ${tensorflowVersion} on the ${device === 'gpu' ? 'GPU' : 'CPU'}`,
  };
}

async function openWasm(reason: string): Promise<Engine> {
  const { tf, version } = await loadWasm();
  return {
    name: 'wasm',
    tf,
    version,
    device: 'cpu',
    threads: 1,
    reason: `WebAssembly kernels, one thread (${reason})`,
  };
}
