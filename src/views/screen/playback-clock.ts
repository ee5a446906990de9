import type { Store } from './store.ts';

/** Moves a film on while one is played: a tick an epoch. Without a film there is no timer, and nothing is drawn. */
export class PlaybackClock {
  readonly #store: Pick<Store, 'state' | 'subscribe' | 'dispatch'>;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Of the timer that runs; 0 without one. */
  #rate = 0;

  constructor(store: Pick<Store, 'state' | 'subscribe' | 'dispatch'>) {
    this.#store = store;
    this.#unsubscribe = store.subscribe(this.#onChange);
  }

  /** Ends the film's time. */
  close(): void {
    this.#unsubscribe();
    this.#run(0);
  }

  readonly #onChange = (): void => {
    const { film, filmRate } = this.#store.state;
    this.#run(film ? filmRate : 0);
  };

  #run(rate: number): void {
    if (rate === this.#rate) return;
    clearInterval(this.#timer);
    this.#rate = rate;
    this.#timer = rate > 0 ? setInterval(() => this.#store.dispatch({ source: 'film' }), 1000 / rate) : undefined;
  }
}
