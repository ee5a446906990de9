import { fileURLToPath } from 'node:url';
import tfjsWasm from '@tensorflow/tfjs-backend-wasm/package.json' with { type: 'json' };
import type { Paths } from '../base/paths.ts';
import { builtFile } from '../base/program-files.ts';
import type { EngineName } from './engine.ts';
import { tfjsNodeBindings } from './tensorflow/bindings.ts';
import { findCompiler } from './tensorflow/compiler.ts';
import { engineDirectory, inspect, recallFailure } from './tensorflow/layout.ts';
import {
  hasNvidiaGpu,
  type Machine,
  releaseFor,
  tensorflowVersion,
  thisMachine,
  type Variant,
} from './tensorflow/release.ts';
import { reportOf } from '../base/errors.ts';

/** One engine as `engine list` and `doctor` show it. */
export interface EngineStatus {
  name: EngineName;
  /** What it is for on this machine: an NVIDIA GPU needs a build of its own. */
  device: 'cpu' | 'gpu';
  version: string;
  installed: boolean;
  /** Can be used now, or installed at first use. */
  usable: boolean;
  /** Where it is, or would be. */
  path: string;
  /** Bytes on disk; 0 where it is not installed. */
  bytes: number;
  /** Why it is or is not usable, in one line. */
  reason: string;
}

/** Every engine and what stands in its way, best first. Loads and changes nothing; runs the compiler once at most. */
export async function engineStatus(paths: Paths, env: NodeJS.ProcessEnv): Promise<EngineStatus[]> {
  const machine = thisMachine();
  const gpu = hasNvidiaGpu();
  const statuses = [await tensorflowStatus('cpu', paths, env, machine), wasmStatus()];
  const cuda = await tensorflowStatus('cuda', paths, env, machine);
  if (gpu || cuda.installed) statuses.unshift(cuda);
  return statuses;
}

/** The first engine that `auto` would take, and why. */
export function engineChoice(statuses: readonly EngineStatus[]): { engine: EngineStatus; reason: string } {
  const ready = statuses.find((each) => each.installed && each.name !== 'wasm');
  const engine = ready ?? statuses.find((each) => each.usable)!;
  const passed = statuses.slice(0, statuses.indexOf(engine)).map((each) => `${each.name}: ${each.reason}`);
  return { engine, reason: [engine.reason, ...passed].join('; ') };
}

async function tensorflowStatus(
  variant: Variant,
  paths: Paths,
  env: NodeJS.ProcessEnv,
  machine: Machine,
): Promise<EngineStatus> {
  const path = engineDirectory(paths, variant, machine);
  const about = {
    name: 'tensorflow' as const,
    device: variant === 'cuda' ? ('gpu' as const) : ('cpu' as const),
    version: tensorflowVersion,
    path,
  };
  const missing = (usable: boolean, reason: string): EngineStatus => ({
    ...about,
    installed: false,
    usable,
    bytes: 0,
    reason,
  });
  const release = releaseFor(variant, machine);
  if ('unsupported' in release) return missing(false, release.unsupported);
  try {
    const { version: bindings } = tfjsNodeBindings();
    const found = await inspect(path, bindings);
    if ('manifest' in found) {
      const reason = `installed ${found.manifest.date.slice(0, 10)}, compiled with ${found.manifest.compiler}`;
      return { ...about, installed: true, usable: true, bytes: found.bytes, reason };
    }
    const failure = await recallFailure(path, bindings);
    if (failure !== undefined) return missing(false, `its installation failed before: ${failure}`);
    await findCompiler(env, AbortSignal.timeout(20_000));
    return missing(true, `${found.missing}; it is installed at first use or by: deepview-tui engine install`);
  } catch (error) {
    return missing(false, reportOf(error).message);
  }
}

function wasmStatus(): EngineStatus {
  return {
    name: 'wasm',
    device: 'cpu',
    bytes: 0,
    version: tfjsWasm.version,
    path: fileURLToPath(builtFile('tensorflow/')),
    installed: true,
    usable: true,
    reason: 'works anywhere; slower than tensorflow',
  };
}
