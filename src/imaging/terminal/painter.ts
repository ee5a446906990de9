import type { Cell, CellGrid, ColourDepth, Overlay, Size, Stamp } from '../cells/cells.ts';
import { blankGrid, compose } from '../cells/grid.ts';
import { screenDifference } from './screen-difference.ts';
import { VirtualScreen } from './virtual-screen.ts';
import { windowSize } from './window-size.ts';

const beginUpdate = '\u001b[?2026h';
const endUpdate = '\u001b[?2026l';
const enterAlternate = '\u001b[?1049h';
const leaveAlternate = '\u001b[?1049l';
// Modes and queries that wait for a blocked terminal; beyond this it is taken to be gone for them.
const controlLimit = 64 * 1024;

// What a cell shows that something unknown was printed over.
const unknownCell: Cell = { text: '\0' };

export interface OverlayPainterOptions {
  stdout: NodeJS.WriteStream;
  depth: ColourDepth;
  /** Where the terminal does not know its size. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Told once when the terminal has gone away (EIO, EPIPE, ...); nothing is written after that. */
  onGone?: (error: Error) => void;
}

/**
 * Stands between Ink and the terminal. Ink writes to {@link stream}; on the alternate screen what it writes is carried
 * out on a {@link VirtualScreen}, the overlays are laid over it, and only the cells that then differ from what the
 * terminal shows are sent, in one synchronised update a tick. So an unchanged picture costs no byte, whatever Ink
 * rewrites beneath it, and while the terminal does not take more data frames are left out instead of piling up.
 * Outside the alternate screen everything passes through unchanged.
 */
export class OverlayPainter {
  /** What to give Ink as `stdout`. */
  readonly stream: NodeJS.WriteStream;
  readonly #stdout: NodeJS.WriteStream;
  #depth: ColourDepth;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #onGone: ((error: Error) => void) | undefined;
  readonly #screen: VirtualScreen;
  #shown: CellGrid;
  #overlays: readonly Overlay[] = [];
  #stamps: readonly Stamp[] = [];
  // What the stamps leave blank, so that an unchanged one is the same cells again.
  readonly #reserved = new WeakMap<Stamp, Overlay>();
  #stamped: ReadonlySet<Stamp> = new Set();
  #control = '';
  #images = '';
  #cursor = '';
  #isUpdating = false;
  #isScheduled = false;
  #isBlocked = false;
  #waiting: (() => void)[] = [];
  #isClosed = false;
  #bytes = 0;
  #dropped = 0;

