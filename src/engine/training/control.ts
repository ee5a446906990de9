import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrainingCommand } from './messages.ts';

/** Why a loop was left before its end. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}

/** Pause, go on and stop: what commands ask of the loop, and where the loop listens. */
export class TrainingControl {
  readonly #abort = new AbortController();
  readonly #onPause: (paused: boolean) => void;
  readonly #now: () => number;
  #paused = false;
  #afterEpoch = false;
  #wake: () => void = () => undefined;
  #failure: { thrown: unknown } | undefined;
  #pausedSeconds = 0;

  /**
   * @param onPause called when the loop really pauses and when it goes on
   * @param now milliseconds from any origin
   */
  constructor(onPause: (paused: boolean) => void = () => undefined, now: () => number = () => performance.now()) {
    this.#onPause = onPause;
    this.#now = now;
  }

  /** Aborted by a stop: for downloads and installations. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the loop shall end with the epoch it is in. */
  get stopsAfterEpoch(): boolean {
    return this.#afterEpoch;
  }

  /** Seconds spent paused so far. */
  get pausedSeconds(): number {
    return this.#pausedSeconds;
  }

  handle(command: TrainingCommand): void {
    if (command.type === 'pause') this.#paused = true;
    else if (command.type === 'resume') this.#paused = false;
    else if (command.type === 'stop') {
      this.#afterEpoch = true;
      // An epoch that is paused does not come to its end.
      this.#paused = false;
      if (command.when === 'now') this.#abort.abort(new Stopped());
    }
    if (command.type !== 'pause') this.#wake();
  }

  /** Makes the loop throw at its next yield: something beside it failed. */
  fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.#wake();
  }

  /**
   * Lets messages be read, and waits while paused. The loop calls it between batches.
   * @throws Stopped after a stop, or what `fail` was given
   */
  async yield(): Promise<void> {
    await nextTurn();
    this.#throwIfOver();
    if (!this.#paused) return;
    const since = this.#now();
    this.#onPause(true);
    while (this.#paused && !this.#failure && !this.signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#pausedSeconds += (this.#now() - since) / 1000;
    this.#throwIfOver();
    this.#onPause(false);
  }

  #throwIfOver(): void {
    if (this.#failure) throw this.#failure.thrown;
    this.signal.throwIfAborted();
  }
}
