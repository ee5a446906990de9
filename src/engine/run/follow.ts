import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DeepviewError, isAbsence } from '../base/errors.ts';
import { fileError, sizeOf } from '../base/files.ts';
import { holderOf, usualPatience } from '../base/lock.ts';
import { printable } from '../base/printable.ts';
import { pause } from '../base/progress.ts';
import { linkNotice } from './computed.ts';
import type { RunEvent } from './events.ts';
import { runFiles } from './layout.ts';
import { noticeOf, silentNotice, statusOrNotice, type OpenOptions } from './open.ts';
import { isUnprepared } from './preparing.ts';
import { epochReader, type EpochReader } from './reader.ts';
import { readHeader, readRecords } from './records.ts';
import { stateOf, surroundings, type RunStatus, type Surroundings } from './status.ts';
import { epochsDone, isUnderWay, type RunHeader, type RunRecord, type RunState } from './format.ts';

export interface FollowOptions extends OpenOptions {
  /** Looked at least so often, where the system does not tell of changes. */
  pollMs?: number;
}

/** What a run's status has said so far. */
interface Heard {
  state?: RunState;
  /** The event that told of it. */
  said?: string;
  /** The status as it was seen last, and when it was first seen so on this process's own clock. */
  heard?: { updatedAt: string; at: number; changed: boolean };
}

/** What has been told of a run so far. */
interface Told extends Heard {
  header: RunHeader;
  reader: EpochReader;
  /** Tells this run's files from those of another that took their place. */
  identity: string;
  bytes: number;
  lineCount: number;
  last?: RunRecord;
  /** Set once records turned out damaged: what is behind the damage is not read. */
  halted?: boolean;
  progress?: string;
  /** Why the status could not be read. */
  notice?: string | undefined;
}

/** What has been told of a run that has no run.json yet. */
interface Unprepared extends Heard {
  isBegun?: true;
  /** When it was first found without a word, on this process's own clock. */
  mute?: number;
  /** By their labels, as they were told. */
  steps: Map<string, string>;
}

/**
 * A run's events as they happen, beginning with all that is there. Waits for a directory that is not there yet; begins
 * anew, with another `run` event, when the run is replaced or cut; ends after the state `finished`, `stopped`, `failed`
 * or `crashed`, when the run is deleted, or when `signal` is aborted. A run that is silent is waited for.
 * @throws DeepviewError exit code 4 if the run's header is unreadable
 */
export async function* followRun(
  directory: string,
  signal: AbortSignal,
  { pollMs = 100, analysis, around = surroundings }: FollowOptions = {},
): AsyncGenerator<RunEvent, void, undefined> {
  const bell = changeBell(directory, signal, pollMs);
  const before: Unprepared = { steps: new Map() };
  let told: Told | undefined;
  try {
    for (let first = true; !signal.aborted; first = false) {
      if (!first) await bell.next();
      if (signal.aborted) return;
      const identity = await identityOf(directory);
      if (identity === undefined) {
        if (!told) {
          if (yield* preparing(directory, before, around)) return;
          continue;
        }
        yield { type: 'notice', text: `${printable(directory, 1000)} was deleted while it was watched` };
        yield { type: 'state', state: 'stopped' };
        return;
      }
      if (told && (identity !== told.identity || (await sizeOf(runFiles.epochs(directory))) < told.bytes)) {
        yield { type: 'notice', text: 'the run was replaced: shown from its beginning' };
        told = undefined;
      }
      if (!told) {
        const header = await readHeader(directory);
        told = { header, reader: epochReader(directory, header, analysis), identity, bytes: 0, lineCount: 0 };
        yield { type: 'run', header, directory };
        const link = await linkNotice(directory);
        if (link !== undefined) yield { type: 'notice', text: link };
      }
      // The status first: what it calls finished has then committed all its epochs before they are read.
      const { status, notice } = await statusOrNotice(directory);
      if (notice !== undefined && notice !== told.notice) yield { type: 'notice', text: notice };
      told.notice = notice;
      yield* newEpochs(directory, told);
      const progress = status?.progress;
      if (progress && progress.epoch > epochsDone(told.last) && JSON.stringify(progress) !== told.progress) {
        told.progress = JSON.stringify(progress);
        yield { type: 'batch', ...progress };
      }
      const counts = { done: epochsDone(told.last), planned: Math.max(1, told.header.training.epochs) };
      const watched = status ? watchedBy(told, status, around) : around;
      const state = stateOf(status, counts, watched);
      // Who ended while its epochs were read has said how since.
      if (state === 'crashed' && (await statusOrNotice(directory)).status?.updatedAt !== status?.updatedAt) continue;
      // Without a status nothing says that the recorder stopped.
      const seen = !status && state === 'stopped' ? 'running' : state;
      if (seen !== told.state && status?.reason) yield { type: 'notice', text: status.reason };
      if (seen !== told.state && status && seen === 'silent')
        yield { type: 'notice', text: silentNotice(status, watched) };
      yield* newState(told, seen, status);
      if (!isUnderWay(seen)) return;
    }
  } finally {
    await told?.reader.keep();
    bell.close();
  }
}

