import { epochsDone, isUnderWay, scalar } from '../../engine/run/format.ts';
import { printable } from '../../engine/base/printable.ts';
import type { AnnounceChoice, TabProgress, TerminalTab } from '../../imaging/terminal/tab.ts';
import type { TerminalEvent } from '../../imaging/terminal/stdin-filter.ts';
import { emptyRun, type RunModel } from '../model/run-model.ts';
import { screenOf, type ScreenState } from '../model/state.ts';
import { stateSpan } from '../network/header.ts';
import { percent } from '../text/numbers.ts';
import type { Store } from './store.ts';

/** Where a terminal does not say whether it is looked at: for how long a training went on before its end is told, in ms. */
const longEnough = 60_000;

/** `12/45`, of what has no end planned `12`; empty before there is a record. */
function countOf({ header, epochs }: RunModel): string {
  const number = epochs.at(-1)?.number;
  if (number === undefined) return '';
  const planned = header?.clock === 'step' ? 0 : (header?.training.epochs ?? 0);
  return planned > 0 ? `${number}/${planned}` : String(number);
}

/** How far a run is and how good, shortest first: `12/45 lenet 21.3 %`. */
function summary(run: RunModel): string {
  const newest = run.epochs.at(-1);
  const error = newest ? scalar(newest, 'error/validation') : Number.NaN;
  const name = run.header?.network.name ?? run.begun?.network ?? '';
  return [countOf(run), printable(name), Number.isFinite(error) ? percent(error) : ''].filter(Boolean).join(' ');
}

/** The run that the screen is about: none on the home screen, nor where several are compared. */
const runOn = (state: ScreenState): RunModel =>
  screenOf(state) === 'home' || screenOf(state) === 'compare' ? emptyRun : state.run;

/** The title of the window: `● 12/45 lenet 21.3 %`. */
export function titleOf(state: ScreenState): string {
  const run = runOn(state);
  if (!run.header && !run.begun) return 'deepview-tui';
  const [sign = ''] = stateSpan(state, run.state).text;
  return `${sign} ${summary(run)}`;
}

/** How much of a training is done; nothing where it is over, or without an end. */
export function progressOf({ header, epochs, batch, state }: RunModel): TabProgress | undefined {
  const planned = header?.training.epochs ?? 0;
  if (!isUnderWay(state) || planned <= 0) return undefined;
  const within = batch && batch.batches > 0 ? batch.batch / batch.batches : 0;
  const done = (batch ? batch.epoch - 1 : epochsDone(epochs.at(-1))) + within;
  return { share: done / planned, state: state === 'running' ? 'going' : 'paused' };
}

/** Tells the terminal what goes on, for users who look at another window. */
export class Announcer {
  readonly #store: Store;
  readonly #tab: TerminalTab;
  readonly #choice: AnnounceChoice;
  readonly #now: () => number;
  #run: RunModel | undefined;
  /** Since when a training has been seen going on. */
  #since: number | undefined;
  #isLookedAt: boolean | undefined;

  constructor(store: Store, tab: TerminalTab, choice: AnnounceChoice, now = (): number => performance.now()) {
    this.#store = store;
    this.#tab = tab;
    this.#choice = choice;
    this.#now = now;
  }

  /** Tells what there is now, and with every change of the run from now on. @returns ends that */
  follow(): () => void {
    if (this.#choice === 'off') return () => undefined;
    this.#tell();
    return this.#store.subscribe(() => this.#tell());
  }

  hear(event: TerminalEvent): void {
    if (event.type === 'focus') this.#isLookedAt = event.isFocused;
  }

  #tell(): void {
    const { state } = this.#store;
    const run = runOn(state);
    if (run === this.#run) return;
    this.#run = run;
    this.#tab.title(titleOf(state));
    this.#tab.progress(progressOf(run));
    // A run whose state has not been heard yet counts as being prepared.
    const isGoing = isUnderWay(run.state) && (run.state !== 'preparing' || run.begun !== undefined);
    const { ending } = run;
    const since = this.#since;
    this.#since = isGoing ? (since ?? this.#now()) : undefined;
    // What was over already, or was stopped, ends without a word; what is shown no more has not ended.
    if (isUnderWay(run.state) || since === undefined || ending || run.state === 'stopped') return;
    if (this.#choice !== 'auto') return;
    if (!(this.#isLookedAt ?? this.#now() - since < longEnough)) this.#tab.notify(`${run.state}: ${summary(run)}`);
  }
}
