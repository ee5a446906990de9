import { type ErrorReport, exitCodes, reportOf, systemCode } from '../base/errors.ts';
import { shellWord } from '../base/printable.ts';
import { isUnderWay, type RunState } from '../run/format.ts';
import type { FormerDirectory } from '../run/preparing.ts';
import { runRequests, type RunRequest } from '../run/requests.ts';
import type { RunProgress, RunStatus } from '../run/status.ts';
import { commandOf, type RunEvent, type TrainingCommand, type TrainingRequest } from './messages.ts';

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
  /** Notes what a directory holds before anything is recorded there. @param isMade whether it was made for that */
  before(directory: string, isMade: boolean): Promise<FormerDirectory>;
  /** Records a sign of life, or the last state, in the run directory. */
  record(directory: string, state: RunState, extra: Partial<RunStatus>): Promise<void>;
  /** What was asked for in the run directory since it was called last. */
  asked(directory: string): Promise<readonly RunRequest[]>;
  /** Calls `task` again and again; returns what ends that. */
  every(milliseconds: number, task: () => void): () => void;
  /** Does what the user wants done at the end, once all is recorded. @param command for the shell */
  notify(command: string, ended: Ended): Promise<void>;
  /** Something that concerns only readers of the log. */
  log(line: string): void;
}

/** How a training ended. */
export interface Ended {
  state: RunState;
  /** The run's directory, where it got one. */
  directory: string | undefined;
  /** The last epoch that was trained, wholly or in part. */
  epoch: number | undefined;
  /** Why it ended, where that is not its plan. */
  why: string | undefined;
}

/** What a last state may come with. */
type Ending = { error?: ErrorReport; reason?: string };

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
  #notify: string | undefined;
  #state: RunState = 'preparing';
  #progress: RunProgress | undefined;
  /** What is known of the run until it is prepared. */
  #preparing: RunStatus['preparing'];
  #former: FormerDirectory | undefined;
  #stopping: 'now' | 'after-epoch' | undefined;
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
      this.#notify = command.request.notify;
      this.#ending.push(this.#parts.every(heartbeatMilliseconds, () => this.#heartbeat()));
    }
    if (command.type === 'stop') this.stop(command.when);
    else this.#thread?.post(command);
  }

  /** Ends the training as soon as the current batch or epoch is done; all committed epochs stay. */
  stop(when: 'now' | 'after-epoch' = 'now'): void {
    if (this.#over || this.#stopping === 'now' || this.#stopping === when) return;
    this.#stopping = when;
    if (!this.#thread) {
      this.#end('stopped');
      return;
    }
    this.#thread.post({ type: 'stop', when });
    this.#parts.send({ type: 'state', state: this.#state, ending: when });
    this.#heartbeat();
    if (when === 'after-epoch') return;
    this.#ending.push(
      this.#parts.every(stopGraceMilliseconds, () => {
        this.#parts.log('the training thread did not answer a stop and was ended');
        this.#end('stopped');
      }),
    );
  }

  #onEvent(event: RunEvent): void {
    if (event.type === 'begun') {
      const { type: _, directory, isMade = true, ...known } = event;
      delete event.isMade;
      this.#directory = directory;
      this.#inTurn(async () => void (this.#former = await this.#parts.before(directory, isMade)));
      // Too late: it is left as it was.
      if (this.#over) this.#inTurn(async () => this.#former?.restore());
      this.#preparing = { ...known, createdAt: new Date().toISOString(), steps: [] };
    }
    if (this.#over) return;
    if (event.type === 'begun') this.#heartbeat();
    if (event.type === 'step' && this.#preparing) {
      const { steps } = this.#preparing;
      const known = steps.findIndex(({ label }) => label === event.progress.label);
      steps.splice(known < 0 ? steps.length : known, 1, event.progress);
    }
    if (event.type === 'run') {
      this.#directory = event.directory;
      this.#preparing = undefined;
    }
    if (event.type === 'state') {
      // The last state is passed on only after it is recorded, so that what hears of it can read it.
      if (!isUnderWay(event.state)) {
        this.#end(event.state, event.error, event.reason);
        return;
      }
      this.#state = event.state;
      this.#heartbeat();
      if (this.#stopping) event.ending = this.#stopping;
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
      hint: `The log says more; ${howToGoOn(this.#preparing ? undefined : this.#directory && shellWord(this.#directory))}`,
    });
  }

  /** Says that it lives, and hears what it is asked for. */
  #heartbeat(): void {
    if (this.#directory === undefined || this.#over) return;
    const isPreparing = this.#state === 'preparing';
    this.#record(this.#state, {
      // Of what is not prepared there is no epoch to be ended, and no batch to pause after.
      requests: isPreparing ? ['stop-now'] : [...runRequests],
      ...(this.#preparing && { preparing: this.#preparing }),
      ...(this.#stopping && { ending: this.#stopping }),
    });
    this.#inTurn(async (directory) => {
      for (const request of await this.#parts.asked(directory)) {
        if (!isPreparing || request === 'stop-now') this.command(commandOf[request]);
      }
    });
  }

  #record(state: RunState, more: Partial<RunStatus>): void {
    const extra = { ...(this.#progress && { progress: this.#progress }), ...more };
    this.#inTurn((directory) => this.#parts.record(directory, state, extra));
  }

  /** Does something in the run's directory once what was to be done before is done. */
  #inTurn(work: (directory: string) => Promise<void>): void {
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#recording = this.#recording
      .then(() => work(directory))
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
    // What could not be begun leaves nothing, unless there is a reason that is to be read there.
    const isTold = state === 'failed' && error?.exitCode !== exitCodes.usage;
    const preparing = this.#preparing;
    if (!preparing) this.#record(state, end);
    else {
      this.#inTurn(async (directory) => {
        if (isTold && this.#former?.isNew) await this.#parts.record(directory, state, { ...end, preparing });
        else await this.#former?.restore();
      });
    }
    const settle = async (): Promise<void> => {
      // First: a library in the midst of its work may take the whole process with it.
      await this.#recording;
      await this.#thread?.terminate();
      // After the last status: the next holder of the lock writes the run's next one.
      this.#inTurn(async () => this.#former?.release());
      await this.#recording;
      this.#parts.send({ type: 'state', state, ...end });
      const [directory, epoch] = [this.#directory, this.#progress?.epoch];
      const why = error?.message ?? reason;
      if (this.#notify !== undefined) {
        const notified = this.#parts.notify(this.#notify, { state, directory, epoch, why });
        await notified.catch((thrown: unknown) => this.#parts.log(`--notify: ${reportOf(thrown).message}`));
      }
      this.#resolveEnded(state);
    };
    settle().catch((thrown: unknown) => {
      this.#parts.log(reportOf(thrown).message);
      this.#resolveEnded('failed');
    });
  }
}

/** What to do when a training ended without a word. @param run a word for its run, once that is prepared */
export const howToGoOn = (run: string | undefined): string =>
  run === undefined
    ? 'it was still being prepared: give the same command again.'
    : `go on from the last committed epoch with: deepview-tui train --resume ${run}`;

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