/** What a run does, where that or what is said with it is new. */
function* newState(told: Heard, state: RunState, status: RunStatus | undefined): Generator<RunEvent> {
  const { error, reason, ending, requests } = status ?? {};
  const said = JSON.stringify([state, ending, requests]);
  if (said === told.said) return;
  Object.assign(told, { state, said });
  yield {
    ...{ type: 'state', state },
    ...(error && { error }),
    ...(reason && { reason }),
    ...(ending && { ending }),
    ...(requests && { requests }),
  };
}

/** What is new of a run that has no run.json yet. @returns whether none will come */
async function* preparing(
  directory: string,
  told: Unprepared,
  around: Surroundings,
): AsyncGenerator<RunEvent, boolean, undefined> {
  if (!(await isUnprepared(directory))) {
    // It is not there yet, has its run.json by now, or was stopped, of which nothing is left.
    if (!told.state || (await identityOf(directory)) !== undefined) return false;
    yield { type: 'notice', text: 'it ended while it was being prepared: nothing of it is kept' };
    yield { type: 'state', state: 'stopped' };
    return true;
  }
  const { status } = await statusOrNotice(directory);
  if (!status) return yield* withoutWord(directory, told, around);
  const { id = basename(resolve(directory)), network, dataset, steps = [] } = status.preparing ?? {};
  if (!told.isBegun) yield { type: 'begun', id, directory, ...(network && { network }), ...(dataset && { dataset }) };
  told.isBegun = true;
  for (const progress of steps) {
    if (told.steps.get(progress.label) === JSON.stringify(progress)) continue;
    told.steps.set(progress.label, JSON.stringify(progress));
    yield { type: 'step', progress };
  }
  const state = stateOf(status, { done: 0, planned: 0 }, watchedBy(told, status, around));
  // It was prepared, and is over, since it was looked at.
  if (!isUnderWay(state) && (await identityOf(directory)) !== undefined) return false;
  yield* newState(told, state === 'running' ? 'preparing' : state, status);
  return !isUnderWay(state);
}

/** Whether whose lock a run is has ended before it said anything: then nothing will come. */
async function* withoutWord(
  directory: string,
  told: Unprepared,
  around: Surroundings,
): AsyncGenerator<RunEvent, boolean, undefined> {
  told.mute ??= around.elapsed();
  const holder = await holderOf(runFiles.lock(directory));
  if (!around.isGone(holder, around.elapsed() - told.mute, usualPatience)) return false;
  // It may have spoken, or have been deleted, since it was looked at.
  if (!(await isUnprepared(directory)) || (await statusOrNotice(directory)).status) return false;
  const who = holder ? `process ${holder.pid} on ${holder.host ?? 'another machine'}` : 'what began it';
  yield { type: 'begun', id: basename(resolve(directory)), directory };
  yield { type: 'notice', text: `${who} ended before it said anything of the run: there is nothing of it` };
  yield { type: 'state', state: 'crashed' };
  return true;
}

