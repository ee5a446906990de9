import type { Engine, EngineName } from '../../src/engine/backend/engine.ts';
import { openEngine } from '../../src/engine/backend/open-engine.ts';
import { tfjsNodeBindings } from '../../src/engine/backend/tensorflow/bindings.ts';
import { engineDirectory, inspect } from '../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../src/engine/backend/tensorflow/release.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';

const paths = pathsFor(process.env);
const installed = await inspect(engineDirectory(paths, 'cpu', thisMachine()), tfjsNodeBindings().version);

/** The engines that can be tried here: wasm always, tensorflow once it is installed. */
export const testEngines: EngineName[] = 'manifest' in installed ? ['tensorflow', 'wasm'] : ['wasm'];

const loaded = new Map<EngineName, Promise<Engine>>();

/** Opens an engine, or makes one that is open already the current one again. */
export async function useEngine(name: EngineName): Promise<Engine> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  let engine = loaded.get(name);
  if (!engine) {
    const quiet = { onProgress: () => undefined, onNotice: () => undefined, signal: new AbortController().signal };
    engine = openEngine(name, { ...quiet, paths, env: process.env });
    loaded.set(name, engine);
  }
  const { tf } = await engine;
  await tf.setBackend(name);
  return engine;
}
