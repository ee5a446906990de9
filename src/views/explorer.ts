import type { ExplorationRequest } from '../engine/analysis/exploration.ts';
import type { Exploration } from '../engine/analysis/explorer.ts';
import { shownRun, type ScreenState } from './model/state.ts';
import { requestsOf } from './requests.ts';
import type { Store } from './store.ts';

/**
 * What tells a question from the one before. An evolution is asked for anew with every committed epoch; all others name
 * the epoch themselves.
 */
const keyOf = (request: ExplorationRequest, state: ScreenState): string =>
  request.type === 'evolution'
    ? `${JSON.stringify(request)} ${shownRun(state).epochs.at(-1)?.epoch ?? 0}`
    : JSON.stringify(request);

/** Milliseconds between two looks at the state: whoever holds a key down passes many epochs that need no map. */
const lookEvery = 40;

/**
 * Asks the analysis thread for what the state needs, as soon as it does; ends what nobody looks at any more; and hands
 * the answers to the store. The thread belongs to the run on the screen and starts with the first question.
 */
export class Explorer {
  readonly #store: Store;
  readonly #start: (directory: string) => Exploration;
  readonly #unsubscribe: () => void;
  readonly #asked = new Map<ExplorationRequest['type'], string>();
  #directory: string | undefined;
  #exploration: Exploration | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looked: ScreenState | undefined;

  constructor(store: Store, start: (directory: string) => Exploration) {
    this.#store = store;
    this.#start = start;
    this.#unsubscribe = store.subscribe(this.#onChange);
  }

  /** Ends the thread; nothing is asked any more. */
  async close(): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#timer);
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
    for (const request of requests) {
      const key = keyOf(request, state);
      if (this.#asked.get(request.type) === key) continue;
      this.#asked.set(request.type, key);
      this.#open(directory).ask(request);
    }
  }

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
