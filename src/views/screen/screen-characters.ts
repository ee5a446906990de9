import { clientUtf8, runTmux } from '../../imaging/pictures/tmux.ts';
import { charactersFor, type Heard } from '../../imaging/terminal/characters.ts';
import type { TerminalSession } from '../../imaging/terminal/terminal-session.ts';
import type { ScreenSurroundings } from './run-screen.ts';
import type { Store } from './store.ts';

/** Until a terminal shows tmux's session, in milliseconds. */
const untilAttached = 1000;

/** Keeps to the characters that the terminal has: what it says comes after the first frame, and tmux may change it. */
export class ScreenCharacters {
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
    const { screen, env } = this.#surroundings;
    const { ascii } = charactersFor(screen.ascii, env, this.#heard);
    if (ascii === this.#store.state.theme.ascii) return;
    this.#session.pictures.drawIn(ascii);
    this.#store.dispatch({ source: 'theme', theme: { ascii } });
  }

  /** Asks tmux, where there is one, about the terminal that shows us: again while none does. */
  async askTmux(): Promise<void> {
    const { env } = this.#surroundings;
    clearTimeout(this.#timer);
    if (!env['TMUX']) return;
    const said = await clientUtf8(runTmux, env['TMUX_PANE']);
    if (this.#isClosed) return;
    this.hear({ clientUtf8: said });
    if (said === '') this.#timer = setTimeout(() => void this.askTmux(), untilAttached).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
