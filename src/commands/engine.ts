import { resolve } from 'node:path';
import { formatBytes } from '../engine/base/byte-size.ts';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { deviceText, engineChoice, engineStatus, stateText } from '../engine/backend/status.ts';
import { installTensorflow } from '../engine/backend/tensorflow/install.ts';
import { installWebgpu } from '../engine/backend/webgpu/install.ts';
import { askGpu } from '../engine/backend/tensorflow/ask-gpu.ts';
import { printable } from '../engine/base/printable.ts';
import { formatTable, printJson, printLine, reporting, type CommandContext } from './common.ts';

type EngineCommandContext = Pick<CommandContext, 'json' | 'stdout' | 'stderr' | 'env' | 'signal' | 'paths' | 'cwd'>;

/** `engine list`: every engine, whether it can be used, and why. JSON: `{"format": 1, "auto": NAME, "engines": [...]}`. */
export async function engineList(_options: object, context: EngineCommandContext): Promise<ExitCode> {
  const engines = await engineStatus(context.paths, context.env);
  const { engine } = engineChoice(engines) ?? {};
  if (context.json) {
    printJson(context, { format: 1, auto: engine?.name ?? 'none', engines });
    return exitCodes.done;
  }
  const rows = engines.map((each) => [
    each === engine ? '*' : ' ',
    each.name,
    deviceText(each),
    each.version,
    stateText(each),
  ]);
  for (const [index, line] of formatTable([[' ', 'ENGINE', 'DEVICE', 'VERSION', 'STATE'], ...rows]).entries()) {
    printLine(context, line);
    const each = engines[index - 1];
    if (each === undefined) continue;
    printLine(context, `    ${printable(each.reason, 1000)}`);
    if (each.installed)
      printLine(context, `    ${printable(each.path, 1000)}${each.bytes ? `, ${formatBytes(each.bytes)}` : ''}`);
  }
  printLine(context);
  printLine(context, '* is what --engine auto takes');
  return exitCodes.done;
}

export interface EngineInstallOptions {
  /** By default tensorflow; wasm needs no installation. */
  engine?: string | undefined;
  /** The build for NVIDIA GPUs; by default where such a GPU is there. */
  cuda?: boolean | undefined;
  /** A wheel, or the archive of the WebGPU engine, on this machine. */
  source?: string | undefined;
}

/** `engine install`: an engine, with progress on standard error. JSON: its entry of `engine list`. */
export async function engineInstall(options: EngineInstallOptions, context: EngineCommandContext): Promise<ExitCode> {
  const { engine = 'tensorflow', cuda } = options;
  const source = options.source === undefined ? undefined : resolve(context.cwd, options.source);
  if (engine === 'wasm') throw usage('wasm needs no installation: it comes with the program');
  if (engine !== 'tensorflow' && engine !== 'webgpu') throw usage(`no engine is called ${printable(engine)}`);
  if (engine === 'webgpu' && cuda !== undefined) throw usage('--cuda and --no-cuda are about tensorflow');
  const { paths, env, signal } = context;
  const path = await reporting(context, async (report) => {
    const common = { paths, env, source, context: { ...report, signal } };
    if (engine === 'webgpu') return installWebgpu(common);
    const isForGpu = cuda ?? (await askGpu({ paths, env })).name !== undefined;
    return installTensorflow({ ...common, variant: isForGpu ? 'cuda' : 'cpu' });
  });
  const installed = (await engineStatus(paths, env)).find((each) => each.path === path);
  if (context.json) {
    printJson(context, { format: 1, ...installed });
    return exitCodes.done;
  }
  printLine(context, `The ${engine} engine ${installed?.version ?? ''} is installed in ${printable(path, 1000)}`);
  if (installed?.build !== 'cpu') printLine(context, printable(installed?.reason ?? '', 1000));
  return exitCodes.done;
}

function usage(message: string): DeepviewError {
  return new DeepviewError('unknown-engine', message, {
    hint: 'Write: deepview-tui engine install tensorflow, or: deepview-tui engine install webgpu',
    exitCode: exitCodes.usage,
  });
}
