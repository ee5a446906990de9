import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { systemCode } from '../base/errors.ts';
import { writeFileAtomically } from '../base/files.ts';
import { isAlive } from '../base/lock.ts';
import {
  check,
  choice,
  needed,
  number,
  openObject,
  optional,
  shownText,
  time,
  usually,
  whole,
  type Value,
} from '../base/schema/index.ts';
import { readJson } from './check.ts';
import type { RunState } from './format.ts';
import { runFiles } from './layout.ts';

const some = number(0, Infinity);
const count = whole(0, Number.MAX_SAFE_INTEGER);

const progressForm = openObject({
  epoch: needed(count, 'The one in progress.'),
  batch: needed(count, 'Batches done of this epoch.'),
  batches: needed(count, 'Batches of an epoch.'),
  loss: usually(0, number(-Infinity, Infinity), 'Running mean over the epoch so far.'),
  imagesPerSecond: usually(0, some, 'How fast it is.'),
  secondsLeft: usually(0, some, 'To the end of the last epoch.'),
  phase: needed(choice(['training', 'validation', 'probe']), 'What the epoch is busy with.'),
});

const statusForm = openObject({
  state: needed(
    choice(['preparing', 'running', 'paused', 'finished', 'stopped', 'failed', 'crashed']),
    'What the run does.',
  ),
  pid: needed(whole(1, 2 ** 31), 'The process that trains.'),
  host: needed(shownText, 'Its machine.'),
  updatedAt: needed(time, 'UTC.'),
  progress: optional(progressForm, 'How far the epoch in progress is.'),
  error: optional(
    openObject({
      code: needed(shownText, 'For programs.'),
      message: needed(shownText, 'What is wrong.'),
      hint: optional(shownText, 'What to do.'),
    }),
    'Why it failed.',
  ),
  reason: optional(shownText, 'Why a finished run has fewer epochs than were planned.'),
});

export type RunProgress = Value<typeof progressForm>;

/** What a trainer says of itself while it works: `status.json`, rewritten every few seconds. */
export type RunStatus = Value<typeof statusForm>;

/** How often a trainer rewrites its status, and after how long without it it counts as dead. */
export const heartbeat = { everyMs: 2000, staleAfterMs: 20_000 } as const;

/** A status of this process, now. */
export function statusOf(
  state: RunState,
  extra: Pick<RunStatus, 'progress' | 'error' | 'reason'> = {},
  now: Date = new Date(),
): RunStatus {
  return { state, pid: process.pid, host: hostname(), updatedAt: now.toISOString(), ...extra };
}

/** Replaces a run's status.json. Not flushed to the disk: it only matters while the machine runs. */
export async function writeStatus(directory: string, status: RunStatus): Promise<void> {
  await writeFileAtomically(runFiles.status(directory), `${JSON.stringify(status)}\n`, { durable: false });
}

/** A run's status; undefined where there is none or it is unreadable, for it only adds to what is recorded. */
export async function readStatus(directory: string): Promise<RunStatus | undefined> {
  const path = runFiles.status(directory);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown)) return undefined;
    throw thrown;
  }
  try {
    return readJson(text, path, (value) => check(statusForm, value));
  } catch {
    return undefined;
  }
}

/** What decides whether a trainer still lives; passed in so that tests need no second process. */
export interface Surroundings {
  now: () => number;
  host: string;
  isAlive: (pid: number) => boolean;
}

export const surroundings: Surroundings = {
  now: Date.now,
  host: hostname(),
  isAlive,
};

/** Whether a trainer works on the run: it says so, did so lately, and its process lives (as far as one can see). */
export function isActive(status: RunStatus | undefined, around: Surroundings = surroundings): boolean {
  if (!status || !['preparing', 'running', 'paused'].includes(status.state)) return false;
  const silent = around.now() - Date.parse(status.updatedAt);
  if (status.host !== around.host) return silent <= heartbeat.staleAfterMs;
  // A time to come is not of this machine's clock.
  return Math.abs(silent) <= heartbeat.staleAfterMs && around.isAlive(status.pid);
}

/**
 * The state of a run: what its trainer says while it lives, `crashed` if it died without a word.
 * Without a status (a recording of another framework) it is finished once all planned epochs are there.
 */
export function stateOf(
  status: RunStatus | undefined,
  epochs: { done: number; planned: number },
  around: Surroundings = surroundings,
): RunState {
  if (!status) return epochs.done >= epochs.planned ? 'finished' : 'stopped';
  const working = ['preparing', 'running', 'paused'].includes(status.state);
  return working && !isActive(status, around) ? 'crashed' : status.state;
}
