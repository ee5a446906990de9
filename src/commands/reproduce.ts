import { join, resolve } from 'node:path';
import { DeepviewError, exitCodes, reportOf, type ErrorReport, type ExitCode } from '../engine/base/errors.ts';
import { datasetEntry } from '../engine/data/catalogue.ts';
import { fileError } from '../engine/base/files.ts';
import { makeDirectory } from '../engine/base/write-files.ts';
import { findPreset, presets } from '../engine/network/presets/index.ts';
import { printable } from '../engine/base/printable.ts';
import { isActive, runWord, summariseRun, type RunSummary } from '../engine/run/index.ts';
import type { EngineChoice, TrainingRequest } from '../engine/training/messages.ts';
import { validateRequest } from '../engine/training/request.ts';
import { startTraining } from '../engine/training/trainer-client.ts';
import { printJson, printLine, printNotice, type CommandContext } from './common.ts';
import { paperData, resultOf, tableLines, type NetworkResult } from './reproduce-table.ts';
import { reportLines } from './train.ts';

export interface ReproduceOptions {
  /** Names of the paper's networks; none means all. */
  networks: readonly string[];
  /** Where the runs lie; by default among the user's runs. */
  directory?: string;
  /** Print the table of what there is, and train nothing. */
  tableOnly: boolean;
  /** This number of training steps of each network: a check that the loss decreases. Excludes `epochs` and `limit`. */
  steps?: number;
  epochs?: number;
  limit?: number;
  data?: string;
  seed?: number;
  engine: EngineChoice;
  deterministic?: boolean;
  probe?: number;
}

const usage = (message: string, hint?: string): DeepviewError =>
  new DeepviewError('usage', message, { hint, exitCode: exitCodes.usage });

/**
 * Trains the paper's networks by the paper's settings, one after another, each in a process and a run directory of its
 * own, and prints the paper's accuracies beside the measured ones. What is finished is skipped, what was stopped or
 * crashed goes on. A network that fails does not keep the others from being trained.
 * @returns 0 when all that were asked for are finished and learn, 130 when interrupted, else 1
 * @throws DeepviewError exit code 2 for names and numbers that cannot be
 */
export async function reproduce(options: ReproduceOptions, context: CommandContext): Promise<ExitCode> {
  const names = [...new Set(namesOf(options).map((name) => findPreset(name).name))];
  if (options.steps !== undefined && (options.epochs !== undefined || options.limit !== undefined)) {
    throw usage('--steps excludes --epochs and --limit.', 'It stands for one epoch of that number of batches.');
  }
  const directory = options.directory === undefined ? context.paths.runs : resolve(context.cwd, options.directory);
  const failures = new Map<string, ErrorReport>();
  let interrupted = false;
  let begun = 0;
  for (const name of options.tableOnly ? [] : names) {
    try {
      const outcome = await trained(name, directory, options, context);
      interrupted = outcome === 'interrupted' && context.signal.aborted;
    } catch (thrown) {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      // What is wrong with the command line shows at the first; later it must not hide what was trained.
      if (thrown.exitCode === exitCodes.usage && begun === 0) throw thrown;
      failures.set(name, reportOf(thrown));
      printNotice(context, `${name}: ${printable(thrown.message, 1000)}`);
    }
    begun++;
    if (interrupted || context.signal.aborted) {
      interrupted = true;
      break;
    }
  }
  const results: NetworkResult[] = [];
  for (const name of names) {
    const run = runDirectory(name, directory, options);
    const summary = await summaryOf(run).catch(unreadable(failures, name));
    const place = { network: name, directory: run, data: options.data ?? paperData };
    results.push(resultOf(place, summary, failures.get(name)));
  }
  if (context.json) printJson(context, { format: 1, networks: results });
  else for (const line of tableLines(results)) printLine(context, line);
  if (interrupted) return exitCodes.interrupted;
  const isWell = results.every(({ state, learns }) => state === 'finished' && learns !== false);
  return options.tableOnly || isWell ? exitCodes.done : exitCodes.failed;
}

