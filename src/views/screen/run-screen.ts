import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { startExploration, type Exploration } from '../../engine/analysis/questions/client.ts';
import type { Side } from '../../engine/analysis/comparison/compared-runs.ts';
import type { EndingSignal } from '../../engine/base/errors.ts';
import type { Paths } from '../../engine/base/paths.ts';
import { programFile } from '../../engine/base/program-files.ts';
import type { ColourDepth } from '../../imaging/cells/cells.ts';
import { coloursFor } from '../../imaging/colour/colour-depth.ts';
import { imageChoices, type ImageChoice } from '../../imaging/pictures/protocol.ts';
import { charactersFor, isUnsure, type AsciiChoice } from '../../imaging/terminal/characters.ts';
import { TerminalSession } from '../../imaging/terminal/terminal-session.ts';
import type { AnnounceChoice } from '../../imaging/terminal/tab.ts';
import { windowSize } from '../../imaging/terminal/window-size.ts';
import { Canvas } from './canvas.ts';
import type { RunModel } from '../model/run-model.ts';
import { initialState, screenOf, type Effect, type HomeEntry, type ScreenState } from '../model/state.ts';
import { cycled } from '../model/steps.ts';
import { wishedTheme, type ThemeWishes } from '../theme/theme.ts';
import type { RunSource } from './run-source.ts';
import { Announcer } from './announcer.ts';
import { RunConnection } from './run-connection.ts';
import { ScreenLook } from './screen-look.ts';
import { createStore, type Store } from './store.ts';

/** What the user said about the screen. */
export interface ScreenChoices extends ThemeWishes {
  colour: ColourDepth | 'auto';
  /** Draw with ASCII characters only; `auto` where the terminal has no others. */
  ascii: AsciiChoice;
  /** Listen to the mouse. */
  mouse: boolean;
  /** How pictures are drawn. */
  images: ImageChoice;
  /** What the terminal is told beside its cells. */
  announce: AnnounceChoice;
}

/** A terminal's streams, what is known of it, and what the user wants. */
export interface ScreenSurroundings {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Where data sets lie: the images of neurons' pictures. */
  paths: Paths;
  screen: ScreenChoices;
}

/** What the home screen can do. */
export interface HomeActions {
  list(): Promise<{ entries: HomeEntry[]; demo?: string | undefined; unreadable?: readonly string[] }>;
  /** Yields when the list may be another by now. */
  changes(signal: AbortSignal): AsyncIterable<unknown>;
  open(directory: string): RunSource;
  /** The runs in some directories, to be compared. */
  compare(directories: readonly string[]): Promise<readonly Side[]>;
  train(): RunSource;
}

export interface ScreenOptions {
  /** The run to show; without it the home screen is. */
  source?: RunSource;
  home?: HomeActions;
  /** Runs to be compared, instead. */
  compared?: readonly Side[];
  /** The metric that is shown at first. */
  metric?: string;
  /** Saves what is on the screen. @returns what to tell the user */
  screenshot: (state: ScreenState) => Promise<string>;
}

/** How the screen ended, and the run it showed last. */
export interface ScreenEnd {
  /** `gone`: the terminal went away, or a signal asked to end. Training of our own goes on by itself then. */
  how: 'left' | 'detached' | 'gone';
  signal?: EndingSignal;
  run: RunModel;
  control: ScreenState['control'];
}

function startState({ env, stdout, screen }: ScreenSurroundings, options: ScreenOptions): ScreenState {
  return {
    ...initialState,
    size: windowSize(stdout, env),
    theme: {
      ...initialState.theme,
      depth: coloursFor(screen.colour, env, Boolean(stdout.isTTY)).depth,
      ascii: charactersFor(screen.ascii, env).ascii,
      ...wishedTheme(screen, env),
    },
    mouse: screen.mouse,
    metric: options.metric ?? initialState.metric,
    screens: options.source ? ['network'] : options.compared ? [] : ['home'],
    control: options.source?.control ?? 'none',
  };
}

/** What the screen needs to carry out what the reducer asks for. */
interface Means {
  options: ScreenOptions;
  store: Store;
  session: TerminalSession;
  connection: RunConnection;
  look: ScreenLook;
  finish: (end: Pick<ScreenEnd, 'how' | 'signal'>) => void;
}

