import type { Instance } from 'ink';
import type { ColourDepth } from '../imaging/cells.ts';
import { detectColourDepth, lightBackgroundFromEnv } from '../imaging/colour-depth.ts';
import { imageChoices, type ImageChoice } from '../imaging/pictures/protocol.ts';
import type { TerminalEvent } from '../imaging/stdin-filter.ts';
import { TerminalSession } from '../imaging/terminal-session.ts';
import { EventFeed } from './event-feed.ts';
import { commandAt, frameCells, type Frame } from './frame.ts';
import type { RunModel } from './model/run-model.ts';
import { initialState, type Effect, type HomeEntry, type ScreenState } from './model/state.ts';
import type { RunSource } from './run-source.ts';
import { createStore, type Store } from './store.ts';
import { view } from './view.ts';

/** A terminal's streams, what is known of it, and what the person wants. */
export interface ScreenSurroundings {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  screen: { colour: ColourDepth | 'auto'; ascii: boolean; mouse: boolean; images: ImageChoice };
}

/** What the home screen can do. */
export interface HomeActions {
  list(): Promise<HomeEntry[]>;
  open(directory: string): RunSource;
  train(): RunSource;
}

export interface ScreenOptions {
  /** The run to show; without it the home screen is. */
  source?: RunSource;
  home?: HomeActions;
  /** Saves what is on the screen. @returns what to tell the person */
  screenshot: (state: ScreenState) => Promise<string>;
}

/** How the screen ended, and the run it showed last. */
export interface ScreenEnd {
  /** `gone`: the terminal went away, or a signal asked to end. Training of our own goes on by itself then. */
  how: 'left' | 'detached' | 'gone';
  signal?: NodeJS.Signals;
  run: RunModel;
  control: ScreenState['control'];
}

// Keys are painted within a frame of this; how often a run's events are is the feed's business.
const framesPerSecond = 60;

function startState({ env, stdout, screen }: ScreenSurroundings, options: ScreenOptions): ScreenState {
  const depth = screen.colour === 'auto' ? detectColourDepth(env, Boolean(stdout.isTTY)) : screen.colour;
  return {
    ...initialState,
    size: { columns: stdout.columns || 80, rows: stdout.rows || 24 },
    theme: {
      ...initialState.theme,
      depth,
      ascii: screen.ascii,
      background: lightBackgroundFromEnv(env) ? 'light' : 'dark',
    },
    mouse: screen.mouse,
    screens: options.source ? ['network'] : ['home'],
    control: options.source?.control ?? 'none',
  };
}

/** Runs the screen until the person leaves it or the terminal goes away. */
export async function runScreen(options: ScreenOptions, surroundings: ScreenSurroundings): Promise<ScreenEnd> {
  return new RunningScreen(options, surroundings).run();
}

class RunningScreen {
  readonly #options: ScreenOptions;
  readonly #surroundings: ScreenSurroundings;
  readonly #store: Store;
  readonly #session: TerminalSession;
  readonly #feed: EventFeed;
  #source: RunSource | undefined;
  #unsubscribe: () => void = () => undefined;
  #instance: Instance | undefined;
  #frame: Frame | undefined;
  #painted: Frame | undefined;
  #finish: (end: Pick<ScreenEnd, 'how' | 'signal'>) => void = () => undefined;

