import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportOf } from '../../base/errors.ts';
import { readText } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import type { Paths } from '../../base/paths.ts';
import { printable } from '../../base/printable.ts';
import { builtFile } from '../../base/program-files.ts';
import { makeDirectory } from '../../base/write-files.ts';
import { compile, findCompiler, run } from './compiler.ts';

/** What a training would find, as the driver and TensorFlow's own loader tell it. */
export interface Gpu {
  /** The GPU that computes, in the driver's words; absent where none can. */
  name?: string;
  /** Why none can, in one line; absent where one can. */
  hindrance?: string;
  /** Whether there is any sign of one. */
  isThere: boolean;
  /** Libraries that TensorFlow's loader does not find, by their names without numbers. */
  missing: string[];
}

export interface AskOptions {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  /** An engine's libtensorflow_framework, whose loader is asked for the libraries that a GPU needs. */
  framework?: string | undefined;
  /** What the kernel's drivers show of GPUs: Linux's own, and Windows' for Linux inside of it. */
  devices?: readonly string[];
  signal?: AbortSignal;
}

/** The oldest CUDA of a driver that runs libraries of CUDA 12, as `cuDriverGetVersion` counts. */
const oldestDriver = 12_000;

/**
 * Whether a GPU can compute, and which, or why none can: the one answer of `engine`, `doctor` and trainings. The driver's
 * library decides, in a process of its own: device files have other names in containers and on WSL2, and only the driver
 * knows what CUDA_VISIBLE_DEVICES leaves. The program that asks it is compiled once a machine.
 */
export async function askGpu(options: AskOptions): Promise<Gpu> {
  const { env, framework, devices = ['/dev/nvidiactl', '/dev/dxg'], signal = AbortSignal.timeout(30_000) } = options;
  const device = devices.find((path) => existsSync(path));
  let output: string;
  try {
    const program = await provideProgram(options, signal);
    const asked = framework !== undefined && existsSync(framework) ? [framework] : [];
    ({ output } = await run([program], asked, { env: { ...env, TF_CPP_MIN_LOG_LEVEL: '3' }, signal }));
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const why = reportOf(error).message;
    const hindrance = device === undefined ? noGpu : `${device} is there, but the driver cannot be asked: ${why}`;
    return { isThere: device !== undefined, hindrance, missing: [] };
  }
  const told = (word: string): string[] =>
    [...output.matchAll(/^(\w+)\t(.*)$/gm)].flatMap(([, name, text]) => (name === word ? printable(text, 300) : []));
  const [name] = told('cuda');
  const [inMachine = device] = told('nvml');
  const missing = told('missing');
  const visible = env['CUDA_VISIBLE_DEVICES'];
  const setting = visible === undefined ? '' : `CUDA_VISIBLE_DEVICES is "${printable(visible, 80)}"`;
  const hides = /^\s*(-|$)/.test(visible ?? '0');
  const [driver] = told('driver').map(Number);
  const [failure] = told('failed');
  const sign = name ?? inMachine ?? (driver !== undefined && (hides || failure) ? 'the NVIDIA driver' : undefined);
  if (sign === undefined) return { isThere: false, hindrance: noGpu, missing };
  const hindered = (hindrance: string): Gpu => ({ isThere: true, hindrance, missing });
  if (hides) return hindered(`${setting}, which hides every GPU`);
  if (name === undefined) {
    return hindered(
      `${sign} is there, but offers no GPU: ${[failure ?? 'it says no more', setting].filter(Boolean).join('; ')}`,
    );
  }
  if (driver !== undefined && driver < oldestDriver) {
    const speaks = `it speaks CUDA ${Math.floor(driver / 1000)}, TensorFlow needs ${oldestDriver / 1000}`;
    return hindered(`the NVIDIA driver is too old for ${name}: ${speaks}`);
  }
  return { isThere: true, name, missing };
}

const noGpu = 'no NVIDIA GPU is there';

/** The program that asks, compiled at its first use and whenever a release of this program has another. */
async function provideProgram({ paths, env }: AskOptions, signal: AbortSignal): Promise<string> {
  const source = fileURLToPath(builtFile('ask-gpu.cc'));
  const digest = createHash('sha256')
    .update(await readText(source, limits.textBytes))
    .digest('hex');
  const program = join(paths.engines, `ask-gpu-${digest.slice(0, 8)}-${process.platform}-${process.arch}`);
  if (existsSync(program)) return program;
  const compiler = await findCompiler(env, signal);
  await makeDirectory(paths.engines);
  const draft = `${program}.${randomUUID()}`;
  try {
    await compile(compiler, ['-std=c++17', '-w', source, '-o', draft, '-ldl'], { env, signal });
    await rename(draft, program);
  } finally {
    await rm(draft, { force: true });
  }
  return program;
}
