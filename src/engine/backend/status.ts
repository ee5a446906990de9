import { fileURLToPath } from 'node:url';
import tfjsWasm from '@tensorflow/tfjs-backend-wasm/package.json' with { type: 'json' };
import type { Paths } from '../base/paths.ts';
import { builtFile } from '../base/program-files.ts';
import type { EngineName } from './engine.ts';
import { tfjsNodeBindings } from './tensorflow/bindings.ts';
import { askGpu, type Gpu } from './tensorflow/ask-gpu.ts';
import { findCompiler } from './tensorflow/compiler.ts';
import { engineDirectory, frameworkIn, inspect, recallFailure } from './tensorflow/layout.ts';
import { releaseFor, tensorflowVersion, thisMachine, type Variant } from './tensorflow/release.ts';
import { reportOf } from '../base/errors.ts';
import { askAdapter } from './webgpu/ask-adapter.ts';
import { isInstalled, webgpuDirectory } from './webgpu/install.ts';
import { dawnFor, dawnPackage } from './webgpu/release.ts';

/** One engine as `engine list` and `doctor` show it. */
export interface EngineStatus {
  name: EngineName;
  /** Of tensorflow: an NVIDIA GPU needs a build of its own, which computes on the processor where there is none. */
  build?: Variant;
  /** What computes, or would. */
  device: 'cpu' | 'gpu';
  /** The GPU that computes, or would, as its driver calls it. */
  gpu?: string;
  version: string;
  installed: boolean;
  /** Can be used now, or installed at first use. */
  usable: boolean;
  /** Where it is, or would be. */
  path: string;
  /** Whether `--engine auto` passes it over although it is usable. */
  onlyByName?: true;
  /** Bytes on disk; 0 where it is not installed. */
  bytes: number;
  /** Why it is or is not usable, in one line. */
  reason: string;
}

/**
 * Every engine and what stands in its way, best first: what `engine list` and `doctor` say is what a training takes. Loads
 * no engine and changes none; runs the compiler a few times at most.
 */
export async function engineStatus(paths: Paths, env: NodeJS.ProcessEnv): Promise<EngineStatus[]> {
  const gpu = await askGpu({ paths, env, framework: frameworkIn(engineDirectory(paths, 'cuda', thisMachine())) });
  const cpu = await tensorflowStatus('cpu', paths, env);
  const cuda = forGpu(await tensorflowStatus('cuda', paths, env), gpu, cpu.installed);
  const webgpu = await webgpuStatus(paths, env);
  if (!gpu.isThere && !cuda.installed) return [webgpu, cpu, wasmStatus()];
  return cuda.device === 'gpu' ? [cuda, webgpu, cpu, wasmStatus()] : [webgpu, cuda, cpu, wasmStatus()];
}

/** The build for GPUs as far as there is a GPU that it can use. */
function forGpu(cuda: EngineStatus, { name, hindrance, missing }: Gpu, hasOther: boolean): EngineStatus {
  const lacks =
    missing.length > 0 && `TensorFlow's loader does not find ${missing.join(', ')}, mended by: ${installCuda}`;
  if (name === undefined || lacks) {
    const why = [hindrance, lacks].filter(Boolean).join('; ');
    // With no other build it computes on the processor, which is better than to load one.
    if (!cuda.installed || hasOther) return { ...cuda, usable: false, reason: why };
    return { ...cuda, device: 'cpu', reason: `the processor computes: ${why}` };
  }
  const toInstall = cuda.usable && !cuda.installed && `not installed; it is installed by: ${installCuda}`;
  return { ...cuda, gpu: name, reason: `${name}: ${toInstall || cuda.reason}` };
}

const installCuda = 'deepview-tui engine install --cuda';

/** What `engine list` and `doctor` say: two builds may both compute on the processor. */
export const deviceText = ({ build, device }: EngineStatus): string =>
  build === 'cuda' && device === 'cpu' ? 'cpu (cuda build)' : device;

export function stateText({ name, installed, usable }: EngineStatus): string {
  if (name === 'webgpu' && installed && !usable) return 'installed, not usable';
  if (installed) return 'installed';
  return usable ? 'can be installed' : 'not usable';
}

/** The engine that is taken of these, and why it is, the better ones being passed over. */
export function engineChoice(statuses: readonly EngineStatus[]): { engine: EngineStatus; reason: string } | undefined {
  const usable = statuses.filter((each) => each.usable && !each.onlyByName);
  const engine = usable.find((each) => each.installed && each.name !== 'wasm') ?? usable[0];
  if (engine === undefined) return undefined;
  const passed = statuses
    .slice(0, statuses.indexOf(engine))
    .filter((each) => each.name === 'tensorflow')
    .map((each) => `${each.name} ${each.device}: ${each.reason}`);
  return { engine, reason: [engine.reason, ...passed].join('; ') };
}

async function tensorflowStatus(build: Variant, paths: Paths, env: NodeJS.ProcessEnv): Promise<EngineStatus> {
  const machine = thisMachine();
  const path = engineDirectory(paths, build, machine);
  const device = build === 'cuda' ? 'gpu' : 'cpu';
  const about = { name: 'tensorflow', build, device, version: tensorflowVersion, path } as const;
  const missing = (usable: boolean, reason: string): EngineStatus => ({
    ...about,
    installed: false,
    usable,
    bytes: 0,
    reason,
  });
  const release = releaseFor(build, machine);
  if ('unsupported' in release) return missing(false, release.unsupported);
  try {
    const { version: bindings } = tfjsNodeBindings();
    const found = await inspect(path, bindings);
    if ('manifest' in found) {
      const reason = `installed ${found.manifest.date.slice(0, 10)}, compiled with ${found.manifest.compiler}`;
      return { ...about, installed: true, usable: true, bytes: found.bytes, reason };
    }
    const failure = await recallFailure(path, bindings);
    if (failure !== undefined) return missing(false, `its installation failed before (${failure})`);
    await findCompiler(env, AbortSignal.timeout(20_000));
    return missing(true, `${found.missing}; it is installed at first use or by: deepview-tui engine install`);
  } catch (error) {
    return missing(false, reportOf(error).message);
  }
}

/** A GPU without CUDA. Which there is can be told only once the engine is installed: until then it is taken by its name. */
async function webgpuStatus(paths: Paths, env: NodeJS.ProcessEnv): Promise<EngineStatus> {
  const machine = thisMachine();
  const path = webgpuDirectory(paths, machine);
  const about = {
    name: 'webgpu',
    device: 'gpu',
    version: dawnPackage.version,
    path,
    installed: false,
    bytes: 0,
  } as const;
  const library = dawnFor(machine);
  if ('unsupported' in library) return { ...about, usable: false, reason: library.unsupported };
  if (!(await isInstalled(path, library))) {
    const reason = 'for GPUs without CUDA; not installed: deepview-tui engine install webgpu';
    return { ...about, usable: true, onlyByName: true, reason };
  }
  const installed = { ...about, installed: true, bytes: library.bytes };
  const adapter = await askAdapter(path, env);
  if ('hindrance' in adapter) return { ...installed, usable: false, reason: adapter.hindrance };
  if (!adapter.software) return { ...installed, usable: true, gpu: adapter.name, reason: adapter.name };
  const reason = `${adapter.name} is a program instead of a GPU: it is slow, and taken only with --engine webgpu`;
  return { ...installed, device: 'cpu', usable: true, onlyByName: true, reason };
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
