import type { Progress, StepContext } from '../base/progress.ts';

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

  advance(units: number): void {
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
