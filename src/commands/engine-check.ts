import { cpus } from 'node:os';
import { openEngine } from '../engine/backend/open-engine.ts';
import { nativeSettings } from '../engine/backend/threads.ts';
import { counted } from '../engine/base/counted.ts';
import { exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import type { EngineChoice } from '../engine/training/messages.ts';
import { referenceCases } from '../engine/training/reference/cases.ts';
import { checkEngine } from '../engine/training/reference/check-engine.ts';
import { formatTable, printJson, printLine, reporting, type CommandContext } from './common.ts';

/**
 * `engine check`: what an engine computes beside stored values, and how fast it trains.
 * @returns 3 when anything differs
 */
export async function engineCheck(
  { engine: choice }: { engine: EngineChoice },
  context: Pick<CommandContext, 'json' | 'stdout' | 'stderr' | 'env' | 'signal' | 'paths'>,
): Promise<ExitCode> {
  const { paths, signal } = context;
  // Newer GPUs round the factors of products to ten bits, unless they are told not to.
  const env = { NVIDIA_TF32_OVERRIDE: '0', ...context.env, ...nativeSettings(context.env) };
  // The library reads the process's environment; what it prints would stand between the lines.
  Object.assign(process.env, env, { TF_CPP_MIN_LOG_LEVEL: '3' });
  const { engine, report } = await reporting(context, async (reporter) => {
    const opened = await openEngine(choice, { paths, env, signal, ...reporter });
    const checked = await checkEngine(opened, await referenceCases(), { signal, ...reporter }).catch(
      (thrown: unknown) => {
        throw opened.failure?.() ?? thrown;
      },
    );
    return { engine: opened, report: checked };
  });
  const { name, version, device, gpu, threads } = engine;
  const { checks, speed } = report;
  const isRight = checks.every(({ failed }) => failed.length === 0);
  if (context.json) {
    printJson(context, { format: 1, engine: { name, version, device, gpu, threads }, ...report });
    return isRight ? exitCodes.done : exitCodes.findings;
  }
  const computes = gpu ?? `${cpus()[0]?.model.trim() ?? 'a processor'}, ${counted(threads, 'thread')}`;
  printLine(context, printable(`${name} ${version} on ${computes}`));
  printLine(context);
  const rows = checks.map((each) => [
    each.name,
    each.cases,
    each.difference.toExponential(1),
    each.tolerance.toExponential(0),
    each.failed.length === 0 ? 'equal' : `different: ${each.failed.join(', ')}`,
  ]);
  const title = ['CHECK', 'CASES', 'DIFFERENCE', 'ALLOWED', 'RESULT'];
  for (const line of formatTable([title, ...rows], [1, 2, 3])) printLine(context, line);
  printLine(context);
  const speeds = speed.map(({ batch, imagesPerSecond }) => [batch, Math.round(imagesPerSecond)]);
  for (const line of formatTable([['BATCH', 'IMAGES/S'], ...speeds], [0, 1])) printLine(context, line);
  return isRight ? exitCodes.done : exitCodes.findings;
}
