import { exitCodes, misuse, type ExitCode } from '../engine/base/errors.ts';
import { printable } from '../engine/base/printable.ts';
import { metricFor, metricsOfSides, sidesOf, type ComparedRun } from '../engine/analysis/comparison/compared-runs.ts';
import { firstMetric } from '../engine/metrics/index.ts';
import { findRun, openRun } from '../engine/run/index.ts';
import { hasScreen, readablePlaces, printJson, printLine, type CommandContext } from './common.ts';
import { comparison } from './compare/comparison.ts';
import { comparisonLines } from './compare/lines.ts';
import { epochMeant, metricNamed, upTo, withRecords } from './run-place.ts';

export interface CompareOptions {
  runs: readonly string[];
  /** The metric of layers that is compared, by its id. */
  metric?: string;
  /** A layer of the first run, by number or name, whose neurons are matched. */
  layer?: string;
  /** Of each run the record that is compared, of one run two of it: `1,last`. */
  records?: string;
}

/** The records that are compared, a word a run; of one run two of it. @throws DeepviewError `usage` */
function recordWords({ runs, records }: CompareOptions): string[] {
  if (records === undefined) return runs.length === 1 ? ['first', 'last'] : runs.map(() => 'last');
  const words = records.split(',').map((word) => word.trim());
  const wanted = Math.max(2, runs.length);
  if (words.length === wanted) return words;
  throw misuse(
    'usage',
    `--records names ${words.length}, not ${wanted}`,
    runs.length === 1 ? 'Of one run give two: --records 1,last' : 'Give one for each run: --records last,best',
  );
}

/** The runs as they were at the records that are meant. */
async function comparedRuns(options: CompareOptions, context: CommandContext): Promise<ComparedRun[]> {
  const words = recordWords(options);
  const directories: string[] = [];
  for (const word of options.runs) {
    const directory = await findRun(readablePlaces(context), word);
    if (directories.includes(directory)) {
      throw misuse(
        'same-run',
        `"${printable(word, 60)}" is a run that was named before`,
        'Two records of one run are compared by: deepview-tui compare RUN --records 1,last',
      );
    }
    directories.push(directory);
  }
  const wanted = [options.metric ?? firstMetric];
  const opened = await Promise.all(directories.map((directory) => openRun(directory, { wanted })));
  return words.map((word, at) => {
    const run = withRecords(opened[Math.min(at, opened.length - 1)]);
    return upTo(run, word === 'first' ? run.records[0].number : epochMeant(run, word, '--records'));
  });
}

/**
 * Prints what tells runs apart: settings, scalars, the metric of each layer, how alike the layers are, and which neurons
 * stand for each other.
 * @throws DeepviewError exit code 2: `usage`, `same-run`, `unknown-layer`, `unknown-epoch`, `unknown-metric`; exit code 4
 *   for a run that is not there, has no record, or cannot be read
 */
export async function compare(options: CompareOptions, context: CommandContext): Promise<ExitCode> {
  const runs = await comparedRuns(options, context);
  const sides = sidesOf(runs);
  if (options.metric !== undefined) metricNamed(metricsOfSides(sides), options.metric);
  const metric = metricFor(sides, options.metric ?? firstMetric);
  if (hasScreen(context) && options.layer === undefined) {
    const { showComparison } = await import('../views/screen/show-training.ts');
    return showComparison(sides, metric, context);
  }
  const compared = await comparison(sides, { metric, layer: options.layer }, context.paths);
  if (context.json) printJson(context, compared);
  else for (const line of comparisonLines(compared)) printLine(context, line);
  return exitCodes.done;
}
