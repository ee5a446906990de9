import { spawn, type IPty } from '@lydell/node-pty';
import type { CellGrid, Size } from '../../../src/imaging/cells/cells.ts';
import { gridToText } from '../../../src/imaging/cells/grid.ts';
import { pngOf } from '../../../src/imaging/files/png.ts';
import { writeFile } from 'node:fs/promises';
import { Emulator } from './emulator.ts';

export interface OpenTerminalOptions extends Partial<Size> {
  /** The program, found on PATH, such as `process.execPath`. */
  command: string;
  args?: readonly string[];
  /** The whole environment (nothing is inherited but PATH); TERM is xterm-256color unless given. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** What shows its output; by default an emulator without pictures. */
  emulator?: (size: Size) => Emulator;
}

/** Names for what is not typed as text; anything else is sent as it is. */
export const keys = {
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  shiftTab: '\u001b[Z',
  backspace: '\u007f',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
  ctrlU: '\u0015',
  ctrlZ: '\u001a',
  focusIn: '\u001b[I',
  focusOut: '\u001b[O',
} as const;

/** How a program ended. */
export interface Ending {
  code: number;
  signal: number | undefined;
}

/**
 * A real program in a real pseudo-terminal, its output shown by an emulator: what an end-to-end test types and sees.
 * Answers the terminal's queries (device attributes, cursor position, modes) as xterm does.
 *
 *     const terminal = openTerminal({ command: process.execPath, args: ['dist/cli.js'], env: { HOME: home } });
 *     await terminal.waitFor(/epoch +1/);
 *     terminal.press('d');
 *     await terminal.close();
 *
 * Default 80x24. Close every terminal (afterEach), or its program outlives the test.
 */
export class TestTerminal {
  readonly #emulator: Emulator;
  readonly #pty: IPty;
  readonly #changed = new Set<() => void>();
  readonly #raw: string[] = [];
  #bytes = 0;
  #lastOutput = 0;
  readonly #started = performance.now();
  #pending: Promise<void> = Promise.resolve();
  #ending: Ending | undefined;
  readonly #ended: Promise<Ending>;

