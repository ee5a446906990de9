import { setTimeout as sleep } from 'node:timers/promises';
import { DeepviewError, exitCodes } from './errors.ts';

/** How far a long step is. `total` is absent while it is unknown. */
export interface Progress {
  /** What is being done, as a short phrase in the present tense: `downloading CIFAR-10`. */
  label: string;
  done: number;
  total?: number;
  /** `seconds`: how far the step is cannot be told, only how long it has taken. */
  unit: 'bytes' | 'items' | 'seconds';
  /** With `seconds`: about how many the whole step takes, by experience. */
  expected?: number;
  /** Units a second, averaged over the last seconds. */
  rate?: number;
  /** Estimated seconds to the end. */
  secondsLeft?: number;
}

/** `4 s of about 12 s`, of a step that only its seconds are known of. */
export function secondsInWords({ done, total, expected }: Progress): string {
  const whole = (seconds: number): string => `${Math.round(seconds)} s`;
  if (total !== undefined || expected === undefined) return whole(done);
  const about = Math.max(1, expected);
  return done < about
    ? `${whole(done)} of about ${whole(about)}`
    : `${whole(done)}; about ${whole(about)} were expected`;
}

/** Seconds in words: `48 s`, `3 min 05 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** How long ago something was, in words: `48 s`, `12 days`. */
export const formatAge = (seconds: number): string =>
  seconds >= 172_800 ? `${Math.floor(seconds / 86_400)} days` : formatDuration(seconds);

/** What a long step needs from its caller: somewhere to report to, and a way to be cancelled. */
export interface StepContext {
  onProgress: (progress: Progress) => void;
  /** One line that the user should read: what is not available, and what happens instead. */
  onNotice: (notice: string) => void;
  signal: AbortSignal;
}

/** The error of a step that its caller's signal ended. */
export function cancelled(what: string, hint?: string): DeepviewError {
  return new DeepviewError('cancelled', `${what} was cancelled`, { hint, exitCode: exitCodes.interrupted });
}

/** Waits, but not after the signal has been given: then it ends at once, without an error. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch(() => undefined);

/** Milliseconds between two reports: ten a second are all that a screen can use. */
const reportInterval = 100;
/** Milliseconds over which the rate is averaged. */
const rateWindow = 4000;

export interface MeterOptions {
  label: string;
  unit: Progress['unit'];
  /** Units of the whole step, if known. */
  total?: number | undefined;
  onProgress: StepContext['onProgress'];
  /** Ends the step at its next advance. */
  signal?: AbortSignal;
  /** Milliseconds on any monotonic clock. */
  now?: () => number;
}

/** Turns many small steps into at most ten reports a second, with a moving average of the rate. */
export class ProgressMeter {
  readonly #options: MeterOptions;
  readonly #now: () => number;
  #samples: { time: number; done: number }[] = [];
  #done = 0;
  #total: number | undefined;
  #reported = -Infinity;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#total = options.total;
    this.#samples.push({ time: this.#now(), done: 0 });
  }

  get done(): number {
    return this.#done;
  }

  /** Sets where the step stands without counting what was there before into the rate: a resumed download. */
  startAt(done: number, total: number | undefined): void {
    this.#done = done;
    this.#total = total;
    this.#samples = [{ time: this.#now(), done }];
    this.#report(true);
  }

  /** @throws DeepviewError `cancelled` when the signal has been given */
  advance(units: number): void {
    const { label, signal } = this.#options;
    if (signal?.aborted) throw cancelled(label);
    this.#done += units;
    this.#report(false);
  }

  /** The last report, which is never left out. */
  finish(): void {
    this.#total ??= this.#done;
    this.#done = this.#total;
    this.#report(true);
  }

  #report(always: boolean): void {
    const time = this.#now();
    if (!always && time - this.#reported < reportInterval) return;
    this.#reported = time;
    this.#samples.push({ time, done: this.#done });
    while (this.#samples.length > 2 && time - this.#samples[0].time > rateWindow) this.#samples.shift();
    const first = this.#samples[0];
    const seconds = (time - first.time) / 1000;
    const rate = seconds > 0 ? (this.#done - first.done) / seconds : 0;
    this.#options.onProgress({
      label: this.#options.label,
      unit: this.#options.unit,
      done: this.#done,
      ...(this.#total !== undefined && { total: this.#total }),
      ...(rate > 0 && { rate }),
      ...(rate > 0 && this.#total !== undefined && { secondsLeft: Math.max(0, this.#total - this.#done) / rate }),
    });
  }
}
