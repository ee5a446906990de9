import type { ColourDepth } from '../cells/cells.ts';
import { canBeAsked, hasCarriedOut, type TerminalAbilities } from '../terminal/detect.ts';
import type { OverlayPainter } from '../terminal/painter.ts';
import type { AskedTerminal } from '../terminal/stdin-filter.ts';
import { discover, type Discovery } from './discover.ts';
import { PictureLayer } from './picture-layer.ts';
import { pictureModeFor } from './picture-mode.ts';
import type { ImageChoice, ProtocolChoice } from './protocol.ts';
import { isInFront, runTmux, throughTmux, type TmuxCommand } from './tmux.ts';

/** What the user and the environment say about pictures. */
export interface PictureWishes {
  choice: ImageChoice;
  ascii: boolean;
  /** Whether to ask the terminal how it reads characters of two bytes. */
  characters?: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** Default: the `tmux` that is installed. */
  tmux?: TmuxCommand;
}

export interface PictureTerminalOptions extends PictureWishes {
  painter: OverlayPainter;
  terminal: AskedTerminal;
  isTTY: boolean;
  depth: ColourDepth;
  onError?: (error: unknown) => void;
}

// After the last of many resizes (a window being dragged), in milliseconds.
const quietAfterResize = 250;
// Questions, half a second apart, whether tmux hands on again.
const mostTries = 4;
const noDiscovery: Discovery = { abilities: { isAnswering: false }, undo: () => Promise.resolve() };

/** Pictures on one terminal: finds out how it draws them, and keeps to that through resizes and reattachment. */
export class PictureTerminal {
  readonly layer: PictureLayer;
  readonly #options: PictureTerminalOptions;
  readonly #tmux: TmuxCommand;
  #choice: ImageChoice;
  #look: { ascii: boolean; depth: ColourDepth };
  #discovery = noDiscovery;
  #undo: (() => Promise<void>) | undefined;
  #chosen: ProtocolChoice = { protocol: 'blocks', reason: 'the terminal has not been asked' };
  #timer: NodeJS.Timeout | undefined;
  #returning: Promise<void> | undefined;
  #isClosed = false;
  #farewell = '';

  constructor(options: PictureTerminalOptions) {
    this.#options = options;
    this.#tmux = options.tmux ?? runTmux;
    this.#choice = options.choice;
    const { painter, depth, ascii, onError } = options;
    this.#look = { ascii, depth };
    this.layer = new PictureLayer({ painter, mode: { depth, ascii }, ...(onError && { onError }) });
    if (options.choice === 'off') this.#apply();
  }

  /** How pictures are drawn now, and why. */
  get chosen(): ProtocolChoice {
    return this.#chosen;
  }

  /**
   * Asks the terminal what it can do and draws accordingly. Pictures are blocks until it has answered.
   * @returns what it said; nothing where it cannot be asked
   */
  async ask(): Promise<TerminalAbilities> {
    const { env, terminal, isTTY, characters = false } = this.#options;
    if (canBeAsked(env, isTTY)) {
      const discovery = await discover({
        terminal,
        env,
        tmux: this.#tmux,
        isKitty: this.#choice === 'kitty',
        characters,
      });
      // tmux has been told already when it is asked again.
      this.#undo ??= discovery.undo;
      if (this.#isClosed) void this.undo();
      // One that answered before and is silent now is busy (or its answers go to another pane), not another one.
      const { abilities, outside } = this.#discovery;
      const now = discovery.outside?.abilities;
      const isSilent = now?.isAnswering === false && [undefined, outside?.abilities.name].includes(now.name);
      if (outside?.abilities.isAnswering && isSilent) discovery.outside = outside;
      if (discovery.abilities.isAnswering || !abilities.isAnswering) this.#discovery = discovery;
    }
    if (!this.#isClosed) this.#apply();
    return this.#discovery.abilities;
  }

  /** Draws pictures as the user asks from now on. */
  choose(choice: ImageChoice): ProtocolChoice {
    this.#choice = choice;
    this.#apply();
    return this.#chosen;
  }

  /** Draws with ASCII characters only, or with all, and in other colours. */
  drawIn(look: { ascii: boolean; depth: ColourDepth }): void {
    this.#look = look;
    this.#apply();
  }

  /** What the user asked for last. */
  get choice(): ImageChoice {
    return this.#choice;
  }

  /** The window has another size: its cells may have, too. */
  resized(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#settle(), quietAfterResize);
    this.#timer.unref();
  }

  /** A multiplexer shows us again, maybe on another terminal: finds out what that has, and hands it our pictures. */
  async cameBack(): Promise<void> {
    this.#returning ??= this.#handOverAgain().finally(() => (this.#returning = undefined));
    await this.#returning;
  }

  /** Whether a multiplexer between us and the terminal may have lost what was drawn. */
  get isMultiplexed(): boolean {
    const { env } = this.#options;
    return Boolean(env['TMUX'] ?? env['STY']);
  }

  /**
   * Stops, and takes the pictures back. Where tmux hands them on this waits, half a second at most, until the terminal
   * outside has done so: tmux drops what it has not sent yet when our pane was its last, or when it may not pass it on
   * any more. To be awaited before {@link close} where there is time.
   */
  async leave(): Promise<void> {
    const { painter, env } = this.#options;
    const farewell = this.close();
    if (farewell !== '' && env['TMUX']) {
      painter.transmit(farewell);
      if (await this.#isOutsideReached()) this.#farewell = '';
    }
    await this.undo();
  }

  /**
   * Stops.
   * @returns what makes the terminal forget our pictures; the same every time, for what was written before may not have
   *   reached it
   */
  close(): string {
    if (!this.#isClosed) {
      this.#isClosed = true;
      clearTimeout(this.#timer);
      this.#farewell = this.layer.close();
    }
    return this.#farewell;
  }

  /** Takes back what tmux was told; once the last picture has been taken back, which needs it. */
  async undo(): Promise<void> {
    const undo = this.#undo;
    this.#undo = undefined;
    await undo?.();
  }

  /**
   * tmux drops what it is to hand on while it has yet to draw our pane, as after attaching or resizing. So the terminal
   * outside is asked until it answers, which shows that the way is open, and gets the pictures then.
   */
  async #handOverAgain(): Promise<void> {
    const { env } = this.#options;
    const isKitty = this.#discovery.outside?.abilities.hasKittyGraphics;
    for (let tries = 0; env['TMUX'] && isKitty && !this.#isClosed && tries < mostTries; tries++) {
      if (await this.#isOutsideReached()) {
        this.layer.resend();
        return;
      }
    }
    if (env['TMUX']) await this.ask();
    if (!this.#isClosed) this.layer.resend();
  }

  /** Whether the terminal outside tmux has carried out all that was written before. */
  async #isOutsideReached(): Promise<boolean> {
    const { terminal, env } = this.#options;
    if (!(await isInFront(this.#tmux, env['TMUX_PANE']))) return false;
    return hasCarriedOut(terminal, throughTmux);
  }

  async #settle(): Promise<void> {
    await this.ask();
    if (this.#options.env['TMUX'] && this.#chosen.protocol.startsWith('kitty')) await this.cameBack();
  }

  #apply(): void {
    const { env, painter } = this.#options;
    const wishes = { choice: this.#choice, env, ...this.#look, size: painter.size };
    const { chosen, ...mode } = pictureModeFor(this.#discovery, wishes);
    this.#chosen = chosen;
    this.layer.setMode(mode);
  }
}
