import type { Store } from './store.ts';

/** Moves the playback on: a tick an epoch. Without one there is no timer, and nothing is drawn. */
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

  /** Ends the playback's time. */
  close(): void {
    this.#unsubscribe();
    this.#run(0);
  }

  readonly #onChange = (): void => {
    const { playback, playbackRate } = this.#store.state;
    this.#run(playback ? playbackRate : 0);
  };

  #run(rate: number): void {
    if (rate === this.#rate) return;
    clearInterval(this.#timer);
    this.#rate = rate;
    this.#timer = rate > 0 ? setInterval(() => this.#store.dispatch({ source: 'playback' }), 1000 / rate) : undefined;
  }
}