const namesOf = ({ networks }: ReproduceOptions): readonly string[] =>
  networks.length > 0 ? networks : presets.map(({ name }) => name);

/** Where a network's run lies: always the same, and another place for anything but the paper's settings. */
function runDirectory(name: string, directory: string, options: ReproduceOptions): string {
  const { steps, epochs, limit, data, seed, deterministic } = options;
  const differing = [
    ...(steps === undefined ? [] : [`steps${steps}`]),
    ...(epochs === undefined ? [] : [`epochs${epochs}`]),
    ...(limit === undefined ? [] : [`limit${limit}`]),
    // As given: the data's name may be a path.
    ...(data === undefined || data === paperData ? [] : [data.replace(/[^a-z0-9]+/gi, '-').slice(0, 40)]),
    ...(seed === undefined || seed === 1 ? [] : [`seed${seed}`]),
    ...(deterministic ? ['deterministic'] : []),
  ];
  return join(directory, ['reproduce', name, ...differing].join('-'));
}

function requestOf(name: string, run: string, options: ReproduceOptions): TrainingRequest {
  const { steps, epochs, limit, data, seed, engine, deterministic, probe } = options;
  const batch = findPreset(name).training.batch;
  return {
    network: name,
    data: data ?? paperData,
    seed: seed ?? 1,
    engine,
    run,
    ...(deterministic && { deterministic }),
    ...(epochs !== undefined && { epochs }),
    // Said, not left open: a slow engine in the place of the native one would train on fewer.
    limit: limit ?? datasetEntry(data ?? paperData).trainImages,
    ...(probe !== undefined && { probe }),
    // One pass over as many images as the steps take; patches of so young a network are not worth their time.
    ...(steps !== undefined && { epochs: 1, limit: steps * batch, features: 'off' }),
  };
}

async function trained(
  name: string,
  directory: string,
  options: ReproduceOptions,
  context: CommandContext,
): Promise<'done' | 'interrupted'> {
  const { paths, env } = context;
  const run = runDirectory(name, directory, options);
  const before = await summaryOf(run);
  // Under --json standard output is for the one object at the end.
  const told: CommandContext = context.json ? { ...context, stdout: context.stderr } : context;
  // Of a silent trainer its lock says whether it is gone.
  if (before && before.state !== 'silent' && isActive(before.status)) {
    throw new DeepviewError('run-in-use', `${printable(run, 1000)} is being trained`, {
      hint: `Watch it with: deepview-tui watch ${runWord(run, paths.runs)}`,
    });
  }
  if (before && before.epochs.done > 0 && before.epochs.done >= (before.epochs.planned ?? 0)) {
    printLine(told, `${name}: finished before, in ${printable(run, 1000)}`);
    return 'done';
  }
  if (!before) await makeDirectory(directory);
  const { engine } = options;
  const request = before?.header
    ? { network: name, data: before.header.dataset.name, seed: before.header.seed, engine, resume: run }
    : requestOf(name, run, options);
  const checked = await validateRequest(request, paths);
  if (context.signal.aborted) return 'interrupted';
  const code = await reportLines(startTraining(checked, { interactive: false, paths, env }), told);
  return code === exitCodes.done ? 'done' : 'interrupted';
}

/** A network's run so far; nothing before it was begun. */
async function summaryOf(run: string): Promise<RunSummary | undefined> {
  try {
    return await summariseRun(run);
  } catch (thrown) {
    const error = fileError(thrown, 'read', run, exitCodes.unreadable);
    if (error.code === 'not-a-run') return undefined;
    throw error;
  }
}

/** A run that cannot be read is one more line of the table. */
const unreadable =
  (failures: Map<string, ErrorReport>, name: string) =>
  (thrown: unknown): undefined => {
    if (!(thrown instanceof DeepviewError)) throw thrown;
    failures.set(name, failures.get(name) ?? reportOf(thrown));
    return undefined;
  };
