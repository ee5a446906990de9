import { hostname } from 'node:os';
import { stat } from 'node:fs/promises';
import { exitCodes, isAbsence } from '../base/errors.ts';
import { fileError, readText } from '../base/files.ts';
import { writeFileAtomically } from '../base/write-files.ts';
import { holderOf, isGone, type Holder } from '../base/lock.ts';
import { toJson } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { formatAge } from '../base/progress.ts';
import {
  check,
  choice,
  list,
  needed,
  number,
  openObject,
  optional,
  shownSentences,
  shownText,
  time,
  usually,
  whole,
  type Value,
} from '../base/schema/index.ts';
import { readJson } from './check.ts';
import { runStates, type RunState } from './format.ts';
import { measured, numberOf } from './forms.ts';
import { runFiles } from './layout.ts';

const count = whole(0, Number.MAX_SAFE_INTEGER);

const progressForm = openObject({
  epoch: needed(count, 'The one in progress.'),
  batch: needed(count, 'Batches done of this epoch.'),
  batches: needed(count, 'Batches of an epoch.'),
  loss: usually(0, measured, 'Running mean over the epoch so far.'),
  imagesPerSecond: usually(null, measured, 'How fast it is.'),
  secondsLeft: usually(null, measured, 'To the end of the last epoch.'),
  phase: needed(choice(['training', 'validation', 'probe']), 'What the epoch is busy with.'),
});

const stepForm = openObject({
  label: needed(shownText, 'What is done: `downloading CIFAR-10`.'),
  done: needed(number(0, Infinity), 'How much of it.'),
  total: optional(number(0, Infinity), 'How much there is.'),
  unit: needed(choice(['bytes', 'items', 'seconds']), 'Of what.'),
  expected: optional(number(0, Infinity), 'With seconds: about how many.'),
});

const preparingForm = openObject({
  id: needed(shownText, "The run's."),
  createdAt: optional(time, 'When it began.'),
  network: optional(shownText, 'What is to be trained.'),
  dataset: optional(shownText, 'And on what.'),
  steps: usually([], list(stepForm, 0, 100), 'How far engine and data are.'),
});

const statusForm = openObject({
  state: needed(choice(runStates), 'What the run does.'),
  pid: needed(whole(1, 2 ** 31), 'The process that trains.'),
  host: needed(shownText, 'Its machine.'),
  updatedAt: needed(time, 'UTC.'),
  preparing: optional(preparingForm, 'What the run will be, until there is a run.json.'),
  requests: optional(list(shownText, 0, 100), 'What it can be asked for now, in `requests/`.'),
  ending: optional(choice(['now', 'after-epoch']), 'Where it was asked to stop, and will.'),
  progress: optional(progressForm, 'How far the epoch in progress is.'),
  error: optional(
    openObject({
      code: needed(shownText, 'For programs.'),
      message: needed(shownSentences, 'What is wrong.'),
      hint: optional(shownSentences, 'What to do.'),
    }),
    'Why it failed.',
  ),
  reason: optional(shownSentences, 'Why a finished run has fewer epochs than were planned.'),
});

export interface RunProgress extends Omit<Value<typeof progressForm>, 'loss' | 'imagesPerSecond' | 'secondsLeft'> {
  loss: number;
  imagesPerSecond: number;
  secondsLeft: number;
}

const progressOf = (given: Value<typeof progressForm>): RunProgress => ({
  ...given,
  loss: numberOf(given.loss),
  imagesPerSecond: numberOf(given.imagesPerSecond),
  secondsLeft: numberOf(given.secondsLeft),
});

/** What a trainer says of itself while it works: `status.json`, rewritten every few seconds. */
export interface RunStatus extends Omit<Value<typeof statusForm>, 'progress'> {
  progress?: RunProgress;
  /** Who holds the run's lock, where that is the process of the status: its beginning tells it from a later one. */
  holder?: Holder;
}

/**
 * How often a trainer rewrites its status, after how long without it a run is not heard of, and after how long one that
 * cannot be asked is over. Clocks of two machines differ, and some recorders write once an epoch.
 */
export const heartbeat = { everyMs: 2000, staleAfterMs: 20_000, goneAfterMs: 86_400_000 } as const;

