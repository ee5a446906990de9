import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { InputSplitter, type TerminalEvent } from './terminal-input.ts';

/** After this long without the rest, Esc is the key. */
const escapeDelay = 25;
/** After this long the rest of an answer is not expected any more. */
const replyDelay = 1000;

export type { TerminalEvent } from './terminal-input.ts';

/**
 * A terminal's input without its answers, mouse and focus reports, for Ink: keys can be read from it as from
 * `process.stdin`, the rest goes to the listeners of {@link onEvent}. Reading starts with the first reader.
 */
export class StdinFilter extends Readable {
  readonly isTTY: boolean;
  readonly #source: NodeJS.ReadStream;
  readonly #splitter = new InputSplitter();
  readonly #decoder = new StringDecoder('utf8');
  readonly #listeners = new Set<(event: TerminalEvent) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isAttached = false;

  constructor(source: NodeJS.ReadStream) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    this.isTTY = source.isTTY;
  }

  /** Calls `listener` with every event from now on. @returns stops that */
  onEvent(listener: (event: TerminalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  get isRaw(): boolean {
    return this.#source.isRaw;
  }

  setRawMode(isRaw: boolean): this {
    if (this.isTTY) this.#source.setRawMode(isRaw);
    return this;
  }

  ref(): this {
    this.#source.ref();
    return this;
  }

  unref(): this {
    this.#source.unref();
    return this;
  }

  override _read(): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    this.#source.on('data', this.#onData);
    this.#source.on('end', this.#onEnd);
    this.#source.on('error', this.#onError);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    if (this.#isAttached) {
      this.#source.off('data', this.#onData);
      this.#source.off('end', this.#onEnd);
      this.#source.pause();
      // The error listener stays: a terminal that goes away late must not end the process.
    }
    callback(error);
  }

  readonly #onData = (data: Buffer | string): void => {
    clearTimeout(this.#timer);
    const { keys, events } = this.#splitter.push(typeof data === 'string' ? data : this.#decoder.write(data));
    if (keys !== '') this.push(keys);
    for (const event of events) for (const listener of this.#listeners) listener(event);
    if (this.#splitter.isHolding) this.#timer = setTimeout(this.#onDelay, escapeDelay);
  };

  readonly #onDelay = (): void => {
    const keys = this.#splitter.expire();
    if (keys !== '') this.push(keys);
    if (this.#splitter.isHolding) {
      this.#timer = setTimeout(() => this.#splitter.expire(true), replyDelay);
      this.#timer.unref();
    }
  };

  readonly #onEnd = (): void => {
    const keys = this.#splitter.expire(true);
    if (keys !== '') this.push(keys);
    this.push(null);
  };

  // EIO is how a terminal that has gone away reads: the end of input.
  readonly #onError = (): void => {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  };
}
