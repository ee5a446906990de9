import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { InputSplitter, type InputPart, type TerminalEvent } from './terminal-input.ts';

/**
 * After this long without the rest, Esc is the key: on a terminal at hand, and over a network, which may cut a sequence
 * in two and keep back the rest for a while.
 */
export const escapeDelays = { local: 80, remote: 300 };
/** After this long the rest of a sequence, an answer or the end of a paste is not expected any more. */
const restDelay = 1000;
/** Milliseconds after a question in which its answer may still come. */
const patience = 2000;

export type { TerminalEvent } from './terminal-input.ts';

/** Tells the last answer to a question from all else that a terminal sends. */
type IsLast = (event: TerminalEvent) => boolean;

/** A terminal to ask something. */
export interface AskedTerminal {
  /** Sends to the terminal (while it is in raw mode, or the answers are echoed). */
  write: (data: string) => void;
  /** As {@link StdinFilter.onEvent}; something must be reading the input. */
  onEvent: (listener: (event: TerminalEvent) => void) => () => void;
  /** As {@link StdinFilter.awaits}. */
  awaits: (isLast: IsLast) => void;
}

/**
 * A terminal's input without its answers, mouse and focus reports, pastes and Esc, for Ink: keys can be read from it as from
 * `process.stdin`, the rest goes to the listeners of {@link onEvent}. Reading starts with the first reader.
 */
export class StdinFilter extends Readable {
  readonly isTTY: boolean;
  readonly #source: NodeJS.ReadStream;
  readonly #escapeDelay: number;
  readonly #splitter = new InputSplitter();
  readonly #decoder = new StringDecoder('utf8');
  readonly #listeners = new Set<(event: TerminalEvent) => void>();
  // Still to be handed on; null is the end of the input.
  #parts: (InputPart | null)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isAttached = false;
  // Questions that may still be answered, and who waits for that.
  #owed: { isLast: IsLast; until: number }[] = [];
  #waiting: (() => void)[] = [];

  constructor(source: NodeJS.ReadStream, escapeDelay = escapeDelays.local) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    this.#escapeDelay = escapeDelay;
    this.isTTY = source.isTTY;
  }

  /** Calls `listener` with every event from now on. @returns stops that */
  onEvent(listener: (event: TerminalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells that a question is put now, and what its last answer looks like. */
  awaits(isLast: IsLast): void {
    this.#owed.push({ isLast, until: performance.now() + patience });
  }

  /** The terminal of this input. @param write sends to it */
  asked(write: (data: string) => void): AskedTerminal {
    return { write, onEvent: (listener) => this.onEvent(listener), awaits: (isLast) => this.awaits(isLast) };
  }

  /**
   * Resolves when every question has its answer, or none is expected any more: until then the program that put them
   * reads on, or a shell would take the answers for what was typed.
   */
  async answered(): Promise<void> {
    while (this.#isOwed && this.#isAttached && !this.destroyed && !this.readableEnded) {
      const rest = Math.max(...this.#owed.map(({ until }) => until)) - performance.now();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, rest);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  get #isOwed(): boolean {
    this.#owed = this.#owed.filter(({ until }) => until > performance.now());
    return this.#owed.length > 0;
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
    this.#wake();
    callback(error);
  }

  readonly #onData = (data: Buffer | string): void => {
    clearTimeout(this.#timer);
    this.#take(this.#splitter.push(typeof data === 'string' ? data : this.#decoder.write(data)));
    if (!this.#splitter.isHolding) return;
    // What has come by then is read first: a process that was held up must not take it for late.
    const delay = this.#isOwed ? restDelay : this.#escapeDelay;
    this.#timer = setTimeout(() => (this.#timer = setTimeout(this.#onDelay)), delay);
  };

  /** Hands on in order: keys reach their reader in the next turn, and what came after them must not overtake them. */
  #take(parts: readonly (InputPart | null)[]): void {
    const isBusy = this.#parts.length > 0;
    this.#parts.push(...parts);
    if (!isBusy) this.#next();
  }

  readonly #next = (): void => {
    const [part] = this.#parts;
    if (part === undefined || this.destroyed) return;
    if (part === null || typeof part === 'string') this.push(part);
    else this.#tell(part);
    process.nextTick(() => {
      this.#parts.shift();
      this.#next();
    });
  };

  #tell(event: TerminalEvent): void {
    for (const listener of this.#listeners) listener(event);
    const answered = this.#owed.findIndex(({ isLast }) => isLast(event));
    if (answered < 0) return;
    this.#owed.splice(answered, 1);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  readonly #onDelay = (): void => {
    this.#take(this.#splitter.expire());
    if (!this.#splitter.isHolding) return;
    this.#timer = setTimeout(() => this.#take(this.#splitter.expire(true)), restDelay);
    this.#timer.unref();
  };

  readonly #onEnd = (): void => {
    this.#take([...this.#splitter.expire(true), null]);
    this.#owed = [];
    this.#wake();
  };

  // EIO is how a terminal that has gone away reads: the end of input.
  readonly #onError = (): void => this.#onEnd();
}
