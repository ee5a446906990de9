import { describe, expect, it } from 'vitest';
import { footerLine } from '../../src/views/frame/footer.ts';
import { initialState, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { textOf } from './frame-files.ts';
import { after, fakeEvents, press } from './fake-run.ts';

const finished: ViewAction = {
  source: 'run',
  events: [...fakeEvents({ epochs: 6, planned: 6 }), { type: 'state', state: 'finished' }],
};
const tick: ViewAction = { source: 'playback' };
const start = after([finished]);

describe('playback', () => {
  it('goes from the first epoch to the last, and is over there', () => {
    let state = after(press('play'), start);
    expect(state.cursor.epoch).toBe(0);
    const seen = [];
    while (state.playback) {
      seen.push(state.cursor.epoch);
      state = after([tick], state);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(state).toMatchObject({ cursor: { epoch: 5 }, follow: true, playback: undefined });
    expect(after([tick], state)).toBe(state);
  });

  it('begins where the cursor is, pauses there and goes on', () => {
    const playing = after([...press('left', 'left', 'left', 'play'), tick], start);
    expect(playing.cursor.epoch).toBe(3);
    const paused = after(press('play'), playing);
    expect(paused).toMatchObject({ playback: undefined, cursor: { epoch: 3 } });
    expect(after([...press('play'), tick], paused).cursor.epoch).toBe(4);
  });

  it('pauses at a step, and stops at Esc, back where it began', () => {
    const playing = after([...press('play'), tick, tick], start);
    expect(after(press('right'), playing)).toMatchObject({ playback: undefined, cursor: { epoch: 3 } });
    expect(after(press('left'), playing)).toMatchObject({ playback: undefined, cursor: { epoch: 1 } });
    const back = after(press('back'), playing);
    expect(back).toMatchObject({ playback: undefined, follow: true, cursor: { epoch: 5 }, screens: ['network'] });
    const inLayer = after([...press('open', 'left', 'left', 'play'), tick, ...press('back')], start);
    expect(inLayer).toMatchObject({ playback: undefined, cursor: { epoch: 3 }, screens: ['network', 'layer'] });
  });

  it('goes on through other keys, panes and views', () => {
    const playing = after(
      [...press('play'), tick, ...press('next-metric', 'down', 'open', 'next-pane', 'help', 'cancel'), tick],
      start,
    );
    expect(playing).toMatchObject({ metric: 'density', cursor: { layer: 1, epoch: 2 }, screens: ['network', 'layer'] });
    expect(playing.playback).toBeDefined();
  });

  it('has rates between two ends', () => {
    expect(after(press('faster'), start).playbackRate).toBe(8);
    expect(after(press('faster', 'faster', 'faster', 'faster'), start).playbackRate).toBe(16);
    const slow = after(press('slower', 'slower', 'slower'), start);
    expect(slow.playbackRate).toBe(1);
    expect(slow.message?.text).toBe('Playback shows 1 epoch a second.');
    expect(after(press('slower'), start).message?.text).toBe('Playback shows 2 epochs a second.');
  });

  it('is refused while the run grows, and with a single epoch', () => {
    const live = after(press('play'), after([{ source: 'run', events: fakeEvents({ epochs: 6 }) }]));
    expect(live.playback).toBeUndefined();
    expect(live.message?.text).toContain('does not grow any more');
    const single = after([
      { source: 'run', events: [...fakeEvents({ epochs: 1, planned: 1 }), { type: 'state', state: 'finished' }] },
      ...press('play'),
    ]);
    expect(single.message?.text).toContain('two epochs');
    const two: ViewAction[] = [{ source: 'run', events: fakeEvents({ epochs: 2, planned: 2 }) }];
    const over: ViewAction = { source: 'run', events: [{ type: 'state', state: 'finished' }] };
    expect(after([...two, over, ...press('play')]).playback).toEqual({ from: 1, follow: true });
  });

  it("shows each epoch's values, and says that it plays", () => {
    const playing = after([...press('play'), tick, tick], start);
    const text = textOf(playing);
    expect(text).toContain('playing');
    expect(text).toContain('4/s');
    expect(text).toMatch(/1 conv5-32, epoch 3 /);
    const value = playing.run.epochs[2]?.layers.discriminability[0]?.toFixed(2);
    expect(text.split('\n').find((line) => line.includes('1 conv5-32'))).toContain(value);
    expect(
      footerLine(playing, 200)
        .map((span) => span.text)
        .join(''),
    ).toContain('space pause');
    expect(
      footerLine(start, 200)
        .map((span) => span.text)
        .join(''),
    ).toContain('space play');
    const live = after([{ source: 'run', events: fakeEvents({ epochs: 6 }) }]);
    expect(
      footerLine(live, 200)
        .map((span) => span.text)
        .join(''),
    ).not.toContain('space');
  });
});

describe('the home screen', () => {
  const home = (demo?: string): ScreenState =>
    after([{ source: 'home', entries: [], demo }], { ...initialState, screens: ['home'] });

  it('offers the demo where there is one', async () => {
    const { reduce } = await import('../../src/views/model/reducer.ts');
    const with80 = home('/program/samples/demo');
    expect(textOf(with80)).toMatch(/demo +a recorded run: space plays it/);
    const chosen = after(press('down'), with80);
    const open = { type: 'open-run', directory: '/program/samples/demo' };
    expect(reduce(chosen, press('open')[0]).effects).toEqual([open]);
    expect(reduce(with80, press('demo')[0]).effects).toEqual([open]);
    expect(reduce(with80, press('open')[0]).effects).toEqual([{ type: 'train' }]);
  });

  it('says so where there is none', () => {
    expect(textOf(home())).not.toContain('demo');
    expect(after(press('demo'), home()).message?.text).toContain('no recorded demo');
  });
});
