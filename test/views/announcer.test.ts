/* eslint-disable no-control-regex -- what is sent to a terminal */
import { describe, expect, it } from 'vitest';
import { TerminalTab, type AnnounceChoice } from '../../src/imaging/terminal/tab.ts';
import { Announcer, progressOf, titleOf } from '../../src/views/screen/announcer.ts';
import { createStore } from '../../src/views/screen/store.ts';
import { initialState } from '../../src/views/model/state.ts';
import type { RunEvent } from '../../src/engine/run/index.ts';
import { after, fakeBatch, fakeEvents } from './fake-run.ts';

const bell = '\u0007';

/** A run of 45 epochs of which some are over, and a terminal that is told of it. */
function told(env: Record<string, string> = {}, choice: AnnounceChoice = 'auto', start = initialState) {
  const written: string[] = [];
  let now = 0;
  const tab = new TerminalTab({ env, write: (sequences) => written.push(sequences) });
  const store = createStore(start, () => undefined);
  const announcer = new Announcer(store, tab, choice, () => now);
  announcer.follow();
  const hear = (...events: RunEvent[]): string => {
    const before = written.length;
    store.dispatch({ source: 'run', events });
    return written.slice(before).join('');
  };
  return { hear, tab, announcer, store, written, wait: (milliseconds: number) => (now += milliseconds) };
}

const live = (epochs: number): RunEvent[] => [...fakeEvents({ epochs }), { type: 'state', state: 'running' }];
const finished: RunEvent = { type: 'state', state: 'finished' };

describe('the title of the window', () => {
  it('says the state, the epoch, the network and its error', () => {
    const state = after([{ source: 'run', events: live(12) }]);
    expect(titleOf(state)).toMatch(/^● 12\/45 lenet \d+\.\d %$/);
    const ascii = { ...state, theme: { ...state.theme, ascii: true } };
    expect(titleOf({ ...ascii, run: { ...state.run, state: 'finished' } })).toMatch(/^# 12\/45 lenet /);
    expect(titleOf(initialState)).toBe('deepview-tui');
  });

  it('is sent when it changes, after the terminal was asked to keep its own', () => {
    const { hear, tab, written } = told();
    expect(written.join('')).toBe('\u001b[22;2t\u001b]2;deepview-tui\u001b\\');
    expect(hear(...live(12))).toMatch(/^\u001b\]2;● 12\/45 lenet [\d.]+ %\u001b\\$/);
    expect(hear(fakeBatch(13))).toBe('');
    expect(tab.undoing).toBe('\u001b[23;2t');
    expect(tab.again).toMatch(/^\u001b\[22;2t\u001b\]2;● 12/);
  });

  it('carries nothing that steers the terminal, whatever a network is called', () => {
    const { hear } = told();
    const begun = { type: 'begun', id: 'a', directory: '/a', network: 'a\u001b]0;b\u0007c' } as const;
    const sent = hear({ ...begun, dataset: 'shapes' });
    expect(sent.slice(4, -2)).not.toMatch(/[\u001b\u0007]/);
  });

  it('is left alone where that is asked for', () => {
    const { hear, tab, written } = told({}, 'off');
    hear(...live(12));
    expect([written, tab.undoing]).toEqual([[], '']);
  });
});