function tell(store: Store, text: string, tone: 'plain' | 'error' = 'plain'): void {
  store.dispatch({ source: 'message', message: { text, tone } });
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function listRuns({ home }: ScreenOptions, store: Store): Promise<void> {
  try {
    const { unreadable = [], ...listed } = (await home?.list()) ?? { entries: [] };
    store.dispatch({ source: 'home', ...listed, unreadable: unreadable.length });
    if (unreadable.length > 0) tell(store, unreadable.join('; '), 'error');
  } catch (thrown) {
    tell(store, messageOf(thrown), 'error');
  }
}

/** Lists the runs again whenever that may tell something new, while they are shown: other processes begin and end some. */
async function keepListed({ home }: ScreenOptions, store: Store, signal: AbortSignal): Promise<void> {
  if (!home) return;
  for await (const _ of home.changes(signal)) {
    if (store.state.screens.at(-1) !== 'home') continue;
    // What could not be read was told of before.
    const listed = await home.list().catch(() => undefined);
    if (!listed) continue;
    const { entries, demo, unreadable = [] } = listed;
    const isSame = isDeepStrictEqual([entries, demo], [store.state.home.entries, store.state.home.demo]);
    if (!isSame) store.dispatch({ source: 'home', entries, demo, unreadable: unreadable.length });
  }
}

/** The next way to draw pictures, round and round. */
function switchImages({ store, session: { pictures } }: Means): void {
  const next = cycled(imageChoices, pictures.choice);
  const { protocol, reason } = pictures.choose(next);
  tell(store, next === 'auto' ? `Pictures: auto, ${protocol} (${reason}).` : `Pictures: ${next}.`);
}

async function saveScreenshot({ options, store }: Means): Promise<void> {
  // What the key was pressed on: without the words that say a picture is being saved.
  const state = { ...store.state, message: undefined };
  try {
    tell(store, await options.screenshot(state));
  } catch (thrown) {
    tell(store, `No screenshot: ${messageOf(thrown)}`, 'error');
  }
}

async function compareRuns({ options, store }: Means, directories: readonly string[]): Promise<void> {
  try {
    const sides = await options.home?.compare(directories);
    // Meanwhile the user may have opened a run.
    if (sides && screenOf(store.state) === 'home') store.dispatch({ source: 'compared', sides });
  } catch (thrown) {
    tell(store, messageOf(thrown), 'error');
  }
}

function perform(effect: Effect, means: Means): void {
  const { options, store, session, connection, finish } = means;
  switch (effect.type) {
    case 'send':
      return connection.send(effect.command);
    case 'leave':
      return finish({ how: 'left' });
    case 'detach':
      return finish({ how: 'detached' });
    case 'redraw':
      void means.look.askTmux();
      return session.redraw();
    case 'suspend':
      return session.suspend();
    case 'images':
      return switchImages(means);
    case 'mouse':
      return session.setMouse(effect.on);
    case 'screenshot':
      return void saveScreenshot(means);
    case 'close-run':
      connection.letGo();
      return void listRuns(options, store);
    case 'open-run':
      if (options.home) connection.replace(options.home.open(effect.directory));
      return;
    case 'compare':
      return void compareRuns(means, effect.directories);
    case 'train':
      if (options.home) connection.replace(options.home.train());
      return;
  }
}

/** What the terminal says of its background, its characters and its colours decides the theme's. */
async function askTerminal({ store, session, look }: Means, { screen: { theme } }: ScreenSurroundings): Promise<void> {
  void look.askTmux();
  const { isLight, ...heard } = await session.pictures.ask();
  look.hear(heard);
  session.tab.hear(heard.name);
  if (isLight === undefined || theme === 'dark' || theme === 'light') return;
  const background = isLight ? 'light' : 'dark';
  if (background !== store.state.theme.background) store.dispatch({ source: 'theme', theme: { background } });
}

/**
 * From now on the thread that makes garbage collects the young part of it alone, some milliseconds at a time. By
 * default V8 shares that out among helper threads and waits until each of them had a processor: on a busy machine a
 * twentieth to a quarter of a second, in the middle of a key, for work of two milliseconds.
 */
function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Runs the screen until the user leaves it or the terminal goes away. Each cell has one owner: what shows a run is a
 * {@link Canvas}, which is there before React and Ink are (loading them takes longer than all before it); the home screen
 * and dialogs are Ink's. The painter, which stands between Ink and the terminal, sends both in one update.
 */
export async function runScreen(options: ScreenOptions, surroundings: ScreenSurroundings): Promise<ScreenEnd> {
  const { stdin, env } = surroundings;
  // A terminal's stream always has one; Node's types only say so of process.stdout.
  const terminal = surroundings.stdout as NodeJS.WriteStream & { fd: number };
  let finish: Means['finish'] = () => undefined;
  const ended = new Promise<Pick<ScreenEnd, 'how' | 'signal'>>((resolve) => (finish = resolve));
  const state = startState(surroundings, options);
  const store = createStore(state, (effect) => perform(effect, means));
  const session = new TerminalSession({
    stdin,
    stdout: terminal,
    depth: state.theme.depth,
    mouse: state.mouse,
    pictures: {
      ...{ choice: surroundings.screen.images, ascii: state.theme.ascii, env },
      characters: isUnsure(surroundings.screen.ascii, env),
    },
    onGone: () => finish({ how: 'gone' }),
    onSignal: (signal) => finish({ how: 'gone', signal }),
  });
  const connection = new RunConnection(store);
  const look = new ScreenLook(store, session, surroundings);
  const announcer = new Announcer(store, session.tab, surroundings.screen.announce);
  const means: Means = { options, store, session, connection, look, finish };
  const canvas = new Canvas(store, session.pictures.layer);
  const explore = (directory: string): Exploration =>
    startExploration(programFile('analysis-worker'), directory, surroundings);
  let unmount = (): void => undefined;
  let stopAnnouncing = unmount;

  const listing = new AbortController();
  if (options.source) connection.show(options.source);
  else if (options.compared) store.dispatch({ source: 'compared', sides: options.compared });
  else void listRuns(options, store).then(() => keepListed(options, store, listing.signal));
  // Before the terminal is asked anything: neither its answers nor what is typed until Ink listens may be echoed.
  session.input.setRawMode(true);
  session.open();
  session.input.onEvent((event) => {
    if (event.type === 'focus' && event.isFocused) void look.askTmux();
    announcer.hear(event);
  });
  try {
    const host = import('./app.tsx');
    session.painter.enter();
    canvas.paint();
    const { mount } = await host;
    const instance = mount({ store, session, terminal, canvas, explore });
    unmount = () => instance.unmount();
    // Not before: what was compiled ahead is refused once V8's settings are others.
    collectAlone();
    void askTerminal(means, surroundings);
    stopAnnouncing = announcer.follow();
    const end = await Promise.race([ended, instance.waitUntilExit().then(() => ({ how: 'left' as const }))]);
    return { ...end, run: store.state.run, control: store.state.control };
  } finally {
    listing.abort();
    connection.close();
    stopAnnouncing();
    look.close();
    await session.leave();
    unmount();
    session.close();
  }
}
