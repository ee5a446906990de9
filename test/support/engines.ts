import type { Engine, EngineName } from '../../src/engine/backend/engine.ts';
import { openEngine } from '../../src/engine/backend/open-engine.ts';
import { tfjsNodeBindings } from '../../src/engine/backend/tensorflow/bindings.ts';
import { engineDirectory, inspect } from '../../src/engine/backend/tensorflow/layout.ts';
import { thisMachine } from '../../src/engine/backend/tensorflow/release.ts';
import type { SuiteAPI, TestAPI } from 'vitest';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { needing, type BodyOf } from './needing.ts';

const paths = pathsFor(process.env);
const installed = await inspect(engineDirectory(paths, 'cpu', thisMachine()), tfjsNodeBindings().version);

const hasTensorflow = 'manifest' in installed;

/** The quickest engine that is here: nothing is ever installed for a test. */
export const quickEngine: EngineName = hasTensorflow ? 'tensorflow' : 'wasm';

/**
 * Declares tests of each engine: of wasm always, of tensorflow once it is installed, and skipped by name before.
 * @param title with `%s` for the engine
 */
export function onEachEngine<Api extends SuiteAPI | TestAPI>(
  declare: Api,
  title: string,
  body: (name: EngineName) => ReturnType<BodyOf<Api>>,
): void {
  for (const name of ['tensorflow', 'wasm'] as const) {
    const declareOn = needing(declare, 'the native engine', name === 'wasm' || hasTensorflow);
    declareOn(title.replace('%s', name), () => body(name));
  }
}

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
