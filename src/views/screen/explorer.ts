import type { ExplorationRequest } from '../../engine/analysis/questions/messages.ts';
import type { Exploration } from '../../engine/analysis/questions/client.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { requestsOf } from '../model/requests.ts';
import type { Store } from './store.ts';

/**
 * What tells a question from the one before. An evolution is asked for anew with every committed epoch; all others name
 * the epoch themselves.
 */
const keyOf = (request: ExplorationRequest, state: ScreenState): string =>
  request.type === 'evolution'
    ? `${JSON.stringify(request)} ${shownRun(state).epochs.at(-1)?.number ?? 0}`
    : JSON.stringify(request);

/** What a question asks, whatever the epoch. */
const subjectOf = (request: ExplorationRequest): string => JSON.stringify({ ...request, epoch: undefined });

/** The question as it was asked last. */
interface Asked {
  key: string;
  subject: string;
  /** Whether it was about the newest epoch there was. */
  isNewest: boolean;
  at: number;
}

/**
 * Milliseconds between two questions that only a new epoch brings: a layer's new pictures and map are some 60 kB on the
 * terminal, which may be a slow line. What the user does is asked at once.
 */
const usualRenewal = 8000;

/** Milliseconds between two looks at the state: a key held down passes many epochs that need no map. */
const lookEvery = 40;

/**
 * Asks the analysis thread for what the state needs, as soon as it does; ends what is not shown any more; and hands
 * the answers to the store. The thread belongs to the run on the screen and starts with the first question.
 */
export class Explorer {
  readonly #store: Store;
  readonly #start: (directory: string) => Exploration;
  readonly #unsubscribe: () => void;
  readonly #renewal: number;
  readonly #asked = new Map<ExplorationRequest['type'], Asked>();
  #directory: string | undefined;
  #exploration: Exploration | undefined;
  #timer: NodeJS.Timeout | undefined;
  #later: NodeJS.Timeout | undefined;
  #looked: ScreenState | undefined;

  /** @param renewal milliseconds at least between two questions that only a new epoch brings */
  constructor(store: Store, start: (directory: string) => Exploration, renewal = usualRenewal) {
    this.#renewal = renewal;
    this.#store = store;
    this.#start = start;
    this.#unsubscribe = store.subscribe(this.#onChange);
  }

  /** Ends the thread; nothing is asked any more. */
  async close(): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#timer = undefined;
    await this.#leave();
  }

  readonly #onChange = (): void => {
    if (this.#timer) return;
    this.#look();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, lookEvery);
    this.#timer.unref();
  };

  #look(): void {
    const { state } = this.#store;
    if (state === this.#looked) return;
    this.#looked = state;
    const { directory } = state.run;
    if (directory !== this.#directory) {
      void this.#leave();
      this.#directory = directory;
    }
    if (directory === undefined) return;
    const requests = requestsOf(state);
    for (const type of [...this.#asked.keys()]) {
      if (requests.some((request) => request.type === type)) continue;
      this.#asked.delete(type);
      this.#exploration?.cancel(type);
    }
    const newest = shownRun(state).epochs.at(-1)?.number;
    const now = performance.now();
    let rest = Infinity;
    for (const request of requests) {
      const before = this.#asked.get(request.type);
      const isNewest = !('epoch' in request) || request.epoch === newest;
      const asked = { key: keyOf(request, state), subject: subjectOf(request), isNewest, at: now };
      if (before?.key === asked.key) continue;
      const isRenewal = before?.subject === asked.subject && before.isNewest && isNewest;
      const due = isRenewal ? before.at + this.#renewal : now;
      if (due > now) {
        rest = Math.min(rest, due - now);
        continue;
      }
      this.#asked.set(request.type, asked);
      this.#open(directory).ask(request);
    }
    clearTimeout(this.#later);
    if (rest < Infinity) this.#later = setTimeout(this.#lookAgain, rest).unref();
  }

  readonly #lookAgain = (): void => {
    this.#looked = undefined;
    this.#look();
  };

  #open(directory: string): Exploration {
    if (!this.#exploration) {
      this.#exploration = this.#start(directory);
      this.#exploration.subscribe((answer) => this.#store.dispatch({ source: 'exploration', answer }));
    }
    return this.#exploration;
  }

  async #leave(): Promise<void> {
    const exploration = this.#exploration;
    this.#exploration = undefined;
    this.#directory = undefined;
    this.#asked.clear();
    await exploration?.close();
  }
}
