import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { areGrave, defaultThresholds, diagnose, thresholdsWith, type Finding } from '../engine/findings/index.ts';
import type { NeuronMetrics } from '../engine/metrics/index.ts';
import { findRun, isUnderWay, openRun, type OpenRun } from '../engine/run/index.ts';
import { wrapped } from '../views/text/spans.ts';
import { printJson, printLine, readablePlaces, type CommandContext } from './common.ts';

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
 * @returns 3 where any finding is a warning or worse, or the training ended with an error
 * @throws DeepviewError `bad-threshold` (exit code 2); exit code 4 for a run that is not there or cannot be read, and
 *   `no-records` for one without a record that did not end with an error
 */
export async function diagnoseRun(options: DiagnoseOptions, context: CommandContext): Promise<ExitCode> {
  // Before anything is read: a misspelt name is told at once.
  const thresholds = thresholdsWith(options.threshold?.split(',') ?? []);
  const run = await openRun(await findRun(readablePlaces(context), options.run));
  const findings = await findingsOf(run, thresholds);
  const { header, records, state, status } = run;
  const error = status?.error;
  if (context.json) {
    printJson(context, {
      format: 1,
      run: header.id,
      state,
      ...(error && { error }),
      records: records.length,
      findings,
    });
  } else if (records.length === 0 && !error) {
    const [yet, when] = isUnderWay(state) ? [' yet', 'come back after the first'] : ['', `this run is ${state}`];
    throw new DeepviewError('no-records', `${printable(header.id, 80)} has no finished ${header.clock}${yet}`, {
      hint: `Findings are of what was recorded: ${when}.`,
      exitCode: exitCodes.unreadable,
    });
  } else {
    for (const line of linesOf(run, findings)) printLine(context, line);
  }
  return areGrave(findings) || error ? exitCodes.findings : exitCodes.done;
}

const section = (title: string, parts: readonly string[]): string[] => [
  '',
  title,
  ...parts.flatMap((part) => wrapped(printable(part, 1000), 98).map((line) => `  ${line}`)),
];

function linesOf({ header, records, state, status }: OpenRun, findings: readonly Finding[]): string[] {
  const { clock, id } = header;
  const first = records.at(0)?.number;
  const of = first === undefined ? `no finished ${clock}` : `${clock}s ${first} to ${records.at(-1)?.number}`;
  const count =
    findings.length === 0 ? 'nothing found.' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  const error = status?.error;
  return [
    `${printable(id, 80)}, ${of}: ${error ? `the training ${state === 'diverged' ? state : 'failed'}` : count}`,
    ...(error ? section(`error: ${error.code}`, [error.message, ...(error.hint ? [error.hint] : [])]) : []),
    ...findings.flatMap(({ severity, label, rule, text, neurons, means, tries, source }) =>
      section(`${severity}: ${label} (${rule})`, [
        ...[text, ...neuronLine(neurons), means, `Try: ${tries}`, `Source: ${source}`],
      ]),
    ),
  ];
}

const neuronsTold = 20;

function neuronLine(neurons: readonly number[] | undefined): string[] {
  if (!neurons || neurons.length === 0) return [];
  const more = neurons.length > neuronsTold ? `, and ${neurons.length - neuronsTold} more` : '';
  return [`Neurons ${neurons.slice(0, neuronsTold).join(', ')}${more}.`];
}
