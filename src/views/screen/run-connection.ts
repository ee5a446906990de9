import type { RunEvent, TrainingCommand } from '../../engine/training/messages.ts';
import type { RunSource } from './run-source.ts';
import type { Store } from './store.ts';

/** How long events wait for company, in milliseconds: what the user waits for, and what merely ticks. */
interface FeedDelays {
  soon: number;
  ticking: number;
}

const usual: FeedDelays = { soon: 30, ticking: 250 };

const ticks = (event: RunEvent): boolean => event.type === 'batch' || event.type === 'step';

/** Whether the second says the same thing as the first, later. */
const replaces = (first: RunEvent | undefined, second: RunEvent): boolean =>
  (first?.type === 'batch' && second.type === 'batch' && first.epoch === second.epoch) ||
  (first?.type === 'step' && second.type === 'step' && first.progress.label === second.progress.label);

/**
 * Gathers events, so that however many come the screen is drawn a few times a second: an epoch is passed on within
 * 30 ms, the progress inside one four times a second. The first event passes at once.
 */
class EventFeed {
  readonly #deliver: (events: readonly RunEvent[]) => void;
  readonly #delays: FeedDelays;
  #waiting: RunEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #isFresh = true;

  constructor(deliver: (events: readonly RunEvent[]) => void, delays: FeedDelays = usual) {
    this.#deliver = deliver;
    this.#delays = delays;
  }

  push(event: RunEvent): void {
    if (replaces(this.#waiting.at(-1), event)) this.#waiting[this.#waiting.length - 1] = event;
    else this.#waiting.push(event);
    const newStep = event.type === 'step' && !replaces(this.#waiting.at(-2), event);
    const delay = this.#isFresh ? 0 : ticks(event) && !newStep ? this.#delays.ticking : this.#delays.soon;
    this.#isFresh = false;
    const due = performance.now() + delay;
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.flush(), delay);
  }

  /** Passes on what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length > 0) this.#deliver(events);
  }

  /** Drops what waits; nothing is delivered any more. */
  close(): void {
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

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

  /** Hears nothing any more; whether the source is let go is decided where the screen was opened. */
  close(): void {
    this.#feed.close();
    this.#unsubscribe();
  }
}