  constructor(options: ScreenOptions, surroundings: ScreenSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    const state = startState(surroundings, options);
    this.#store = createStore(state, (effect) => this.#perform(effect));
    this.#feed = new EventFeed((events) => this.#store.dispatch({ source: 'run', events }));
    this.#session = new TerminalSession({
      stdin: surroundings.stdin,
      // A terminal's stream always has one; Node's types only say so of process.stdout.
      stdout: surroundings.stdout as NodeJS.WriteStream & { fd: number },
      depth: state.theme.depth,
      mouse: state.mouse,
      pictures: { choice: surroundings.screen.images, ascii: state.theme.ascii, env: surroundings.env },
      onGone: () => this.#finish({ how: 'gone' }),
      onSignal: (signal) => this.#finish({ how: 'gone', signal }),
    });
  }

  async run(): Promise<ScreenEnd> {
    const { stdout } = this.#surroundings;
    const ended = new Promise<Pick<ScreenEnd, 'how' | 'signal'>>((resolve) => (this.#finish = resolve));
    if (this.#options.source) this.#show(this.#options.source);
    else void this.#listRuns();
    // What is known already belongs on the first frame.
    this.#feed.flush();
    this.#session.open();
    try {
      const stopEvents = this.#session.input.onEvent((event) => this.#onTerminalEvent(event));
      stdout.on('resize', this.#onResize);
      const { mount } = await this.#paintFirst();
      this.#instance = mount(
        { store: this.#store, onFrame: this.#onFrame },
        { stdout: this.#session.stdout, stdin: this.#session.stdin, onRender: this.#paint, framesPerSecond },
      );
      void this.#askTerminal();
      const crashed = this.#instance.waitUntilExit().then(() => ({ how: 'left' as const }));
      const end = await Promise.race([ended, crashed]);
      stopEvents();
      return { ...end, run: this.#store.state.run, control: this.#store.state.control };
    } finally {
      stdout.off('resize', this.#onResize);
      this.#feed.close();
      this.#unsubscribe();
      this.#instance?.unmount();
      this.#session.close();
    }
  }

  /** The first frame is on the screen before React and Ink are: loading them takes longer than all that came before. */
  #paintFirst(): Promise<typeof import('./ink-host.tsx')> {
    const host = import('./ink-host.tsx');
    const { painter, input } = this.#session;
    // What is typed until Ink listens waits there, and is not echoed.
    input.setRawMode(true);
    painter.enter();
    const { state } = this.#store;
    const { size } = state;
    painter.setOverlays([{ row: 0, column: 0, ...size, cells: frameCells(view(state), state.theme) }]);
    return host;
  }

  #show(source: RunSource): void {
    this.#source = source;
    this.#unsubscribe = source.subscribe((event) => this.#feed.push(event));
  }

  #replace(source: RunSource): void {
    this.#letGo();
    this.#store.dispatch({ source: 'opened', control: source.control });
    this.#show(source);
  }

  #letGo(): void {
    this.#feed.flush();
    this.#unsubscribe();
    this.#source?.detach();
    this.#source = undefined;
  }

  async #listRuns(): Promise<void> {
    try {
      const entries = (await this.#options.home?.list()) ?? [];
      this.#store.dispatch({ source: 'home', entries });
    } catch (thrown) {
      this.#tell(thrown instanceof Error ? thrown.message : String(thrown), 'error');
    }
  }

  #tell(text: string, tone: 'plain' | 'error'): void {
    this.#store.dispatch({ source: 'message', message: { text, tone } });
  }

  async #askTerminal(): Promise<void> {
    const abilities = await this.#session.pictures.ask();
    if (abilities.isLight !== undefined) {
      const background = abilities.isLight ? 'light' : 'dark';
      if (background !== this.#store.state.theme.background) {
        this.#store.dispatch({ source: 'theme', theme: { background } });
      }
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#source?.send(effect.command);
      case 'leave':
        return this.#finish({ how: 'left' });
      case 'detach':
        return this.#finish({ how: 'detached' });
      case 'redraw':
        return this.#session.redraw();
      case 'images':
        return this.#switchImages();
      case 'mouse':
        return this.#session.setMouse(effect.on);
      case 'screenshot':
        return void this.#screenshot();
      case 'close-run':
        this.#letGo();
        return void this.#listRuns();
      case 'open-run':
        if (this.#options.home) this.#replace(this.#options.home.open(effect.directory));
        return;
      case 'train':
        if (this.#options.home) this.#replace(this.#options.home.train());
        return;
    }
  }

  /** The next way to draw pictures, round and round. */
  #switchImages(): void {
    const { pictures } = this.#session;
    const next = imageChoices[(imageChoices.indexOf(pictures.choice) + 1) % imageChoices.length];
    const { protocol, reason } = pictures.choose(next);
    const text = next === 'auto' ? `Pictures: auto, ${protocol} (${reason}).` : `Pictures: ${next}.`;
    this.#tell(text, 'plain');
  }

  async #screenshot(): Promise<void> {
    // What the key was pressed on: without the words that say a picture is being saved.
    const state = { ...this.#store.state, message: undefined };
    try {
      this.#tell(await this.#options.screenshot(state), 'plain');
    } catch (thrown) {
      this.#tell(`No screenshot: ${thrown instanceof Error ? thrown.message : String(thrown)}`, 'error');
    }
  }

  readonly #onFrame = (frame: Frame): void => {
    this.#frame = frame;
    // Ink says nothing when only a picture changed; then nobody else paints it.
    setTimeout(this.#paint, 1000 / framesPerSecond).unref();
  };

  // After Ink has drawn a frame's text: in the same turn, so that both are sent as one update.
  readonly #paint = (): void => {
    if (!this.#frame || this.#frame === this.#painted) return;
    this.#painted = this.#frame;
    const { overlays, pictures = [], dialog } = this.#frame;
    this.#session.pictures.layer.show({ overlays, pictures, cover: dialog });
  };

  readonly #onResize = (): void => {
    const { columns, rows } = this.#surroundings.stdout;
    // Ink leaves a frame out when it fills a window that just became smaller.
    this.#instance?.clear();
    this.#store.dispatch({ source: 'resize', size: { columns: columns || 80, rows: rows || 24 } });
  };

  #onTerminalEvent(event: TerminalEvent): void {
    // A multiplexer shows us again, maybe on another terminal.
    if (event.type === 'focus' && event.isFocused && this.#session.pictures.isMultiplexed) this.#session.redraw();
    if (event.type !== 'mouse') return;
    const { dispatch } = this.#store;
    if (event.action === 'wheel-up' || event.action === 'wheel-down') {
      const back = event.action === 'wheel-up';
      const direction = event.shift ? (back ? 'left' : 'right') : back ? 'up' : 'down';
      dispatch({ source: 'key', command: { id: 'wheel', direction } });
    } else if (event.action === 'press' && event.button === 'left' && this.#frame) {
      const command = commandAt(this.#frame, event.row, event.column);
      if (command) dispatch({ source: 'key', command });
    }
  }
}
