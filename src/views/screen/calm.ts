import type { Store } from './store.ts';

/**
 * A store's state once it has been left alone for a while: what may be drawn at leisure. While changes follow each
 * other closely it stays at the state before them.
 * @param milliseconds without a change
 */
export class CalmState {
  readonly #store: Pick<Store, 'state' | 'subscribe'>;
  readonly #milliseconds: number;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #state: Store['state'];
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Pick<Store, 'state' | 'subscribe'>, milliseconds: number) {
    this.#store = store;
    this.#milliseconds = milliseconds;
    this.#state = store.state;
    this.#unsubscribe = store.subscribe(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#settle, this.#milliseconds);
    });
  }

  get state(): Store['state'] {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Stops following. */
  close(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }

  readonly #settle = (): void => {
    this.#state = this.#store.state;
    for (const listener of this.#listeners) listener();
  };
}
