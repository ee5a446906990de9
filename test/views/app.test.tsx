import '../../src/views/screen/polyfill.ts';
import { Readable } from 'node:stream';
import { render } from 'ink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Size } from '../../src/imaging/cells/cells.ts';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { TerminalSession } from '../../src/imaging/terminal/terminal-session.ts';
import type { Effect, ScreenState } from '../../src/views/model/state.ts';
import { App } from '../../src/views/screen/app.tsx';
import { Canvas } from '../../src/views/screen/canvas.ts';
import { createStore, type Store } from '../../src/views/screen/store.ts';
import { FakeStdout } from '../support/terminal/fake-stdout.ts';
import { stateOf, textOf } from './frame-files.ts';
import { after, fakeBatch, fakeEvents, press } from './fake-run.ts';

class FakeStdin extends Readable {
  readonly isTTY = true;
  readonly isRaw = true;
  setRawMode = (): this => this;
  ref = (): this => this;
  unref = (): this => this;
  override _read(): void {
    // What a test types is pushed.
  }
}

const size: Size = { columns: 80, rows: 24 };
const live = { source: 'run', events: [...fakeEvents({ epochs: 12 }), fakeBatch(13)] } as const;
const explore = (): never => {
  throw new Error('nothing is asked here');
};
/** Waits for what must come; a busy machine takes its time. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000 });

const opened: { unmount: () => void }[] = [];

afterEach(() => {
  for (const app of opened.splice(0)) app.unmount();
});

/** The program on a terminal of the test's own, on which it is drawn as on a real one. */
function open(state: ScreenState) {
  const stdin = new FakeStdin();
  const stdout = new FakeStdout(state.size) as unknown as NodeJS.WriteStream & { fd: number };
  const effects: Effect[] = [];
  const store: Store = createStore(state, (effect) => effects.push(effect));
  const session = new TerminalSession({
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout,
    depth: 'none',
    mouse: true,
    onGone: () => undefined,
    onSignal: () => undefined,
  });
  const canvas = new Canvas(store, session.pictures.layer);
  session.painter.enter();
  const app = render(<App store={store} session={session} terminal={stdout} canvas={canvas} explore={explore} />, {
    stdout: session.stdout,
    stdin: session.stdin,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    patchConsole: false,
  });
  opened.push(app);
  const shown = (): string => gridToText(session.painter.picture);
  return {
    store,
    effects,
    stdout,
    shown,
    /** Presses a key. */
    type: async (key: string): Promise<void> => {
      const before = store.state;
      stdin.push(key);
      await eventually(() => expect(store.state).not.toBe(before));
    },
    click: async (row: number, column: number): Promise<void> => {
      const heard = new Promise<void>((resolve) => {
        const stop = session.input.onEvent(() => {
          stop();
          resolve();
        });
      });
      stdin.push(`\u001b[<0;${column + 1};${row + 1}M`);
      await heard;
    },
    place: (text: string): [row: number, column: number] => {
      const rows = shown().split('\n');
      const row = rows.findLastIndex((line) => line.includes(text));
      return [row, rows[row]?.indexOf(text) ?? -1];
    },
  };
}

describe('the screen', () => {
  it('shows what the state does: a run, dialogs over it, and the run again', async () => {
    const state = stateOf([live], size, 'none');
    const { shown, type, store } = open(state);
    await eventually(() => expect(shown()).toBe(textOf(state)));
    await type('?');
    await eventually(() => expect(shown()).toBe(textOf(store.state)));
    expect(shown()).toContain('Keys of the network view');
    await type('q');
    await eventually(() => expect(shown()).toBe(textOf(state)));
    await type(':');
    await type('zz');
    await eventually(() => expect(shown()).toContain('nothing of that name'));
    expect(shown()).toBe(textOf(store.state));
  });

  it('goes on under a dialog, which it leaves free', async () => {
    const { shown, type, store } = open(stateOf([live], size, 'none'));
    await type('?');
    await eventually(() => expect(shown()).toBe(textOf(store.state)));
    const before = shown();
    store.dispatch({ source: 'run', events: [{ type: 'state', state: 'finished' }] });
    expect(textOf(store.state)).not.toBe(before);
    await eventually(() => expect(shown()).toBe(textOf(store.state)));
  });

  it('follows the size of its terminal', async () => {
    const { shown, stdout, store } = open(stateOf([live, ...press('help')], size, 'none'));
    for (const next of [
      { columns: 120, rows: 40 },
      { columns: 40, rows: 12 },
      { columns: 20, rows: 5 },
    ]) {
      Object.assign(stdout, next);
      stdout.emit('resize');
      await eventually(() => expect(shown()).toBe(textOf(store.state)));
      expect(store.state.size).toEqual(next);
    }
  });
});

