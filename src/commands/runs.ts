import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatBytes } from '../engine/base/byte-size.ts';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/base/errors.ts';
import { fileError } from '../engine/base/files.ts';
import { usualLook } from '../engine/base/lock.ts';
import { formatAge, pause } from '../engine/base/progress.ts';
import { printable, shellWord } from '../engine/base/printable.ts';
import {
  differences,
  differencesText,
  findRun,
  heartbeat,
  isActive,
  isUnderWay,
  listRuns,
  lockRun,
  notHeardOf,
  readStatus,
  scalar,
  summariseRun,
  type RunRecord,
  type RunState,
  type RunSummary,
} from '../engine/run/index.ts';
import { sparkline } from '../imaging/charts/sparkline.ts';
import { changeablePlaces, formatTable, printJson, printLine, printNotice, type CommandContext } from './common.ts';
import { confirmed } from './confirm.ts';

/** What `runs list --json` says of a run. */
export interface RunListEntry {
  id: string;
  directory: string;
  /** Like `dataset` and `epochs.planned` null where a recorder does not say. */
  network: string | null;
  dataset: string | null;
  /** The settings in which the runs of its network do not agree, by short names. */
  differs: Record<string, string>;
  state: RunState;
  /** Where it was asked to stop, and will. */
  ending: 'now' | 'after-epoch' | null;
  /** Whether it came so far that there is something of it to be read. */
  prepared: boolean;
  epochs: { done: number; planned: number | null };
  /** The newest record's. */
  scalars: RunRecord['scalars'];
  /** Lowest on the validation images, 0..1; null where there is none. */
  bestTop1Error: number | null;
  /** One value per record; none where the run has no validation loss. */
  validationLoss: number[];
  bytes: number;
  /** Null where a recorder does not say. */
  createdAt: string | null;
}

/** Lists the runs there are, newest first. */
export async function runsList(context: CommandContext, now: () => number = Date.now): Promise<ExitCode> {
  const { runs, unreadable } = await listRuns(context.paths.runs);
  const differing = differences(runs.map(({ header }) => header));
  if (context.json) {
    printJson(context, {
      format: 1,
      runs: runs.map((run, at) => entryOf(run, differing[at])),
      unreadable: unreadable.map(({ directory, error }) => ({ directory, code: error.code, message: error.message })),
    });
    return exitCodes.done;
  }
  if (runs.length === 0 && unreadable.length > 0) printLine(context, 'None of the runs there are can be read.');
  else if (runs.length === 0) printLine(context, 'There are no runs yet. Train one: deepview-tui train');
  else {
    const words = differing.map((one) => printable(differencesText(one), 1000) || '-');
    // As near to the front as 80 columns can show it.
    const column = (word: string): string[] => (words.some((each) => each !== '-') ? [word] : []);
    const rows = runs.map((run, at) => [
      run.id,
      run.network ?? '-',
      run.dataset ?? '-',
      ...column(words[at]),
      stateInWords(run),
      run.epochs.planned === undefined ? String(run.epochs.done) : `${run.epochs.done}/${run.epochs.planned}`,
      percent(run.bestTop1Error),
      percent(run.lastRecord && scalar(run.lastRecord, 'error/validation')),
      formatBytes(run.bytes),
      run.createdAt === undefined ? '-' : `${formatAge((now() - run.begunAt) / 1000)} ago`,
      sparkline(run.validationLoss, 20),
    ]);
    const head = [
      'run',
      'network',
      'data',
      ...column('differs in'),
      'state',
      'epochs',
      'best top-1 error',
      'last',
      'size',
      'begun',
      'validation loss',
    ];
    for (const line of formatTable(
      [head, ...rows],
      [4, 5, 6, 7, 8].map((place) => place + head.length - 10),
    ))
      printLine(context, line);
  }
  for (const { directory, error } of unreadable) {
    printNotice(context, `${basename(directory)}: unreadable: ${error.message}`);
  }
  return exitCodes.done;
}

const percent = (share: number | undefined): string =>
  share === undefined || Number.isNaN(share) ? '-' : `${(share * 100).toFixed(2)} %`;

/** What a run does; of one without a run.json also that it never came further. */
const stateInWords = ({ state, status, header }: RunSummary): string => {
  if (state === 'silent' && status) return notHeardOf(status);
  if (isUnderWay(state)) return status?.ending ? `${state}, stopping` : state;
  return header ? state : `${state} while preparing`;
};

const entryOf = (run: RunSummary, differs: Record<string, string>): RunListEntry => ({
  id: run.id,
  directory: run.directory,
  network: run.network ?? null,
  dataset: run.dataset ?? null,
  differs,
  state: run.state,
  ending: (isUnderWay(run.state) && run.status?.ending) || null,
  prepared: run.header !== undefined,
  epochs: { done: run.epochs.done, planned: run.epochs.planned ?? null },
  scalars: run.lastRecord?.scalars ?? {},
  bestTop1Error: run.bestTop1Error ?? null,
  validationLoss: run.validationLoss.some(Number.isFinite) ? run.validationLoss : [],
  bytes: run.bytes,
  createdAt: run.createdAt ?? null,
});

export interface RemovalOptions {
  /** Do not ask. */
  yes: boolean;
}

/** Deletes the runs that are named. Refuses all of them if one is not a run, or is being written. */
export async function runsRemove(
  options: RemovalOptions & { runs: readonly string[] },
  context: CommandContext,
  look: number = usualLook,
): Promise<ExitCode> {
  const chosen = new Map<string, RemovableRun>();
  for (const word of options.runs) {
    const directory = await findRun(changeablePlaces(context), word);
    chosen.set(directory, await removable(directory, () => pause(look, context.signal), look));
  }
  return removeAll([...chosen.values()], options, context);
}

