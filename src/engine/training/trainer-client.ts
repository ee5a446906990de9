import { spawn, type ChildProcess } from 'node:child_process';
import type { ErrorReport } from '../base/errors.ts';
import { reportOf } from '../base/errors.ts';
import type { Paths } from '../base/paths.ts';
import { programPath } from '../base/program-files.ts';
import type { RunState } from '../run/format.ts';
import { givesWay } from './give-way.ts';
import { openLog } from './log-file.ts';
import type { RunEvent, TrainingCommand, TrainingRequest } from './messages.ts';
import type { ProcessSettings } from './trainer-process.ts';

/** How a training ended, as far as this process could see; `running` after `detach`. */
export interface TrainingEnd {
  state: RunState;
  error?: ErrorReport;
}

/** A training in a process of its own. No method blocks or throws because of what happens there. */
export interface TrainingClient {
  /**
   * Calls `listener` with every event from now on; the first subscriber also gets what came before it.
   * @returns ends the subscription
   */
  subscribe(listener: (event: RunEvent) => void): () => void;
  send(command: TrainingCommand): void;
  /** Lets go: an interactive training goes on without a screen, a headless one stops. */
  detach(): void;
  /** Ends the process at once. What was committed stays. */
  kill(): void;
  /** Settles when the process ended or was let go; never rejects. */
  readonly exited: Promise<TrainingEnd>;
  readonly processId: number | undefined;
  /** Where the process prints what native libraries say. */
  readonly log: string;
}

export interface TrainingSurroundings {
  /** Shown on a screen: training then outlives the screen, the terminal and the connection. */
  interactive: boolean;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  /** The program to start, when it is not the bundled one. */
  program?: string;
}

const final = (state: RunState): boolean => !['preparing', 'running', 'paused'].includes(state);

/** Starts a training. Whatever goes wrong, the start included, arrives as a `state` event and in `exited`. */
export function startTraining(request: TrainingRequest, surroundings: TrainingSurroundings): TrainingClient {
  const { paths, interactive } = surroundings;
  const listeners = new Set<(event: RunEvent) => void>();
  let early: RunEvent[] | undefined = [];
  let end: TrainingEnd = { state: 'preparing' };
  let child: ChildProcess | undefined;
  let detached = false;
  let resolveExited: (end: TrainingEnd) => void = () => undefined;
  const exited = new Promise<TrainingEnd>((resolve) => (resolveExited = resolve));

  const receive = (event: RunEvent): void => {
    if (event.type === 'state') end = { state: event.state, ...(event.error && { error: event.error }) };
    if (early) early.push(event);
    for (const listener of listeners) listener(event);
  };
  const fail = (state: 'failed' | 'crashed', error: ErrorReport): void => {
    if (!final(end.state)) receive({ type: 'state', state, error });
    resolveExited(end);
  };

  try {
    const log = openLog(paths.log);
    child = spawn(
      process.execPath,
      [
        surroundings.program ?? programPath('trainer-process'),
        // Where nobody looks, training is an ordinary job among those of others.
        JSON.stringify({ interactive, giveWay: interactive && givesWay(surroundings.env) } satisfies ProcessSettings),
      ],
      {
        stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
        // A session of its own: neither Ctrl-C nor the hang-up of this terminal reaches it.
        detached: interactive,
        // Only the environment at start-up reaches the native library's own logging.
        env: { TF_CPP_MIN_LOG_LEVEL: '2', ...surroundings.env },
      },
    );
    log.close();
    watch(child);
    child.send({ type: 'start', request } satisfies TrainingCommand, () => undefined);
  } catch (thrown) {
    const report = reportOf(thrown);
    setImmediate(() => fail('failed', report));
  }

  function watch(started: ChildProcess): void {
    let code: number | null | undefined;
    let signal: NodeJS.Signals | null = null;
    let silent = false;
    // Messages may still be read after the process ended: both must have happened.
    const over = (): void => {
      if (code === undefined || !silent || detached) return;
      fail('crashed', {
        code: 'trainer-died',
        message: `The training process ended unexpectedly (${signal ?? `code ${code}`}).`,
        hint: `${paths.log} says more; \`deepview-tui train --resume RUN\` goes on from the last committed epoch.`,
      });
    };
    started.on('message', (message) => receive(message as RunEvent));
    started.on('disconnect', () => {
      silent = true;
      over();
    });
    started.on('exit', (exitCode, exitSignal) => {
      code = exitCode;
      signal = exitSignal;
      over();
    });
    started.on('error', (error) => {
      if (started.pid === undefined) fail('failed', startReport(error));
    });
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      const missed = early;
      early = undefined;
      missed?.forEach((event) => listener(event));
      return () => listeners.delete(listener);
    },
    send(command) {
      // Without a callback a closed channel would be an uncaught error; the end is reported by `exited`.
      if (child?.connected) child.send(command, () => undefined);
    },
    detach() {
      if (!child || detached) return;
      detached = true;
      if (child.connected) child.disconnect();
      child.unref();
      listeners.clear();
      resolveExited(final(end.state) ? end : { state: 'running' });
    },
    kill() {
      child?.kill('SIGKILL');
    },
    exited,
    get processId() {
      return child?.pid;
    },
    log: paths.log,
  };
}

const startReport = (error: Error): ErrorReport => ({
  code: 'trainer-not-started',
  message: `The training process could not be started: ${error.message}.`,
  hint: 'Memory or the number of processes may be exhausted.',
});
