import { type ErrorReport, reportOf, systemCode } from '../base/errors.ts';
import { isUnderWay, type RunState } from '../run/format.ts';
import type { RunProgress, RunStatus } from '../run/status.ts';
import type { RunEvent, TrainingCommand, TrainingRequest } from './messages.ts';

/** The thread that trains, as its supervisor sees it. */
export interface TrainingThread {
  post(command: TrainingCommand): void;
  /** Ends the thread at once, whatever it is doing. */
  terminate(): Promise<unknown>;
}

export interface ThreadListeners {
  onEvent(event: RunEvent): void;
  onError(error: unknown): void;
  onExit(code: number): void;
}

/** What the supervisor needs from the process around it. */
export interface SupervisorParts {
  startThread(listeners: ThreadListeners, request: TrainingRequest): TrainingThread;
  /** Towards the process that started this one; never blocks. */
  send(event: RunEvent): void;
  /** Records a sign of life, or the last state, in the run directory. */
  record(directory: string, state: RunState, extra: Pick<RunStatus, 'progress' | 'error' | 'reason'>): Promise<void>;
  /** Calls `task` again and again; returns what ends that. */
  every(milliseconds: number, task: () => void): () => void;
  /** Something that concerns only readers of the log. */
  log(line: string): void;
}

/** What a last state may come with. */
type Ending = Pick<RunStatus, 'error' | 'reason'>;

const heartbeatMilliseconds = 1000;
/** A thread inside one long native call does not hear a stop; after this it is ended from outside. */
const stopGraceMilliseconds = 20_000;

/**
 * Watches over the thread that trains: passes commands and events on, keeps the run's sign of life,
 * and turns whatever ends the thread into a last state. It outlives any exception of the thread.
 */
export class Supervisor {
  /** Resolves with the last state, once it is recorded and passed on. */
  readonly ended: Promise<RunState>;

  readonly #parts: SupervisorParts;
  #thread: TrainingThread | undefined;
  #directory: string | undefined;
  #state: RunState = 'preparing';
  #progress: RunProgress | undefined;
  #stopAsked = false;
  #over = false;
  #recording: Promise<void> = Promise.resolve();
  #recordFailed = false;
  #ending: Array<() => void> = [];
  #resolveEnded: (state: RunState) => void = () => undefined;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Handles one command. The first `start` starts the thread; further ones are ignored. */
  command(command: TrainingCommand): void {
    if (this.#over) return;
    if (command.type === 'start') {
      if (this.#thread) return;
      const listeners: ThreadListeners = {
        onEvent: (event) => this.#onEvent(event),
        onError: (error) => this.#end('failed', threadReport(error)),
        onExit: (code) => this.#onExit(code),
      };
      this.#thread = this.#parts.startThread(listeners, command.request);
      this.#ending.push(this.#parts.every(heartbeatMilliseconds, () => this.#heartbeat()));
    }
    this.#thread?.post(command);
  }

  /** Ends the training as soon as the current batch is done; all committed epochs stay. */
  stop(): void {
    if (this.#over || this.#stopAsked) return;
    this.#stopAsked = true;
    if (!this.#thread) {
      this.#end('stopped');
      return;
    }
    this.#thread.post({ type: 'stop', when: 'now' });
    this.#ending.push(
      this.#parts.every(stopGraceMilliseconds, () => {
        this.#parts.log('the training thread did not answer a stop and was ended');
        this.#end('stopped');
      }),
    );
  }

  #onEvent(event: RunEvent): void {
    if (this.#over) return;
    if (event.type === 'run') this.#directory = event.directory;
    if (event.type === 'state') {
      // The last state is passed on only after it is recorded, so that what hears of it can read it.
      if (!isUnderWay(event.state)) {
        this.#end(event.state, event.error, event.reason);
        return;
      }
      this.#state = event.state;
      this.#heartbeat();
    }
    if (event.type === 'batch') {
      const { type: _, ...progress } = event;
      this.#progress = progress;
    }
    this.#parts.send(event);
  }

  #onExit(code: number): void {
    this.#end('failed', {
      code: 'training-thread-ended',
      message: `The training thread ended unexpectedly (code ${code}).`,
      hint: 'The log says more; `deepview-tui train --resume RUN` goes on from the last committed epoch.',
    });
  }

  #heartbeat(): void {
    if (this.#directory !== undefined && !this.#over) this.#record(this.#state);
  }

  #record(state: RunState, end: Ending = {}): void {
    const directory = this.#directory;
    if (directory === undefined) return;
    const extra = { ...(this.#progress && { progress: this.#progress }), ...end };
    this.#recording = this.#recording
      .then(() => this.#parts.record(directory, state, extra))
      .catch((thrown: unknown) => {
        // A lost directory or a full disk is reported by the commit that fails; here it would repeat every second.
        if (!this.#recordFailed) this.#parts.log(`status not written: ${reportOf(thrown).message}`);
        this.#recordFailed = true;
      });
  }

  #end(state: RunState, error?: ErrorReport, reason?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#ending.forEach((end) => end());
    const end: Ending = { ...(error && { error }), ...(reason !== undefined && { reason }) };
    this.#record(state, end);
    const settle = async (): Promise<void> => {
      await this.#thread?.terminate();
      await this.#recording;
      this.#parts.send({ type: 'state', state, ...end });
      this.#resolveEnded(state);
    };
    settle().catch((thrown: unknown) => {
      this.#parts.log(reportOf(thrown).message);
      this.#resolveEnded('failed');
    });
  }
}

function threadReport(error: unknown): ErrorReport {
  if (systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      code: 'out-of-memory',
      message: 'The training thread ran out of memory.',
      hint: 'Fewer probe images (--probe), a smaller batch (--batch) or fewer images (--limit) need less.',
    };
  }
  return reportOf(error);
}
