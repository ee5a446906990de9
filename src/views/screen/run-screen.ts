import type { Instance } from 'ink';
import { startExploration } from '../../engine/analysis/questions/client.ts';
import type { Paths } from '../../engine/base/paths.ts';
import { programFile } from '../../engine/base/program-files.ts';
import type { ColourDepth } from '../../imaging/cells/cells.ts';
import { detectColourDepth, lightBackgroundFromEnv } from '../../imaging/colour/colour-depth.ts';
import { imageChoices, type ImageChoice } from '../../imaging/pictures/protocol.ts';
import type { TerminalEvent } from '../../imaging/terminal/stdin-filter.ts';
import { TerminalSession } from '../../imaging/terminal/terminal-session.ts';
import { EventFeed } from './event-feed.ts';
import { CalmState } from './calm.ts';
import { collectAlone } from './collect-alone.ts';
import { Explorer } from './explorer.ts';
import { PlaybackClock } from './playback-clock.ts';
import { commandAt, frameCells } from '../frame/frame.ts';
import type { RunModel } from '../model/run-model.ts';
import { initialState, type Effect, type HomeEntry, type ScreenState } from '../model/state.ts';
import { memoize } from '../frame/memoize.ts';
import type { RunSource } from './run-source.ts';
import { createStore, type Store } from './store.ts';
import { view } from './view.ts';

/** A terminal's streams, what is known of it, and what the person wants. */
export interface ScreenSurroundings {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Where data sets lie: the images of neurons' pictures. */
  paths: Paths;
  screen: { colour: ColourDepth | 'auto'; ascii: boolean; mouse: boolean; images: ImageChoice };
}

/** What the home screen can do. */
export interface HomeActions {
  list(): Promise<{ entries: HomeEntry[]; demo?: string | undefined }>;
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

/** Milliseconds without a change after which Ink draws what is on the screen. */
const calmAfter = 120;

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

/**
 * The screen while it is open. A changed state is painted at once as cells, by the painter that stands between Ink and
 * the terminal: Ink takes some 25 ms of processor time for a frame of 120x40, which keys should not wait for. Ink draws
 * the same frame beneath when changes pause, and is what reads keys and owns the terminal's modes.
 */
class RunningScreen {
  readonly #options: ScreenOptions;
  readonly #surroundings: ScreenSurroundings;
  readonly #store: Store;
  readonly #session: TerminalSession;
  readonly #feed: EventFeed;
  #source: RunSource | undefined;
  #unsubscribe: () => void = () => undefined;
  readonly #calm: CalmState;
  readonly #explorer: Explorer;
  readonly #playback: PlaybackClock;
  readonly #frameOf = memoize(view);
  readonly #unsubscribeStore: () => void;
  #instance: Instance | undefined;
  #painted: ScreenState | undefined;
  #isPaintDue = false;
  #finish: (end: Pick<ScreenEnd, 'how' | 'signal'>) => void = () => undefined;

  constructor(options: ScreenOptions, surroundings: ScreenSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    const state = startState(surroundings, options);
    this.#store = createStore(state, (effect) => this.#perform(effect));
    this.#calm = new CalmState(this.#store, calmAfter);
    this.#playback = new PlaybackClock(this.#store);
    this.#explorer = new Explorer(this.#store, (directory) =>
      startExploration(programFile('analysis-worker'), directory, surroundings),
    );
    this.#unsubscribeStore = this.#store.subscribe(this.#paintSoon);
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
    // Before the terminal is asked anything: neither its answers nor what is typed until Ink listens may be echoed.
    this.#session.input.setRawMode(true);
    this.#session.open();
    try {
      const stopEvents = this.#session.input.onEvent((event) => this.#onTerminalEvent(event));
      stdout.on('resize', this.#onResize);
      // The first frame is on the screen before React and Ink are there: loading them takes longer than all before it.
      const host = import('./ink-host.tsx');
      this.#session.painter.enter();
      this.#paint();
      const { mount } = await host;
      const { stdin, stdout: painted } = this.#session;
      this.#instance = mount(
        { store: this.#store, calm: this.#calm, frameOf: this.#frameOf },
        { stdin, stdout: painted },
      );
      // Not before: what was compiled ahead is refused once V8's settings are others.
      collectAlone();
      void this.#askTerminal();
      const crashed = this.#instance.waitUntilExit().then(() => ({ how: 'left' as const }));
      const end = await Promise.race([ended, crashed]);
      stopEvents();
      return { ...end, run: this.#store.state.run, control: this.#store.state.control };
    } finally {
      stdout.off('resize', this.#onResize);
      this.#feed.close();
      this.#calm.close();
      this.#playback.close();
      this.#unsubscribeStore();
      this.#unsubscribe();
      await this.#session.leave();
      this.#instance?.unmount();
      this.#session.close();
      await this.#explorer.close();
    }
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
      const listed = (await this.#options.home?.list()) ?? { entries: [] };
      this.#store.dispatch({ source: 'home', ...listed });
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

  // However many changes a turn brings, one frame shows them.
  readonly #paintSoon = (): void => {
    if (this.#isPaintDue) return;
    this.#isPaintDue = true;
    setImmediate(this.#paint);
  };

  readonly #paint = (): void => {
    this.#isPaintDue = false;
    const { state } = this.#store;
    if (state === this.#painted) return;
    this.#painted = state;
    const frame = this.#frameOf(state);
    const whole = { row: 0, column: 0, ...frame.size, cells: frameCells(frame, state.theme) };
    this.#session.pictures.layer.show({ overlays: [whole], pictures: frame.pictures ?? [], cover: frame.dialog });
  };

  readonly #onResize = (): void => {
    const { columns, rows } = this.#surroundings.stdout;
    // Ink leaves a frame out when it fills a window that just became smaller.
    this.#instance?.clear();
    this.#store.dispatch({ source: 'resize', size: { columns: columns || 80, rows: rows || 24 } });
  };

  #onTerminalEvent(event: TerminalEvent): void {
    if (event.type === 'focus' && event.isFocused) this.#session.focused();
    if (event.type !== 'mouse') return;
    const { dispatch } = this.#store;
    if (event.action === 'wheel-up' || event.action === 'wheel-down') {
      const back = event.action === 'wheel-up';
      const direction = event.shift ? (back ? 'left' : 'right') : back ? 'up' : 'down';
      dispatch({ source: 'key', command: { id: 'wheel', direction } });
    } else if (event.action === 'press' && event.button === 'left' && this.#painted) {
      const command = commandAt(this.#frameOf(this.#painted), event.row, event.column);
      if (command) dispatch({ source: 'key', command });
    }
  }
}