/**
 * By which clock a watched run's trainer is judged: once its status was seen to change, by this process's own from then
 * on, for the clocks of two machines differ. One that holds a lock promised to say something every few seconds.
 */
function watchedBy(told: Heard, { updatedAt, holder }: RunStatus, around: Surroundings): Surroundings {
  if (told.heard?.updatedAt !== updatedAt)
    told.heard = { updatedAt, at: around.elapsed(), changed: told.heard !== undefined };
  const silent = around.elapsed() - told.heard.at;
  const patience = holder ? usualPatience : around.patience;
  if (!told.heard.changed && silent <= patience) return around;
  return { ...around, now: () => Date.parse(updatedAt) + silent, patience };
}

async function* newEpochs(directory: string, told: Told): AsyncGenerator<RunEvent> {
  if (told.halted || (await sizeOf(runFiles.epochs(directory))) <= told.bytes) return;
  const { lines, problem, ...read } = await readRecords(directory, told.header, told);
  let trouble = problem;
  for (const line of lines) {
    try {
      told.reader.add(line);
      yield { type: 'epoch', record: await told.reader.complete(line.record) };
    } catch (thrown) {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      trouble = thrown;
      break;
    }
    told.last = line.record;
  }
  await told.reader.keep(true);
  Object.assign(told, read);
  if (trouble) {
    told.halted = true;
    yield { type: 'notice', text: noticeOf(trouble, told.last) };
  }
}

/** What tells a run from another one at the same place; undefined while there is none. */
async function identityOf(directory: string): Promise<string | undefined> {
  try {
    const { ino, mtimeMs } = await stat(runFiles.header(directory));
    return `${ino} ${mtimeMs}`;
  } catch (thrown) {
    if (isAbsence(thrown)) return undefined;
    throw fileError(thrown, 'read', runFiles.header(directory));
  }
}

/** Milliseconds in which what happens to several runs at once is told of once. */
const gatheredFor = 250;
/** Looking for changes takes no more than this share of a processor, however many runs there are. */
const lookingShare = 0.002;

/**
 * Yields when runs may have come, gone or changed, for who then lists them again: at once where the system tells of a new
 * directory, and every now and then, for it does not tell of those on other machines, nor of what goes on in each.
 * @param runs where the runs are, once that is there
 */
export async function* runChanges(runs: string, signal: AbortSignal, pollMs = 2000): AsyncGenerator<void> {
  const bell = changeBell(runs, signal, pollMs);
  let took = 0;
  try {
    for (;;) {
      await bell.next(took / lookingShare);
      await pause(gatheredFor, signal);
      if (signal.aborted) return;
      const before = performance.now();
      yield;
      took = performance.now() - before;
    }
  } finally {
    bell.close();
  }
}

/** Rings when something in a directory changes, and at least every `pollMs`. */
function changeBell(
  directory: string,
  signal: AbortSignal,
  pollMs: number,
): { next: (least?: number) => Promise<void>; close: () => void } {
  let watcher: FSWatcher | undefined;
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    rung = true;
    wake?.();
  };
  const stopWatching = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const startWatching = (): void => {
    if (watcher) return;
    try {
      watcher = watch(directory, { persistent: false }, (_, name) => {
        // A deleted directory's watcher stays silent for ever: the next round makes a new one.
        if (name === null) stopWatching();
        ring();
      });
      watcher.on('error', stopWatching);
    } catch {
      // Not there yet, or the system has no more watches: the clock alone rings.
      watcher = undefined;
    }
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    async next(least = 0) {
      startWatching();
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(least, pollMs));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
    close() {
      stopWatching();
      signal.removeEventListener('abort', ring);
    },
  };
}
