import { resolve } from 'node:path';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { findRun } from '../engine/run/index.ts';
import { openRun, type OpenRun } from '../engine/run/open.ts';
import { readablePlaces, type CommandContext } from './common.ts';

/** What a run can leave as. */
export type ExportFormat = 'weights' | 'patches';

export interface ExportOptions {
  /** A path, an id, the beginning of one, or `last`. */
  run: string;
  format: ExportFormat;
  /** LAYER/NEURON, for what is exported of one neuron. */
  place?: string | undefined;
  /** The file to write. */
  output?: string | undefined;
  /** A number, `best` or `last`. */
  epoch?: string | undefined;
}

/** What every exporter is given. */
export interface ExportTask {
  run: OpenRun;
  /** Absolute. */
  output: string;
  /** As it was given: a number, `best` or `last`. */
  epoch: string | undefined;
  /** As it was given: LAYER/NEURON. */
  place: string | undefined;
}

export type Exporter = (task: ExportTask, context: CommandContext) => Promise<void>;

const exporters: Readonly<Record<ExportFormat, () => Promise<Exporter>>> = {
  weights: async () => (await import('./export/weights.ts')).exportWeights,
  patches: async () => (await import('./export/patches.ts')).exportPatches,
};

/**
 * Writes a run, or a part of it, for other programs.
 * @throws DeepviewError exit code 2 without a file to write or for an epoch that is not there; 4 for a run that is not
 *   there or cannot be read
 */
export async function exportRun(options: ExportOptions, context: CommandContext): Promise<ExitCode> {
  const { cwd } = context;
  if (options.output === undefined) {
    throw new DeepviewError('usage', 'export needs a file to write.', {
      hint: `Give -o FILE: deepview-tui export ${printable(options.run, 60)} ${options.format} -o FILE`,
      exitCode: exitCodes.usage,
    });
  }
  const exporter = await exporters[options.format]();
  const run = await openRun(await findRun(readablePlaces(context), options.run));
  const { epoch, place } = options;
  await exporter({ run, output: resolve(cwd, options.output), epoch, place }, context);
  return exitCodes.done;
}