describe('the progress of a tab', () => {
  it('counts the epochs that are over and the batches of the next', () => {
    const { run } = after([{ source: 'run', events: live(12) }]);
    expect(progressOf(run)).toEqual({ share: 12 / 45, state: 'going' });
    const { run: within } = after([{ source: 'run', events: [...live(12), fakeBatch(13)] }]);
    const { batch, batches } = within.batch!;
    expect(progressOf(within)).toEqual({ share: (12 + batch / batches) / 45, state: 'going' });
    // Records may be steps, of which an epoch has many.
    const [last] = run.epochs.slice(-1);
    const steps = { ...run, epochs: [{ ...last, number: 6000 }] };
    expect(progressOf(steps)).toEqual({ share: 12 / 45, state: 'going' });
    expect(progressOf({ ...run, state: 'paused' })?.state).toBe('paused');
    expect(progressOf({ ...run, state: 'finished' })).toBeUndefined();
  });

  it('is sent where terminals draw it, and taken back at the end', () => {
    const { hear, tab } = told({ WT_SESSION: 'x' });
    expect(hear(...live(12))).toContain('\u001b]9;4;1;26\u001b\\');
    expect(tab.undoing).toContain('\u001b]9;4;0\u001b\\');
    expect(hear(finished)).toContain('\u001b]9;4;0\u001b\\');
    expect(tab.undoing).not.toContain('9;4');
    // Others make a notification of it.
    for (const env of [{}, { TERM_PROGRAM: 'iTerm.app' }, { WT_SESSION: 'x', TMUX: 'y' }]) {
      expect(told(env).hear(...live(12))).not.toContain('9;4');
    }
  });

  it('is sent once the terminal has given its name', () => {
    const { hear, tab } = told();
    tab.hear('ghostty 1.2.0');
    expect(hear(...live(12))).toContain(']9;4;1;26');
  });
});

describe('the end of a training', () => {
  const ends = (
    {
      wait = 0,
      focus,
      event = finished,
      choice,
    }: { wait?: number; focus?: boolean; event?: RunEvent; choice?: AnnounceChoice },
    env: Record<string, string> = {},
  ): string => {
    const { hear, announcer, wait: pass } = told(env, choice);
    hear(...live(44));
    pass(wait);
    if (focus !== undefined) announcer.hear({ type: 'focus', isFocused: focus });
    return hear(event);
  };

  it('rings for users who look at another window, or have waited for a minute', () => {
    expect(ends({ focus: false })).toContain(bell);
    expect(ends({ wait: 60_000 })).toContain(bell);
    expect(ends({ wait: 59_000 })).not.toContain(bell);
    expect(ends({ wait: 60_000, focus: true })).not.toContain(bell);
  });

  it('says what ended by the sequence that the terminal makes a notification of', () => {
    const wait = 60_000;
    expect(ends({ wait })).not.toMatch(/\](?:9|777);/);
    expect(ends({ wait }, { TERM: 'xterm-kitty' })).toMatch(/\u0007\u001b\]9;finished: 44\/45 lenet [\d.]+ %\u001b\\/);
    expect(ends({ wait }, { TERM: 'foot' })).toMatch(/\u001b\]777;notify;deepview-tui;finished: 44/);
    expect(ends({ wait, event: { type: 'state', state: 'diverged' } })).toContain(bell);
  });

  it('is silent where the user stopped it, or wants no bell', () => {
    expect(ends({ focus: false, event: { type: 'state', state: 'stopped' } })).not.toContain(bell);
    expect(ends({ focus: false, choice: 'title' })).not.toContain(bell);
  });

  it('is not told of a training that goes on when the user leaves it for another screen', () => {
    const start = (env: Record<string, string>) => told(env, 'auto', { ...initialState, screens: ['home', 'network'] });
    const { hear, store, written, wait } = start({ WT_SESSION: 'x' });
    hear(...live(12));
    wait(60_000);
    const before = written.length;
    store.dispatch({ source: 'key', command: { id: 'back' } });
    const sent = written.slice(before).join('');
    expect(sent).toBe('\u001b]2;deepview-tui\u001b\\\u001b]9;4;0\u001b\\');
    const another = start({});
    another.hear(...live(12));
    another.wait(60_000);
    another.store.dispatch({ source: 'opened', control: 'none' });
    expect(another.written.join('')).not.toContain(bell);
  });

  it('is no news of a run that was over when it was opened', () => {
    const { hear, announcer } = told();
    announcer.hear({ type: 'focus', isFocused: false });
    expect(hear(...fakeEvents({ epochs: 45 }), finished)).not.toContain(bell);
  });
});
