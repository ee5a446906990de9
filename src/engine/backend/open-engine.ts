import { DeepviewError, reportOf } from '../base/errors.ts';
import type { Paths } from '../base/paths.ts';
import type { StepContext } from '../base/progress.ts';
import type { Engine } from './engine.ts';
import { loadTensorflow, loadWasm } from './load.ts';
import { engineChoice, engineStatus, type EngineStatus } from './status.ts';
import { installTensorflow } from './tensorflow/install.ts';
import { tensorflowVersion } from './tensorflow/release.ts';
import { threadsIn } from './threads.ts';

export type EngineContext = StepContext & { paths: Paths; env: NodeJS.ProcessEnv };

/**
 * The engine that was asked for, ready; `engineStatus` says which that is. `auto` takes tensorflow, which it installs at
 * first use, and where that is not available says why in a notice and takes the next, wasm last.
 * The environment variable DEEPVIEW_ENGINE_SOURCE may name a wheel on this machine, as `engine install --source` does.
 * @throws DeepviewError where the engine asked for is not available (see `installTensorflow`); `auto`: only `cancelled`
 */
export async function openEngine(choice: 'auto' | 'tensorflow' | 'wasm', context: EngineContext): Promise<Engine> {
  if (choice === 'wasm') return openWasm('asked for');
  const native = (await engineStatus(context.paths, context.env)).filter(({ name }) => name === 'tensorflow');
  if (choice === 'tensorflow') return openTensorflow(engineChoice(native)?.engine ?? native.at(-1)!, native, context);
  let why = native.at(-1)!.reason;
  for (
    let left = native, chosen;
    (chosen = engineChoice(left));
    left = left.filter((each) => each !== chosen?.engine)
  ) {
    try {
      return await openTensorflow(chosen.engine, native, context);
    } catch (error) {
      if (context.signal.aborted) throw error;
      why = reportOf(error).message;
      if (chosen.engine.build === 'cuda') context.onNotice(`the engine for the GPU is not available: ${why}`);
    }
  }
  context.onNotice(`the native engine is not available: ${why}; going on with WebAssembly, which is slower`);
  return openWasm(`tensorflow is not available: ${why}`);
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
  const label = 'starting TensorFlow';
  const start = performance.now();
  context.onProgress({ label, done: 0, unit: 'items' });
  const { tf, device } = await loadTensorflow(directory).catch((error: unknown) => {
    throw new DeepviewError('engine-broken', `The native engine does not load: ${reportOf(error).message}`, {
      hint: `Delete ${directory} and run: deepview-tui engine install`,
      cause: error,
    });
  });
  const seconds = (performance.now() - start) / 1000;
  context.onProgress({ label, done: seconds, total: seconds, unit: 'seconds' });
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