/** A status of this process, now. */
export function statusOf(state: RunState, extra: Partial<RunStatus> = {}, now: Date = new Date()): RunStatus {
  return { state, pid: process.pid, host: hostname(), updatedAt: now.toISOString(), ...extra };
}

/** Replaces a run's status.json. Not flushed to the disk: it only matters while the machine runs. */
export async function writeStatus(directory: string, status: RunStatus): Promise<void> {
  await writeFileAtomically(runFiles.status(directory), `${toJson(status)}\n`, { durable: false });
}

/**
 * A run's status; undefined where there is none or its content makes no sense, for it only adds to what is recorded.
 * @throws DeepviewError exit code 4 for what is no file, may not be read or is too large
 */
export async function readStatus(directory: string): Promise<RunStatus | undefined> {
  const path = runFiles.status(directory);
  let text: string;
  let modified: number;
  try {
    text = await readText(path, limits.textBytes);
    modified = (await stat(path)).mtimeMs;
  } catch (thrown) {
    if (isAbsence(thrown)) return undefined;
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
  let status: RunStatus;
  try {
    const { progress, ...given } = readJson(text, path, (value) => check(statusForm, value));
    status = { ...given, ...(progress && { progress: progressOf(progress) }) };
  } catch {
    return undefined;
  }
  // A time in the future is not believed: the file was not written after it was.
  const at = Math.min(Date.parse(status.updatedAt), modified);
  const holder = isWorking(status) ? await holderOf(runFiles.lock(directory)) : undefined;
  return {
    ...status,
    updatedAt: new Date(at).toISOString(),
    ...(holder?.pid === status.pid && { holder }),
  };
}

/** What decides whether a trainer still lives; passed in so that tests need no second process. */
export interface Surroundings {
  now: () => number;
  /** Milliseconds of a clock of this process alone, which is never set and which stands still while the machine sleeps. */
  elapsed: () => number;
  isGone: typeof isGone;
  /** After so long without a sign of life a trainer that cannot be asked is gone. */
  patience: number;
}

export const surroundings: Surroundings = {
  now: Date.now,
  elapsed: () => performance.now(),
  isGone,
  patience: heartbeat.goneAfterMs,
};

const isWorking = ({ state }: RunStatus): boolean => ['preparing', 'running', 'paused'].includes(state);

/** Milliseconds since a trainer's last sign of life. */
const silence = ({ updatedAt }: RunStatus, { now }: Surroundings): number => Math.max(0, now() - Date.parse(updatedAt));

/** Whether a trainer may be at work on the run: it says so, and it is not known to be gone. */
export const isActive = (status: RunStatus | undefined, around: Surroundings = surroundings): boolean =>
  status !== undefined && isWorking(status) && stateOf(status, { done: 0, planned: 0 }, around) !== 'crashed';

/**
 * The state of a run: what its trainer says while it lives, `crashed` if it died without a word, `silent` where it was not
 * heard of for a while and cannot be asked.
 * Without a status (a recording of another framework) it is finished once all planned epochs are there.
 */
export function stateOf(
  status: RunStatus | undefined,
  epochs: { done: number; planned: number },
  around: Surroundings = surroundings,
): RunState {
  if (!status) return epochs.done >= epochs.planned ? 'finished' : 'stopped';
  if (!isWorking(status)) return status.state;
  const silent = silence(status, around);
  // The number alone may be another's after so long; who holds the run's lock can be asked, however the clock was set.
  const isForgotten = !status.holder && silent > around.patience;
  if (isForgotten || around.isGone(status.holder ?? status, silent, around.patience)) return 'crashed';
  return silent > heartbeat.staleAfterMs ? 'silent' : status.state;
}

/** The state of a run whose status was read before its records were: who ended meanwhile has said how since. */
export async function stateSince(directory: string, ...read: Parameters<typeof stateOf>): Promise<RunState> {
  const [status, ...more] = read;
  const state = stateOf(status, ...more);
  return status && state === 'crashed' ? stateOf(await readStatus(directory), ...more) : state;
}

/** What is said of a silent run: `not heard of for 45 s`. */
export const notHeardOf = (status: RunStatus, around: Surroundings = surroundings): string =>
  `not heard of for ${formatAge(silence(status, around) / 1000)}`;
