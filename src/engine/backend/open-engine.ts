import { DeepviewError, reportOf } from '../base/errors.ts';
import type { Paths } from '../base/paths.ts';
import type { StepContext } from '../base/progress.ts';
import type { Engine } from './engine.ts';
import { loadTensorflow, loadWasm } from './load.ts';
import { tfjsNodeBindings } from './tensorflow/bindings.ts';
import { installTensorflow } from './tensorflow/install.ts';
import { engineDirectory, inspect, recallFailure } from './tensorflow/layout.ts';
import { threadsIn } from './threads.ts';
import { hasNvidiaGpu, tensorflowVersion, thisMachine, type Variant } from './tensorflow/release.ts';

export type EngineContext = StepContext & { paths: Paths; env: NodeJS.ProcessEnv };

/**
 * The engine that was asked for, ready. `auto` takes tensorflow, which it installs at first use; where that is not
 * available, one notice says why and wasm is taken.
 * The environment variable DEEPVIEW_ENGINE_SOURCE may name a wheel on this machine, as `engine install --source` does.
 * @throws DeepviewError where the engine asked for is not available (see `installTensorflow`); `auto`: only `cancelled`
 */
export async function openEngine(choice: 'auto' | 'tensorflow' | 'wasm', context: EngineContext): Promise<Engine> {
  if (choice === 'wasm') return openWasm('asked for');
  if (choice === 'tensorflow') return openTensorflow(context, false);
  try {
    return await openTensorflow(context, true);
  } catch (error) {
    if (context.signal.aborted) throw error;
    const { message } = reportOf(error);
    context.onNotice(`the native engine is not available: ${message}; going on with WebAssembly, which is slower`);
    return openWasm(`tensorflow is not available: ${message}`);
  }
}

async function openTensorflow(context: EngineContext, automatic: boolean): Promise<Engine> {
  const directory = await provideTensorflow(context, automatic);
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
  return {
    name: 'tensorflow',
    tf,
    version: tensorflowVersion,
    device,
    threads: threadsIn(context.env),
    reason: `native kernels of TensorFlow ${tensorflowVersion} on the ${device === 'gpu' ? 'GPU' : 'CPU'}`,
  };
}

/** The directory of an installed engine; the one for a GPU first. */
async function provideTensorflow(context: EngineContext, automatic: boolean): Promise<string> {
  const { paths, env } = context;
  const bindings = tfjsNodeBindings();
  const machine = thisMachine();
  const gpu = hasNvidiaGpu();
  const variants: readonly Variant[] = gpu ? ['cuda', 'cpu'] : ['cpu'];
  for (const variant of variants) {
    const directory = engineDirectory(paths, variant, machine);
    if (!('manifest' in (await inspect(directory, bindings.version)))) continue;
    if (gpu && variant === 'cpu')
      context.onNotice('a GPU is there: deepview-tui engine install --cuda makes use of it');
    return directory;
  }
  const variant = variants[0];
  const failed = automatic && (await recallFailure(engineDirectory(paths, variant, machine), bindings.version));
  if (failed) {
    throw new DeepviewError('engine-failed-before', `its installation failed before (${failed})`, {
      hint: 'To try again: deepview-tui engine install',
    });
  }
  return installTensorflow({ paths, env, context, variant, source: env['DEEPVIEW_ENGINE_SOURCE'] || undefined });
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
