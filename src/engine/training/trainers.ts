import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DeepviewError, systemCode, type ErrorReport } from '../base/errors.ts';
import { requireSomewhere, type Paths } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import { programPath } from '../base/program-files.ts';
import { runWord } from '../run/find.ts';
import type { RunState } from '../run/format.ts';
import { givesWay } from './give-way.ts';
import type { RunEvent, TrainingCommand } from './messages.ts';
import type { ProcessSettings } from './trainer-process.ts';
import { howToGoOn } from './supervisor.ts';
import { superviseThread } from './training-thread.ts';

/** How a training ended, as far as this process could see; `running` where it was let go. */
export interface TrainingEnd {
  state: RunState;
  error?: ErrorReport;
}

/** Something that trains, wherever it runs. No method blocks or throws because of what happens there. */
export interface Trainer {
  send(command: TrainingCommand): void;
  /** The listeners hear no more of it. An interactive training in a process of its own goes on; any other stops. */
  letGo(): void;
  /** Where it runs; undefined where it could not be started. */
  readonly processId: number | undefined;
}

export interface TrainerListeners {
  onEvent: (event: RunEvent) => void;
  /** Nothing more will come; `end` where no last state came before. */
  onEnd: (end?: TrainingEnd) => void;
}

export interface TrainingSurroundings {
  /** Shown on a screen: training then outlives the screen, the terminal and the connection. */
  interactive: boolean;
  /** Trains in threads of this process, with which it ends, instead of in a process of its own. */
  inProcess?: boolean;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  /** The program to start as a process, when it is not the bundled one. */
  program?: string;
}

/** Only fatal errors of the native library: it writes to this process's standard error, which is the terminal. */
const quietLibrary = { TF_CPP_MIN_LOG_LEVEL: '3' };

/**
 * Trains in threads of this process.
 * @throws DeepviewError `log-unwritable`
 */
export function trainHere({ paths, env }: TrainingSurroundings, { onEvent, onEnd }: TrainerListeners): Trainer {
  const log = openLog(paths.log);
  // The library reads the process's environment, not the thread's.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= quietLibrary.TF_CPP_MIN_LOG_LEVEL;
  const supervisor = superviseThread({
    env: { ...quietLibrary, ...env },
    send: onEvent,
    log: (text) => log.write(text),
    logDescriptor: log.descriptor,
  });
  void supervisor.ended.then(() => {
    log.close();
    onEnd();
  });
  return {
    send: (command) => supervisor.command(command),
    letGo: () => supervisor.stop(),
    processId: process.pid,
  };
}

/**
 * Trains in a process of its own.
 * @throws DeepviewError `log-unwritable`
 */
export function trainApart(surroundings: TrainingSurroundings, { onEvent, onEnd }: TrainerListeners): Trainer {
  const { interactive, paths, env } = surroundings;
  // Where no screen waits, training is an ordinary job among those of others.
  const settings: ProcessSettings = { interactive, giveWay: interactive && givesWay(env) };
  const log = openLog(paths.log);
  const child = spawn(
    process.execPath,
    [surroundings.program ?? programPath('trainer-process'), JSON.stringify(settings)],
    {
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
      // A session of its own: neither Ctrl-C nor the hang-up of this terminal reaches it.
      detached: interactive,
      // Only the environment at start-up reaches the native library's own logging. Warnings say why no GPU is used.
      env: { TF_CPP_MIN_LOG_LEVEL: '1', ...env },
    },
  );
  log.close();
  let ended: string | undefined;
  let silent = false;
  let isLetGo = false;
  /** Where the run is, once there is something of it to go on with. */
  let directory: string | undefined;
  // Messages may still be read after the process ended: both must have happened.
  const over = (): void => {
    if (ended === undefined || !silent || isLetGo) return;
    const hint = `${paths.log} says more; ${howToGoOn(directory && runWord(directory, paths.runs))}`;
    const message = `The training process ended unexpectedly (${ended}).`;
    onEnd({ state: 'crashed', error: { code: 'trainer-died', message, hint } });
  };
  child.on('message', (message) => {
    const event = message as RunEvent;
    if (event.type === 'run') ({ directory } = event);
    onEvent(event);
  });
  child.on('disconnect', () => {
    silent = true;
    over();
  });
  child.on('exit', (code, signal) => {
    ended = signal ?? `code ${code}`;
    over();
  });
  child.on('error', (error) => {
    if (child.pid === undefined) onEnd({ state: 'failed', error: startReport(error) });
  });
  return {
    send(command) {
      // Without a callback a closed channel would be an uncaught error; the end is reported by `onEnd`.
      if (child.connected) child.send(command, () => undefined);
    },
    letGo() {
      if (isLetGo) return;
      isLetGo = true;
      if (child.connected) child.disconnect();
      child.unref();
    },
    get processId() {
      return child.pid;
    },
  };
}

const startReport = (error: Error): ErrorReport => ({
  code: 'trainer-not-started',
  message: `The training process could not be started: ${error.message}.`,
  hint: 'Memory or the number of processes may be exhausted.',
});

/** Bytes after which a log is put aside as `NAME.1` when it is next opened; so at most about twice as much is kept. */
const rotateAt = 4 * 2 ** 20;

/**
 * Opens the log for appending, and puts an old one aside once it is long.
 * @returns its file descriptor, to be closed once a child process has it
 * @throws DeepviewError `log-unwritable`, `no-home`
 */
function openLog(
  path: string,
  now: Date = new Date(),
): { descriptor: number; write: (text: string) => void; close: () => void } {
  requireSomewhere(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > rotateAt) renameSync(path, `${path}.1`);
    // A pipe in its place would be waited for.
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
    const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
    writeSync(descriptor, `--- ${now.toISOString()}\n`);
    const write = (text: string): void => {
      try {
        writeSync(descriptor, text);
      } catch {
        // The disk is full by now, or the log as long as a file may be: training goes on without these words.
      }
    };
    return { descriptor, write, close: () => closeSync(descriptor) };
  } catch (thrown) {
    throw new DeepviewError(
      'log-unwritable',
      `The log ${printable(path)} cannot be written (${systemCode(thrown) ?? 'unknown error'}).`,
      { hint: 'Set XDG_STATE_HOME to a directory that can be written, or free some space.', cause: thrown },
    );
  }
}
