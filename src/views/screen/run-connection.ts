import type { TrainingCommand } from '../../engine/training/messages.ts';
import { EventFeed } from './event-feed.ts';
import type { RunSource } from './run-source.ts';
import type { Store } from './store.ts';

/** The run on the screen: where its events come from, and where its training's commands go. */
export class RunConnection {
  readonly #store: Store;
  readonly #feed: EventFeed;
  #source: RunSource | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#feed = new EventFeed((events) => store.dispatch({ source: 'run', events }));
  }

  /** Shows a run; what is known of it already is in the state at once. */
  show(source: RunSource): void {
    this.#source = source;
    this.#unsubscribe = source.subscribe((event) => this.#feed.push(event));
    this.#feed.flush();
  }

  /** Shows another run instead. */
  replace(source: RunSource): void {
    this.letGo();
    this.#store.dispatch({ source: 'opened', control: source.control });
    this.show(source);
  }

  send(command: TrainingCommand): void {
    this.#source?.send(command);
  }

  /** Shows it no more. What trains goes on. */
  letGo(): void {
    this.#feed.flush();
    this.#unsubscribe();
    this.#source?.detach();
    this.#source = undefined;
  }

  /** Hears nothing any more; whether the source is let go is for whoever opened the screen to say. */
  close(): void {
    this.#feed.close();
    this.#unsubscribe();
  }
}
