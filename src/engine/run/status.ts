import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { systemCode, type ErrorReport } from '../base/errors.ts';
import { writeFileAtomically } from '../base/files.ts';
import { isAlive } from '../base/lock.ts';
import { printable } from '../base/printable.ts';
import { parseJson } from './check.ts';
import type { RunState } from './format.ts';
import { runFiles } from './layout.ts';

/** How far the epoch in progress is. */
export interface RunProgress {
  epoch: number;
  /** Batches done of this epoch. */
  batch: number;
  batches: number;
  /** Running mean over the epoch so far. */
  loss: number;
  imagesPerSecond: number;
  /** To the end of the last epoch. */
  secondsLeft: number;
  /** What the epoch is busy with. */
  phase: 'training' | 'validation' | 'probe';
}

/** What a trainer says of itself while it works: `status.json`, rewritten every few seconds. */
export interface RunStatus {
  state: RunState;
  /** The process that trains, and its machine. */
  pid: number;
  host: string;
  /** ISO 8601, UTC. */
  updatedAt: string;
  progress?: RunProgress;
  error?: ErrorReport;
  /** Why a finished run has fewer epochs than were planned. */
  reason?: string;
}

/** How often a trainer rewrites its status, and after how long without it it counts as dead. */
export const heartbeat = { everyMs: 2000, staleAfterMs: 20_000 } as const;

const states: readonly RunState[] = ['preparing', 'running', 'paused', 'finished', 'stopped', 'failed', 'crashed'];

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
    return parseStatus(text, path);
  } catch {
    return undefined;
  }
}

function parseStatus(text: string, file: string): RunStatus {
  const root = parseJson(text, file);
  const progress = root.get('progress').or(undefined, (field) => ({
    epoch: field.get('epoch').whole(0),
    batch: field.get('batch').whole(0),
    batches: field.get('batches').whole(0),
    loss: field.get('loss').or(0, (one) => one.number()),
    imagesPerSecond: field.get('imagesPerSecond').or(0, (one) => one.number(0)),
    secondsLeft: field.get('secondsLeft').or(0, (one) => one.number(0)),
    phase: field.get('phase').oneOf(['training', 'validation', 'probe'] as const),
  }));
  const error = root.get('error').or(undefined, (field) => {
    const hint = field.get('hint').or(undefined, (one) => one.text());
    return { code: field.get('code').text(), message: field.get('message').text(), ...(hint && { hint }) };
  });
  const reason = root.get('reason').or(undefined, (field) => field.text());
  return {
    state: root.get('state').oneOf(states),
    pid: root.get('pid').whole(1, 2 ** 31),
    host: printable(root.get('host').text()),
    updatedAt: root.get('updatedAt').time(),
    ...(progress && { progress }),
    ...(error && { error }),
    ...(reason && { reason }),
  };
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
  if (around.now() - Date.parse(status.updatedAt) > heartbeat.staleAfterMs) return false;
  return status.host !== around.host || around.isAlive(status.pid);
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