/** Deletes the runs without a committed epoch that are not being written: those that failed or were stopped at once. */
export async function runsPrune(options: RemovalOptions, context: CommandContext): Promise<ExitCode> {
  const { runs } = await listRuns(context.paths.runs);
  const empty = runs.filter((run) => run.firstRecord === undefined && !isActive(run.status));
  const chosen: RemovableRun[] = [];
  for (const run of empty) {
    // One that has begun to move, or holds foreign files, is simply kept.
    const one = await removable(run.directory, undefined).catch((thrown: unknown) => {
      if (thrown instanceof DeepviewError) printNotice(context, `kept: ${thrown.message}`);
      else throw thrown;
    });
    // Records that cannot be read are no proof that there are none.
    if (one && one.journalBytes === 0) chosen.push(one);
  }
  return removeAll(chosen, options, context);
}

/**
 * Refuses a run that may be being written. Where its trainer cannot be asked (it is on another machine), one that holds a
 * lock says something between two looks; how often one without a lock does is not known.
 */
async function requireOver(
  { directory, status, state }: RunSummary,
  wait: (() => Promise<void>) | undefined,
): Promise<void> {
  const shown = printable(directory, 1000);
  const inUse = (what: string, hint = `Stop it first: deepview-tui runs stop ${shellWord(directory)}`): DeepviewError =>
    new DeepviewError('run-in-use', `${shown} ${what}`, { hint });
  if (!status) {
    if (state === 'finished') return;
    const parts = ['run.json', 'epochs.jsonl', 'epochs'].map((name) => join(directory, name));
    const silent = Date.now() - Math.max(...(await Promise.all(parts.map(modifiedAt))));
    if (silent > (wait ? heartbeat.staleAfterMs : heartbeat.goneAfterMs)) return;
    const ago = `was written ${formatAge(silent / 1000)} ago and does not say whether it is over`;
    throw inUse(ago, 'If it is, try `deepview-tui runs rm` in half a minute.');
  }
  if (!isActive(status)) return;
  if (state !== 'silent') throw inUse('is being trained');
  if (!status.holder || !wait) {
    const whose = `If process ${status.pid} on ${status.host} is gone, delete the run's status.json first.`;
    throw inUse(`says that it is being trained, but was ${notHeardOf(status)}`, whose);
  }
  await wait();
  if ((await readStatus(directory))?.updatedAt !== status.updatedAt) throw inUse('is being trained');
}

/** Milliseconds since 1970; 0 for what is not there. */
const modifiedAt = (path: string): Promise<number> =>
  lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

interface RemovableRun {
  directory: string;
  id: string;
  bytes: number;
  journalBytes: number;
}

const partsOfRun = new Set([
  'run.json',
  'epochs.jsonl',
  'epochs',
  'features',
  'images',
  'checkpoints',
  'computed',
  'cache',
  'screenshots',
  'status.json',
  'lock.json',
  'requests',
]);

/**
 * @param wait a while between two looks at a silent run; without it one is in use
 * @throws DeepviewError `run-in-use`, `not-only-a-run`, `not-a-run`
 */
async function removable(
  directory: string,
  wait: (() => Promise<void>) | undefined,
  look?: number,
): Promise<RemovableRun> {
  const names = await readdir(directory);
  const foreign = names.find((name) => !partsOfRun.has(name) && !name.endsWith('.tmp') && !name.endsWith('.log'));
  if (foreign !== undefined || (await lstat(directory)).isSymbolicLink()) {
    const what = foreign === undefined ? 'is a link' : `holds ${printable(foreign, 60)}, which is no part of a run`;
    throw new DeepviewError('not-only-a-run', `${printable(directory, 1000)} ${what}: nothing was deleted`, {
      hint: 'Delete it by hand if you mean it.',
    });
  }
  // Reading the header proves that it is a run of ours, and the lock that it is not being written, however long its trainer was silent.
  const summary = await summariseRun(directory);
  await requireOver(summary, wait);
  await (await lockRun(directory, look)).release();
  const journalBytes = await lstat(`${directory}/epochs.jsonl`).then(
    ({ size }) => size,
    () => 0,
  );
  return { directory, id: summary.id, bytes: summary.bytes, journalBytes };
}

async function removeAll(
  runs: readonly RemovableRun[],
  { yes }: RemovalOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const total = formatBytes(runs.reduce((sum, run) => sum + run.bytes, 0));
  if (runs.length > 0 && !yes && !(await confirmed(`Delete ${listed(runs)} (${total})? [y/N] `, context))) {
    printLine(context, 'Nothing was deleted.');
    return exitCodes.done;
  }
  for (const run of runs) {
    const lock = await lockRun(run.directory);
    try {
      await rm(run.directory, { recursive: true });
    } catch (thrown) {
      await lock.release();
      throw fileError(thrown, 'delete', run.directory);
    }
  }
  if (context.json) {
    printJson(context, { format: 1, removed: runs.map(({ id, directory, bytes }) => ({ id, directory, bytes })) });
  } else printLine(context, runs.length === 0 ? 'There is nothing to delete.' : `Deleted ${listed(runs)}, ${total}.`);
  return exitCodes.done;
}

const listed = (runs: readonly RemovableRun[]): string =>
  runs.length <= 5 ? runs.map((run) => run.id).join(', ') : `${runs.length} runs`;