describe('clicks', () => {
  it('on a hint of the footer do what its key does', async () => {
    const { click, place, store } = open(stateOf([live], size, 'none'));
    await eventually(() => expect(place('freeze')[0]).toBe(23));
    await click(...place('freeze'));
    expect(store.state.frozen).toBeDefined();
    await click(...place('? help'));
    expect(store.state.dialog?.kind).toBe('help');
  });

  it('on a label or a cell choose them', async () => {
    const { click, place, store } = open(stateOf([live], size, 'none'));
    await eventually(() => expect(place('conv5-64')[0]).toBeGreaterThan(0));
    await click(...place('conv5-64'));
    expect(store.state.cursor.layer).toBe(6);
    await click(3, 17);
    expect(store.state.cursor).toMatchObject({ layer: 0, epoch: 0 });
  });

  it('beside an open dialog do nothing, in it what it says', async () => {
    const leave = stateOf([live, ...press('leave')], size, 'none');
    const { click, effects, place, store } = open(leave);
    await eventually(() => expect(place('training goes on')[0]).toBeGreaterThan(0));
    await click(3, 2);
    expect(store.state).toBe(leave);
    await click(...place('training goes on'));
    expect(effects).toEqual([{ type: 'detach' }]);
  });

  it('choose from what a dialog offers', async () => {
    const { click, place, store } = open(stateOf([live, ...press('palette')], size, 'none'));
    await eventually(() => expect(place('show density')[0]).toBeGreaterThan(0));
    await click(...place('show density'));
    expect(store.state).toMatchObject({ dialog: undefined, metric: 'density' });
  });

  it('on the home screen choose what is there', async () => {
    const start: ScreenState = { ...stateOf([], size, 'none'), screens: ['home'] };
    const state = after([{ source: 'home', entries: [], demo: '/demo' }], start);
    const { click, place, store, shown } = open(state);
    await eventually(() => expect(shown()).toBe(textOf(state)));
    await click(...place('a recorded run'));
    expect(store.state.home.choice).toBe(1);
    await eventually(() => expect(shown()).toBe(textOf(store.state)));
  });
});

describe("playback's time", () => {
  it('ticks while the epochs are played, at their rate, and not at all else', async () => {
    const finished = { source: 'run', events: [{ type: 'state', state: 'finished' }] } as const;
    const played = { source: 'run', events: fakeEvents({ epochs: 6, planned: 6 }) } as const;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { store } = open(stateOf([played, finished], size, 'none'));
      const others = vi.getTimerCount();
      const timers = (count: number): Promise<void> =>
        vi.waitUntil(() => vi.getTimerCount() === others + count).then(() => undefined);
      store.dispatch({ source: 'key', command: { id: 'play' } });
      await timers(1);
      vi.advanceTimersByTime(500);
      expect(store.state.cursor.epoch).toBe(2);
      store.dispatch({ source: 'key', command: { id: 'slower' } });
      await new Promise((resolve) => setImmediate(resolve));
      await timers(1);
      vi.advanceTimersByTime(500);
      expect(store.state.cursor.epoch).toBe(3);
      vi.advanceTimersByTime(5000);
      expect(store.state).toMatchObject({ cursor: { epoch: 5 }, playback: undefined });
      await timers(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
