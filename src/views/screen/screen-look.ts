import { clientOf, runTmux } from '../../imaging/pictures/tmux.ts';
import { coloursFor, type HeardColours } from '../../imaging/colour/colour-depth.ts';
import { charactersFor, type HeardCharacters } from '../../imaging/terminal/characters.ts';
import type { TerminalSession } from '../../imaging/terminal/terminal-session.ts';
import type { ScreenSurroundings } from './run-screen.ts';
import type { Store } from './store.ts';

/** Until a terminal shows tmux's session, in milliseconds. */
const untilAttached = 1000;

/** What has been heard of the terminal. */
type Heard = HeardCharacters & HeardColours;

/**
 * Keeps to the characters and colours that the terminal has: what it says comes after the first frame, and tmux may
 * change it.
 */
export class ScreenLook {
  readonly #store: Store;
  readonly #session: TerminalSession;
  readonly #surroundings: ScreenSurroundings;
  #heard: Heard = {};
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(store: Store, session: TerminalSession, surroundings: ScreenSurroundings) {
    this.#store = store;
    this.#session = session;
    this.#surroundings = surroundings;
  }

  hear(heard: Heard): void {
    this.#heard = { ...this.#heard, ...heard };
    const { screen, env, stdout } = this.#surroundings;
    const { ascii } = charactersFor(screen.ascii, env, this.#heard);
    const { depth } = coloursFor(screen.colour, env, Boolean(stdout.isTTY), this.#heard);
    const { theme } = this.#store.state;
    if (ascii === theme.ascii && depth === theme.depth) return;
    this.#session.drawIn({ ascii, depth });
    this.#store.dispatch({ source: 'theme', theme: { ascii, depth } });
  }

  /** Asks tmux, where there is one, about the terminal that shows us: again while none does. */
  async askTmux(): Promise<void> {
    const { env } = this.#surroundings;
    clearTimeout(this.#timer);
    if (!env['TMUX']) return;
    const said = await clientOf(runTmux, env['TMUX_PANE']);
    if (this.#isClosed || !said) return;
    this.hear(said);
    if (said.clientUtf8 === '') this.#timer = setTimeout(() => void this.askTmux(), untilAttached).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
