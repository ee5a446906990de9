import { resolve } from 'node:path';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { writeNamedFile } from '../engine/base/write-files.ts';
import { printable, shellWord } from '../engine/base/printable.ts';
import { findRun } from '../engine/run/index.ts';
import { openRun, type OpenRun } from '../engine/run/open.ts';
import { printJson, printLine, readablePlaces, requireEnding, type CommandContext } from './common.ts';
import { exporters, type Exporter } from './export/exporters.ts';
import { epochMeant, placeNamed, type RunPlace } from './run-place.ts';

export interface ExportOptions {
  /** A path, an id, the beginning of one, or `last`. */
  run: string;
  /** The name of an exporter. */
  format: string;
  /** LAYER/NEURON, for what is exported of one neuron. */
  place?: string | undefined;
  /** The file to write. */
  output?: string | undefined;
  /** A number, `best` or `last`. */
  epoch?: string | undefined;
}

const usage = (message: string, hint: string): DeepviewError =>
  new DeepviewError('usage', message, { hint, exitCode: exitCodes.usage });

/**
 * Writes a run, or a part of it, for other programs.
 * @throws DeepviewError exit code 2 without a file to write, or for an epoch or a place that is not there; 4 for a run
 *   that is not there or cannot be read
 */
export async function exportRun(options: ExportOptions, context: CommandContext): Promise<ExitCode> {
  const exporter = exporters.find(({ name }) => name === options.format);
  if (!exporter) throw usage('There is no such export.', `There are ${exporters.map(({ name }) => name).join(', ')}.`);
  if (options.output === undefined) {
    const line = `deepview-tui export ${shellWord(options.run)} ${exporter.name} -o FILE`;
    throw usage('export needs a file to write.', `Give -o FILE: ${line}`);
  }
  if (exporter.place === undefined && options.place !== undefined) {
    throw usage(`"${printable(options.place, 60)}" is one word too many.`, `${exporter.name} are of the whole run.`);
  }
  requireEnding(options.output, [exporter.ending]);
  const output = resolve(context.cwd, options.output);
  const run = await openRun(await findRun(readablePlaces(context), options.run));
  const epoch = epochMeant(run, options.epoch ?? exporter.epochDefault);
  const task = { run, epoch, paths: context.paths };
  const { content, text, facts } =
    exporter.place !== undefined
      ? await (await exporter.load()).encode({ ...task, place: neuronOf(run, exporter, options.place) })
      : await (await exporter.load()).encode(task);
  await writeNamedFile(output, content);
  if (context.json) printJson(context, { format: 1, file: output, ...facts });
  else printLine(context, `${printable(output, 1000)}: ${text}`);
  return exitCodes.done;
}

/** The neuron that an exporter needs. */
function neuronOf(run: OpenRun, { name, place: example }: Exporter, word: string | undefined): Required<RunPlace> {
  const { layer, neuron } = word === undefined ? {} : placeNamed(run.header.network.layers, word);
  if (layer && neuron !== undefined) return { layer, neuron };
  throw usage(
    `export ${name} needs a neuron.`,
    `Give LAYER/NEURON: deepview-tui export last ${name} ${example} -o FILE`,
  );
}