  constructor(options: OpenTerminalOptions) {
    const size = { columns: options.columns ?? 80, rows: options.rows ?? 24 };
    this.#emulator = options.emulator?.(size) ?? new Emulator(size);
    this.#pty = spawn(options.command, [...(options.args ?? [])], {
      name: options.env?.['TERM'] ?? 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      cwd: options.cwd ?? process.cwd(),
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...options.env },
      encoding: null,
    });
    this.#emulator.terminal.onData((answer) => {
      if (!this.#ending) this.#pty.write(answer);
    });
    // Without an encoding node-pty gives bytes, whatever its types say.
    this.#pty.onData((data: string | Uint8Array) => {
      this.#bytes += Buffer.byteLength(data);
      this.#lastOutput = performance.now();
      this.#raw.push(Buffer.from(data).toString('latin1'));
      this.#pending = this.#emulator.write(data).then(() => {
        for (const listener of this.#changed) listener();
      });
    });
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#ending = { code: exitCode, signal: signal || undefined };
        resolve(this.#ending);
        for (const listener of this.#changed) listener();
      });
    });
  }

  /** Process id of the program. */
  get pid(): number {
    return this.#pty.pid;
  }

  /** Bytes the program has written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When it last wrote, on this process's clock (`performance.now()`). */
  get lastOutput(): number {
    return this.#lastOutput;
  }

  /** Milliseconds since the program was started. */
  get age(): number {
    return performance.now() - this.#started;
  }

  /** All it has written so far; each byte a character, for looking at escape sequences. */
  get raw(): string {
    return this.#raw.join('');
  }

  get size(): Size {
    return this.#emulator.size;
  }

  /** Whether the program shows the alternate screen. */
  get isAlternate(): boolean {
    return this.#emulator.isAlternate;
  }

  /** Whether it has switched on mouse reports, bracketed paste or focus reports. */
  get modes(): { mouse: boolean; paste: boolean; focus: boolean } {
    const { mouseTrackingMode, bracketedPasteMode, sendFocusMode } = this.#emulator.terminal.modes;
    return { mouse: mouseTrackingMode !== 'none', paste: bracketedPasteMode, focus: sendFocusMode };
  }

  get cursor(): { row: number; column: number } {
    return this.#emulator.cursor;
  }

  /** How the program has ended; undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** What the terminal shows, cell by cell. */
  screen(): CellGrid {
    return this.#emulator.screen();
  }

  /** What it shows as text, a line a row, without trailing blanks. */
  text(): string {
    return gridToText(this.screen());
  }

  /** The first row whose text matches, from 0; -1 when none does. */
  rowOf(pattern: RegExp | string): number {
    return this.text()
      .split('\n')
      .findIndex((line) => (typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)));
  }

  /**
   * Resolves as soon as the screen holds the text, matches the pattern or satisfies the predicate.
   * Fails after `timeout` ms, or when the program ends first, saying what the screen shows instead.
   */
  async waitFor(wanted: RegExp | string | ((terminal: this) => boolean), timeout = 20_000): Promise<void> {
    const isThere = (): boolean =>
      typeof wanted === 'function'
        ? wanted(this)
        : typeof wanted === 'string'
          ? this.text().includes(wanted)
          : wanted.test(this.text());
    if (isThere()) return;
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        stop();
        reject(new Error(`${reason} while waiting for ${String(wanted)}; the screen shows:\n${this.text()}`));
      };
      const look = (): void => {
        if (isThere()) {
          stop();
          resolve();
        } else if (this.#ending) {
          void this.#pending.then(() => {
            if (isThere()) {
              stop();
              resolve();
            } else fail(`the program ended with code ${this.#ending?.code} (signal ${this.#ending?.signal})`);
          });
        }
      };
      const timer = setTimeout(() => fail(`${timeout} ms passed`), timeout);
      // For predicates about something else than the screen.
      const poll = setInterval(look, 50);
      const stop = (): void => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#changed.delete(look);
      };
      this.#changed.add(look);
      look();
    });
  }

  /** Resolves when nothing has been written for `quiet` ms. */
  async settle(quiet = 150, timeout = 20_000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (let before = -1; before !== this.#bytes;) {
      if (Date.now() > deadline)
        throw new Error(`still writing after ${timeout} ms; the screen shows:\n${this.text()}`);
      before = this.#bytes;
      await new Promise((resolve) => setTimeout(resolve, quiet));
      await this.#pending;
    }
  }

  /** Types text or {@link keys}, each argument as one write. */
  press(...sequences: readonly string[]): void {
    for (const sequence of sequences) this.#pty.write(sequence);
  }

  /** Presses and releases the left button over a cell, both from 0, as a terminal with SGR mouse reports does. */
  click(row: number, column: number): void {
    this.press(`\u001b[<0;${column + 1};${row + 1}M`, `\u001b[<0;${column + 1};${row + 1}m`);
  }

  /** Turns the wheel by one step over a cell. */
  wheel(direction: 'up' | 'down', row: number, column: number): void {
    this.press(`\u001b[<${direction === 'up' ? 64 : 65};${column + 1};${row + 1}M`);
  }

  /** Changes the window's size; the program gets SIGWINCH. */
  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Sends the program a signal, such as `SIGTERM`. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Stops taking the program's output (Ctrl-S, a stalled connection), or takes it again. */
  stall(isStalled: boolean): void {
    if (isStalled) this.#pty.pause();
    else this.#pty.resume();
  }

  /** Saves what the terminal shows as a picture. */
  async png(file: string): Promise<void> {
    await writeFile(file, await pngOf(this.screen()));
  }

  /** Resolves when the program has ended by itself; fails after `timeout` ms. */
  async waitForEnd(timeout = 20_000): Promise<Ending> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`still running after ${timeout} ms; the screen shows:\n${this.text()}`)),
        timeout,
      );
    });
    try {
      const ending = await Promise.race([this.#ended, late]);
      await this.#pending;
      return ending;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes the terminal away, as a closed window does: SIGHUP, and every call on it fails from then on. */
  hangUp(): void {
    (this.#pty as IPty & { destroy: () => void }).destroy();
  }

  /** Ends the program if it still runs (SIGHUP as when a window is closed, then SIGKILL), and frees everything. */
  async close(): Promise<Ending> {
    if (!this.#ending) {
      this.stall(false);
      this.#pty.kill('SIGHUP');
      const timer = setTimeout(() => {
        if (!this.#ending) this.#pty.kill('SIGKILL');
      }, 3000);
      await this.#ended;
      clearTimeout(timer);
    }
    await this.#pending;
    this.#emulator.dispose();
    return this.#ending!;
  }
}

/** Starts a program in a terminal of its own; see {@link TestTerminal}. */
export function openTerminal(options: OpenTerminalOptions): TestTerminal {
  return new TestTerminal(options);
}
