import { closeSync, constants as flags, openSync, writeSync } from 'node:fs';
import { endingSignals, systemCode, type EndingSignal } from '../../engine/base/errors.ts';
import type { ColourDepth } from '../cells/cells.ts';
import { beforeDeath, beforeStop } from './deadly-signals.ts';
import { OverlayPainter } from './painter.ts';
import { PictureTerminal, type PictureWishes } from '../pictures/picture-terminal.ts';
import { nonblocking } from './nonblocking.ts';
import { escapeDelays, StdinFilter } from './stdin-filter.ts';
import { TerminalTab } from './tab.ts';

const mouseOn = '\u001b[?1000h\u001b[?1006h';
const mouseOff = '\u001b[?1006l\u001b[?1000l';
// Focus reports, pastes told from keys, and no wrapping: a character wider than we think must not push the next line down.
const modesOn = '\u001b[?1004h\u001b[?2004h\u001b[?7l';
// Ends a picture that was cut short in the middle of being sent.
const endOfString = '\u001b\\';
// Ends an update cut short, whatever was switched on here or by Ink, and any style; shows the cursor.
const modesOff = `\u001b[?2026l${mouseOff}\u001b[?1004l\u001b[?2004l\u001b[?7h\u001b[m\u001b[?25h`;
// Tries, of about 1 ms each, to reach a terminal that takes no data.
const restoreTries = 100;

/**
 * Puts a terminal back as it was, at once: safe at exit and in crash handlers. A terminal that is stopped (Ctrl-S) or
 * gone is given up on after about 0.1 s; an error is not reported, which could not be shown any more.
 * @param fd of the terminal @param isAlternate whether to leave the alternate screen too
 * @param first sent before that: deletions of pictures, which belong to the alternate screen
 */
