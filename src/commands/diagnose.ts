import { exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { areGrave, defaultThresholds, diagnose, thresholdsWith, type Finding } from '../engine/findings/index.ts';
import type { NeuronMetrics } from '../engine/metrics/index.ts';
import { findRun, openRun, type OpenRun } from '../engine/run/index.ts';
import { wrapped } from '../views/text/spans.ts';
import { printJson, printLine, readablePlaces, type CommandContext } from './common.ts';
import { withRecords } from './run-place.ts';

export interface DiagnoseOptions {
  /** A path, an id, the beginning of one, `last` or `demo`. */
  run: string;
  /** `NAME=VALUE`, of the thresholds in docs/findings.md; several with commas between. */
  threshold?: string | undefined;
}

/** What is wrong with an open run, with the metrics of its neurons where it keeps some. */
export async function findingsOf(run: OpenRun, thresholds = defaultThresholds): Promise<Finding[]> {
  const last = run.records.at(-1);
  const neurons: NeuronMetrics[] = [];
  for (const { index } of last ? run.header.network.layers : []) neurons.push(await run.neurons(last!.number, index));
  return diagnose({ header: run.header, records: run.records, neurons }, thresholds);
}

/**
 * Prints what is wrong with a run, what it usually means and what to try.
 * @returns 3 where any finding is a warning or worse
 * @throws DeepviewError `bad-threshold` (exit code 2); exit code 4 for a run that is not there, has no record, or cannot be read
 */
export async function diagnoseRun(options: DiagnoseOptions, context: CommandContext): Promise<ExitCode> {
  // Before anything is read: a misspelt name is told at once.
  const thresholds = thresholdsWith(options.threshold?.split(',') ?? []);
  const run = await openRun(await findRun(readablePlaces(context), options.run));
  const findings = await findingsOf(run, thresholds);
  if (context.json) printJson(context, { format: 1, run: run.header.id, records: run.records.length, findings });
  else for (const line of linesOf(withRecords(run), findings)) printLine(context, line);
  return areGrave(findings) ? exitCodes.findings : exitCodes.done;
}

function linesOf({ header, records }: OpenRun, findings: readonly Finding[]): string[] {
  const of = `${printable(header.id, 80)}, ${header.clock}s ${records[0].number} to ${records[records.length - 1].number}`;
  if (findings.length === 0) return [`${of}: nothing found.`];
  return [
    `${of}: ${findings.length} finding${findings.length === 1 ? '' : 's'}`,
    ...findings.flatMap(({ severity, label, rule, text, neurons, means, tries, source }) => [
      '',
      `${severity}: ${label} (${rule})`,
      ...[text, ...neuronLine(neurons), means, `Try: ${tries}`, `Source: ${source}`].flatMap((part) =>
        wrapped(printable(part, 1000), 98).map((line) => `  ${line}`),
      ),
    ]),
  ];
}

const neuronsTold = 20;

function neuronLine(neurons: readonly number[] | undefined): string[] {
  if (!neurons || neurons.length === 0) return [];
  const more = neurons.length > neuronsTold ? `, and ${neurons.length - neuronsTold} more` : '';
  return [`Neurons ${neurons.slice(0, neuronsTold).join(', ')}${more}.`];
}