  constructor({ stdout, depth, env = {}, onGone }: OverlayPainterOptions) {
    this.#env = env;
    this.#stdout = stdout;
    this.#depth = depth;
    this.#onGone = onGone;
    this.#screen = new VirtualScreen(this.#terminalSize());
    this.#shown = blankGrid(this.#screen.size);
    this.stream = this.#proxy();
    stdout.on('resize', this.#onResize);
    stdout.on('drain', this.#onDrain);
    stdout.on('error', this.#onError);
  }

  /** What is to be sent before the alternate screen is left: deletions of what the terminal keeps for us. */
  farewell: () => string = () => '';

  /** Bytes sent to the terminal so far. */
  get bytesWritten(): number {
    return this.#bytes;
  }

  /** Repaints that were put off because the terminal did not take more data. */
  get framesDropped(): number {
    return this.#dropped;
  }

  /** Whether the terminal is on its alternate screen, as far as Ink has said. */
  get isAlternate(): boolean {
    return this.#screen.isAlternate;
  }

  /** The terminal's size, as far as it has been told. */
  get size(): Size {
    return this.#screen.size;
  }

  /** Resolves when the terminal takes more data, or never will. */
  drained(): Promise<void> {
    if (!this.#isBlocked || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends that many colours from now on: what is shown is drawn anew. */
  drawIn(depth: ColourDepth): void {
    if (depth === this.#depth) return;
    this.#depth = depth;
    this.#shown = this.#shown.map((row) => row.map(() => unknownCell));
    this.#schedule();
  }

  /** What the user sees, or will once the terminal has taken it: what Ink drew, with the overlays over it. */
  get picture(): CellGrid {
    return compose(this.#screen.cells, [...this.#overlays, ...this.#stamps.map((stamp) => this.#reservedFor(stamp))]);
  }

  /**
   * Replaces the pictures, to be shown with what Ink writes in the same tick. The grids may not be changed afterwards.
   * @param stamps lie over the overlays, wholly on the screen and apart from each other; the same object is the same
   *   picture, which is not sent again
   */
  setOverlays(overlays: readonly Overlay[], stamps: readonly Stamp[] = []): void {
    this.#overlays = overlays;
    this.#stamps = stamps;
    this.#schedule();
  }

  /** Enters the alternate screen before Ink does, to paint while Ink is still being loaded. */
  enter(): void {
    this.#write(enterAlternate);
  }

  /**
   * As {@link transmit}, of questions. A terminal that does not know one may print it: it stands in the first row then,
   * which is drawn anew after it.
   */
  ask(questions: string): void {
    if (!this.#screen.isAlternate) return;
    this.#shown = [new Array<Cell>(this.size.columns).fill(unknownCell), ...this.#shown.slice(1)];
    this.transmit(`\u001b[H${questions}`);
  }

  /** Sends data that changes no cell (images handed over, for instance) before the next frame, however long it is. */
  transmit(data: string): void {
    if (!this.#screen.isAlternate || this.#isClosed) return;
    this.#images += data;
    this.#schedule();
  }

  /** Clears the terminal and draws everything again: for a redraw key, SIGCONT, or when a multiplexer shows us again. */
  repaint(): void {
    if (!this.#screen.isAlternate) return;
    this.#control += `${this.#erased()}\u001b[m\u001b[2J`;
    this.#shown = blankGrid(this.#screen.size);
    this.#cursor = '';
    this.#schedule();
  }

  /** Enters the alternate screen again after another program had the terminal. @param modes to switch on there */
  comeBack(modes: string): void {
    if (!this.#screen.isAlternate) return;
    this.#control += enterAlternate + modes;
    this.repaint();
  }

  /** Lets go of stdout; what Ink still writes is dropped. */
  close(): void {
    this.#isClosed = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#stdout.off('resize', this.#onResize);
    this.#stdout.off('drain', this.#onDrain);
    // The error listener stays: a late EPIPE must not end the process.
  }

  #reservedFor(stamp: Stamp): Overlay {
    let reserved = this.#reserved.get(stamp);
    if (!reserved) {
      const cell: Cell = { text: ' ', stamp };
      const cells = Array.from({ length: stamp.rows }, () => new Array<Cell>(stamp.columns).fill(cell));
      reserved = { ...stamp, cells };
      this.#reserved.set(stamp, reserved);
    }
    return reserved;
  }

  /** Takes away what is stamped, all but those to be kept. */
  #erased(kept: ReadonlySet<Stamp> = new Set()): string {
    let sequences = '';
    for (const stamp of this.#stamped) if (!kept.has(stamp)) sequences += stamp.erase ?? '';
    this.#stamped = new Set([...this.#stamped].filter((stamp) => kept.has(stamp)));
    return sequences;
  }

  #terminalSize(): Size {
    return windowSize(this.#stdout, this.#env);
  }

  readonly #onResize = (): void => {
    this.#screen.resize(this.#terminalSize());
    this.repaint();
  };

  readonly #onDrain = (): void => {
    this.#isBlocked = false;
    this.#flush();
    for (const resolve of this.#waiting.splice(0)) resolve();
  };

  readonly #onError = (error: Error): void => {
    if (this.#isClosed) return;
    this.close();
    this.#onGone?.(error);
  };

  #proxy(): NodeJS.WriteStream {
    const write = (data: unknown, second?: unknown, third?: unknown): boolean => {
      const callback = typeof second === 'function' ? second : third;
      this.#write(typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString('utf8'));
      if (typeof callback === 'function') setImmediate(callback as () => void);
      return true;
    };
    const bound = new Map<unknown, unknown>();
    return new Proxy(this.#stdout, {
      get: (target, property) => {
        if (property === 'write') return write;
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        let method = bound.get(value);
        if (method === undefined) {
          method = (value as (...values: unknown[]) => unknown).bind(target);
          bound.set(value, method);
        }
        return method;
      },
      set: (target, property, value) => Reflect.set(target, property, value, target),
    });
  }

  #write(data: string): void {
    // Who painted before Ink was there is on the alternate screen already; entering it again would clear it.
    if (this.#screen.isAlternate) data = data.replaceAll(enterAlternate, '');
    if (data === '' || this.#isClosed) return;
    const border = this.#screen.isAlternate ? leaveAlternate : enterAlternate;
    const at = data.indexOf(border);
    const here = at < 0 ? data : data.slice(0, at);
    if (this.#screen.isAlternate) this.#draw(here);
    else this.#send(here);
    if (at < 0) return;
    if (this.#screen.isAlternate) this.#leave();
    else this.#begin();
    this.#write(data.slice(at + border.length));
  }

  #begin(): void {
    this.#screen.write(enterAlternate);
    this.#shown = blankGrid(this.#screen.size);
    this.#stamped = new Set();
    this.#cursor = '';
    // Not every terminal homes the cursor or clears on entering.
    this.#send(`${enterAlternate}\u001b[m\u001b[2J\u001b[H`);
    this.#schedule();
  }

  #leave(): void {
    this.#isUpdating = false;
    this.#screen.write(leaveAlternate);
    this.#send(this.#control + this.#erased() + this.farewell() + leaveAlternate);
    this.#control = '';
    this.#images = '';
  }

  #draw(data: string): void {
    let control = this.#screen.write(data);
    const begins = control.lastIndexOf(beginUpdate);
    const ends = control.lastIndexOf(endUpdate);
    if (begins >= 0 || ends >= 0) {
      this.#isUpdating = begins > ends;
      control = control.replaceAll(beginUpdate, '').replaceAll(endUpdate, '');
    }
    if (this.#control.length + control.length <= controlLimit) this.#control += control;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed || this.#isUpdating || !this.#screen.isAlternate) return;
    if (this.#isBlocked) {
      this.#dropped++;
      return;
    }
    const wanted = this.picture;
    const { row, column, isCursorShown, size } = this.#screen;
    const cursor = isCursorShown ? `\u001b[${row + 1};${Math.min(column, size.columns - 1) + 1}H` : '';
    const stamps = new Set(this.#stamps);
    let drawn = this.#erased(stamps) + screenDifference(this.#shown, wanted, this.#depth);
    this.#shown = wanted;
    // After the text, which would erase them again.
    for (const stamp of stamps) {
      if (!this.#stamped.has(stamp)) drawn += `\u001b[${stamp.row + 1};${stamp.column + 1}H${stamp.draw}`;
    }
    this.#stamped = stamps;
    const moves = drawn !== '' || cursor !== this.#cursor ? cursor : '';
    this.#cursor = cursor;
    const cells = drawn + moves;
    const frame = this.#control + this.#images + (cells && `${beginUpdate}${cells}${endUpdate}`);
    this.#control = '';
    this.#images = '';
    this.#send(frame);
  }

  #send(data: string): void {
    if (data === '' || this.#stdout.destroyed || this.#stdout.writableEnded) return;
    this.#bytes += Buffer.byteLength(data);
    if (!this.#stdout.write(data)) this.#isBlocked = this.#stdout.writableNeedDrain;
  }
}