function restoreTerminal(fd: number, isAlternate: boolean, first = ''): void {
  const bytes = Buffer.from(endOfString + first + modesOff + (isAlternate ? '\u001b[?1049l' : ''));
  let own: number | undefined;
  try {
    const path = process.platform === 'linux' ? `/proc/self/fd/${fd}` : '/dev/tty';
    own = openSync(path, flags.O_WRONLY | flags.O_NONBLOCK | flags.O_NOCTTY);
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
  }
  let sent = 0;
  for (let tries = 0; sent < bytes.length && tries < restoreTries; tries++) {
    try {
      sent += writeSync(own ?? fd, bytes, sent);
    } catch (thrown) {
      if (systemCode(thrown) !== 'EAGAIN') break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  if (own !== undefined) closeSync(own);
}

export interface TerminalSessionOptions {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream & { fd: number };
  depth: ColourDepth;
  mouse: boolean;
  /** How pictures are to be drawn; by default in blocks, and the terminal is not asked. */
  pictures?: PictureWishes;
  /** The terminal has gone away; called once. */
  onGone: (error: Error) => void;
  /** SIGTERM, SIGHUP or SIGINT came; the process does not end by itself then. */
  onSignal: (signal: EndingSignal) => void;
}

/**
 * The terminal while the screen is open: what Ink gets as stdin and stdout, the modes switched on, and their undoing
 * whatever ends the process short of SIGKILL.
 *
 * Use: `open()`, then Ink's `render(..., { stdin: session.stdin, stdout: session.stdout, alternateScreen: true })`,
 * `leave()` while Ink still reads the input, and `close()` once it is unmounted.
 */
export class TerminalSession {
  readonly painter: OverlayPainter;
  readonly input: StdinFilter;
  readonly pictures: PictureTerminal;
  readonly tab: TerminalTab;
  readonly #options: TerminalSessionOptions;
  #isOpen = false;
  #isMouseOn: boolean;
  #unhear: () => void = () => undefined;
  #stop: () => void = () => undefined;
  #undoUnblock: () => void = () => undefined;

  constructor(options: TerminalSessionOptions) {
    this.#options = options;
    this.#isMouseOn = options.mouse;
    const env = options.pictures?.env ?? {};
    this.painter = new OverlayPainter({ ...options, env });
    const isRemote = Boolean(env['SSH_CONNECTION'] || env['SSH_TTY']);
    this.input = new StdinFilter(options.stdin, isRemote ? escapeDelays.remote : escapeDelays.local);
    this.pictures = new PictureTerminal({
      ...(options.pictures ?? { choice: 'blocks', ascii: false, env: {} }),
      painter: this.painter,
      terminal: this.input.asked((data) => this.painter.ask(data)),
      isTTY: options.stdout.isTTY,
      depth: options.depth,
    });
    this.tab = new TerminalTab({ env, write: (sequences) => this.painter.transmit(sequences) });
    this.painter.farewell = () => this.pictures.close();
  }

  /** For Ink. */
  get stdin(): NodeJS.ReadStream {
    return this.input as unknown as NodeJS.ReadStream;
  }

  /** For Ink. */
  get stdout(): NodeJS.WriteStream {
    return this.painter.stream;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#undoUnblock = nonblocking(this.#options.stdout);
    this.#options.stdout.write(modesOn + (this.#isMouseOn ? mouseOn : ''));
    process.on('exit', this.#restore);
    // Runs before the process prints the exception and ends; does not handle it.
    process.on('uncaughtExceptionMonitor', this.#restore);
    for (const signal of endingSignals) process.on(signal, this.#options.onSignal);
    const unhear = beforeDeath(async () => {
      await this.input.answered();
      this.close();
    });
    const stopping = beforeStop(async () => {
      await this.input.answered();
      if (this.#isOpen) this.#giveBack();
    }, this.#onContinue);
    this.#stop = stopping.stop;
    this.#unhear = () => {
      unhear();
      stopping.unhear();
    };
    this.#options.stdout.on('resize', this.#onResize);
  }

  /** Draws everything again, pictures included: for a redraw key, or when the terminal may have lost something. */
  redraw(): void {
    this.pictures.layer.resend();
    this.painter.repaint();
  }

  /** Our window has the focus: draws everything again where a multiplexer may have lost it, or shows another terminal. */
  focused(): void {
    if (!this.pictures.isMultiplexed) return;
    this.painter.repaint();
    void this.pictures.cameBack();
  }

  /** Draws with ASCII characters only, or with all, and with how many colours. */
  drawIn(look: { ascii: boolean; depth: ColourDepth }): void {
    this.painter.drawIn(look.depth);
    this.pictures.drawIn(look);
  }

  /** Switches mouse reports on or off, so that text can be selected as usual. */
  setMouse(isOn: boolean): void {
    if (this.#isOpen && isOn !== this.#isMouseOn) this.painter.stream.write(isOn ? mouseOn : mouseOff);
    this.#isMouseOn = isOn;
  }

  /**
   * Takes the pictures back where that takes a moment ({@link PictureTerminal.leave}), and waits for the answers that the
   * terminal still owes: they would be typed at the shell.
   */
  async leave(): Promise<void> {
    if (!this.#isOpen) return;
    await this.pictures.leave();
    await this.input.answered();
  }

  /**
   * Gives the terminal back, once it has answered what it was asked, and stops the process until the shell continues it, as
   * SIGTSTP does ({@link beforeStop}).
   */
  suspend(): void {
    if (this.#isOpen) this.#stop();
  }

  /** Undoes everything, at once. Safe to call twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#restore();
    this.input.destroy();
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    for (const signal of endingSignals) process.off(signal, this.#options.onSignal);
    this.#unhear();
    this.#options.stdout.off('resize', this.#onResize);
  }

  readonly #onResize = (): void => this.pictures.resized();

  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#giveBack(this.pictures.close());
    void this.pictures.undo();
    // Ink unmounts once more when the process exits; that must not reach a terminal that is the shell's again.
    this.painter.close();
  };

  /** The terminal as the shell wants it. @param farewell takes the pictures back */
  #giveBack(farewell = ''): void {
    this.#undoUnblock();
    if (this.#options.stdin.isRaw) this.#options.stdin.setRawMode(false);
    restoreTerminal(this.#options.stdout.fd, this.painter.isAlternate, farewell + this.tab.undoing);
  }

  readonly #onContinue = (): void => {
    const { stdin, stdout } = this.#options;
    this.#undoUnblock = nonblocking(stdout);
    // The shell has changed the terminal's settings meanwhile, and Node takes an unchanged mode for done.
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    this.pictures.layer.resend();
    this.painter.comeBack(modesOn + (this.#isMouseOn ? mouseOn : '') + this.tab.again);
  };
}
