import type { RunEvent } from './messages.ts';

/** Hands one message to the system; `sent` is called once it left, or failed to. */
export type RawSend = (event: RunEvent, sent: (error: Error | null) => void) => void;

/** Events that a reader can do without when it is slow: the next one replaces them. */
const disposable = (event: RunEvent): boolean => event.type === 'batch' || event.type === 'step';

/**
 * Sends run events without ever waiting for the reader. While `congestion` messages are still on their way,
 * batch and step events are dropped; epochs, states, notices and headers never are.
 */
export class EventChannel {
  readonly #raw: RawSend;
  readonly #congestion: number;
  #pending = 0;
  #closed = false;
  #idle: Array<() => void> = [];

  constructor(raw: RawSend, congestion = 16) {
    this.#raw = raw;
    this.#congestion = congestion;
  }

  send(event: RunEvent): void {
    if (this.#closed || (disposable(event) && this.#pending >= this.#congestion)) return;
    this.#pending++;
    this.#raw(event, (error) => {
      this.#pending--;
      // What listened is gone; the run on disk holds everything.
      if (error) this.close();
      if (this.#pending === 0) this.#wake();
    });
  }

  /** From now on nothing is sent. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves when everything sent has left, or nothing listens any more. */
  drained(): Promise<void> {
    if (this.#closed || this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    this.#idle.splice(0).forEach((resolve) => resolve());
  }
}
