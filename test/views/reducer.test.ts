import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyTable, type Command, type CommandId } from '../../src/views/keys/table.ts';
import { cursorPlace } from '../../src/views/model/layer-rows.ts';
import { windowOf } from '../../src/views/model/navigation.ts';
import { metricsOfRun } from '../../src/views/model/metrics.ts';
import { isStepDone, valueAt } from '../../src/views/model/run-model.ts';
import { reduce } from '../../src/views/model/reducer.ts';
import { extent, initialState, screenOf, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { after, fakeBatch, fakeEpoch, fakeEvents, fakeHeader, press } from './fake-run.ts';

const own: ScreenState = { ...initialState, control: 'own' };
const training = after([{ source: 'run', events: fakeEvents() }], own);

const commandIds = [...new Set(keyTable.map(({ command }) => command))];
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom(...commandIds).map((id): Command => ({ id })),
  fc.string({ maxLength: 1 }).map((text): Command => ({ id: 'type', text })),
  fc.constantFrom('up', 'down', 'left', 'right').map((direction): Command => ({ id: 'wheel', direction })),
  fc.nat(60).map((index): Command => ({ id: 'choose', index })),
  fc
    .record({ layer: fc.nat(60), epoch: fc.option(fc.nat(60), { nil: undefined }) })
    .map((place): Command => ({ id: 'cell', ...place })),
);
const header = fakeHeader();
const actions: fc.Arbitrary<ViewAction> = fc.oneof(
  { weight: 4, arbitrary: commands.map((command): ViewAction => ({ source: 'key', command })) },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 1, max: 50 })
      .map((epoch): ViewAction => ({ source: 'run', events: [{ type: 'epoch', record: fakeEpoch(header, epoch) }] })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) })
      .map((size): ViewAction => ({ source: 'resize', size })),
  },
);

it('metrics that are found of records later join those that are there', () => {
  const records = [1, 2, 3].map((epoch) => fakeEpoch(header, epoch));
  const start = after([{ source: 'run', events: records.map((record) => ({ type: 'epoch', record })) }], own);
  expect(metricsOfRun(start.run)).not.toContain('spread');
  const found = { ...records[1], layers: { ...records[1].layers, spread: header.network.layers.map(() => 7) } };
  const { run, cursor } = after([{ source: 'run', events: [{ type: 'measured', record: found }] }], start);
  expect(metricsOfRun(run)).toContain('spread');
  expect(run.epochs.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect([0, 1, 2].map((epoch) => valueAt(run, 'spread', 0, epoch))).toEqual([undefined, 7, undefined]);
  expect(run.ranges.get('spread')?.[0]).toEqual({ low: 7, high: 7 });
  expect(cursor).toEqual(start.cursor);
});

describe('any sequence of actions', () => {
  it('keeps the cursor in the run and the window around the cursor', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (sequence, layers) => {
        const start = after([{ source: 'run', events: fakeEvents({ layers, epochs: 5 }) }], own);
        const state = after(sequence, start);
        const all = extent(state);
        const visible = windowOf(state);
        expect(state.cursor.layer).toBeGreaterThanOrEqual(0);
        expect(state.cursor.layer).toBeLessThan(all.layers);
        expect(state.cursor.epoch).toBeGreaterThanOrEqual(0);
        expect(state.cursor.epoch).toBeLessThan(Math.max(1, all.epochs));
        expect(state.offset.epoch).toBeLessThanOrEqual(state.cursor.epoch);
        expect(state.cursor.epoch).toBeLessThan(state.offset.epoch + visible.epochs);
        if (screenOf(state) === 'network') {
          expect(state.offset.row).toBeLessThanOrEqual(cursorPlace(state));
          expect(cursorPlace(state)).toBeLessThan(state.offset.row + visible.rows);
        }
        if (state.follow && all.epochs > 0) expect(state.cursor.epoch).toBe(all.epochs - 1);
        expect(state.screens.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('never changes a state in place', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 15 }), (sequence) => {
        const before = structuredClone(training);
        after(sequence, training);
        expect(training).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });
});

describe('events of a run', () => {
  it('come out the same one by one and all at once', () => {
    const events = [...fakeEvents({ epochs: 20 }), fakeBatch(21)];
    const together = after([{ source: 'run', events }]);
    const single = after(events.map((event): ViewAction => ({ source: 'run', events: [event] })));
    expect(single.run).toEqual(together.run);
    expect(single.cursor).toEqual(together.cursor);
  });

  it('replace epochs that a resumed run trains again', () => {
    const again = fakeEpoch(header, 8);
    const { run } = after([{ source: 'run', events: [{ type: 'epoch', record: again }] }], training);
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(run.epochs.at(-1)).toBe(again);
    const values = run.epochs.map(({ layers }) => layers.discriminability[0] ?? Number.NaN);
    expect(run.ranges.get('discriminability')?.[0]).toEqual({ low: Math.min(...values), high: Math.max(...values) });
  });

  it('may be counted by steps from 0, and go on at an earlier one', () => {
    const step = (number: number): ViewAction => ({
      source: 'run',
      events: [{ type: 'epoch', record: { ...fakeEpoch(header, 1), number } }],
    });
    const { run } = after([step(0), step(500), step(1000), step(500), step(0), step(500)], own);
    expect(run.epochs.map(({ number }) => number)).toEqual([0, 500]);
  });

  it('leave missing and non-finite values out of the ranges', () => {
    const record = { ...fakeEpoch(header, 13), layers: { discriminability: [Number.NaN, Infinity], density: [] } };
    const { run } = after([{ source: 'run', events: [{ type: 'epoch', record }] }], training);
    expect(run.ranges.get('discriminability')).toEqual(training.run.ranges.get('discriminability'));
    expect(run.ranges.get('density')).toEqual(training.run.ranges.get('density'));
  });

  it('end the progress of an epoch once it is committed', () => {
    const busy = after([{ source: 'run', events: [fakeBatch(13)] }], training);
    expect(busy.run.batch).toBeDefined();
    const done = after([{ source: 'run', events: [{ type: 'epoch', record: fakeEpoch(header, 13) }] }], busy);
    expect(done.run.batch).toBeUndefined();
  });
});

describe('following the newest epoch', () => {
  const next: ViewAction = { source: 'run', events: [{ type: 'epoch', record: fakeEpoch(header, 13) }] };

  it('is left by moving away and taken up again at the end', () => {
    expect(after([next], training).cursor.epoch).toBe(12);
    const away = after(press('left'), training);
    expect(away.follow).toBe(false);
    expect(after([next], away).cursor.epoch).toBe(10);
    expect(after([...press('last-epoch'), next], away).cursor.epoch).toBe(12);
    expect(after([...press('right'), next], away).cursor.epoch).toBe(12);
  });

  it('stands still while the display is frozen, and catches up', () => {
    const frozen = after([...press('freeze'), next], training);
    expect(frozen.run.epochs).toHaveLength(13);
    expect(frozen.cursor.epoch).toBe(11);
    expect(after(press('freeze'), frozen).cursor.epoch).toBe(12);
  });
});

describe('leaving', () => {
  const effectsOf = (state: ScreenState, id: CommandId) =>
    reduce(state, { source: 'key', command: { id } }).effects.map(({ type }) => type);

  it('asks once while training', () => {
    expect(effectsOf(training, 'leave')).toEqual([]);
    const asked = after(press('leave'), training);
    expect(asked.dialog?.kind).toBe('leave');
    expect(effectsOf(asked, 'detach')).toEqual(['detach']);
    expect(effectsOf({ ...asked, control: 'inside' }, 'detach')).toEqual([]);
    expect(after(press('cancel'), asked).dialog).toBeUndefined();
  });

  it('waits for the trainer when it is to stop', () => {
    const asked = after(press('leave'), training);
    const again = after(press('stop-after-epoch'), asked);
    expect(again.dialog).toEqual({ kind: 'leave', armed: 'stop-after-epoch' });
    const { state, effects } = reduce(again, { source: 'key', command: { id: 'stop-after-epoch' } });
    expect(effects).toEqual([{ type: 'send', command: { type: 'stop', when: 'after-epoch' } }]);
    const stopped = reduce(state, { source: 'run', events: [{ type: 'state', state: 'stopped' }] });
    expect(stopped.effects).toEqual([{ type: 'leave' }]);
  });

  it('loses work only when the same key is pressed twice, one right after the other', () => {
    const asked = after(press('leave'), training);
    const stops = ['stop-now', 'stop-after-epoch'] as const;
    for (const [index, id] of stops.entries()) {
      const armed = after(press(id), asked);
      expect(effectsOf(asked, id)).toEqual([]);
      expect(effectsOf(armed, id)).toEqual(['send']);
      const between: ViewAction[] = [
        { source: 'key', command: { id: stops[1 - index] } },
        { source: 'unknown-key', key: 't' },
        { source: 'paste', text: 'ss' },
      ];
      for (const action of between) expect(effectsOf(after([action], armed), id)).toEqual([]);
      // What only comes meanwhile changes nothing.
      const epochs = after([{ source: 'run', events: [] }], armed);
      expect(effectsOf(epochs, id)).toEqual(['send']);
    }
  });

  it.each(['finished', 'stopped', 'crashed'] as const)(
    'says that a training has ended (%s) meanwhile, instead of asking on',
    (ending) => {
      const asked = after(press('leave'), training);
      const ended = after([{ source: 'run', events: [{ type: 'state', state: ending }] }], asked);
      expect([ended.message?.text, ended.dialog]).toEqual(['The training has ended; q leaves.', undefined]);
      for (const id of ['stop-now', 'stop-after-epoch'] as const) {
        const { state, effects } = reduce(ended, { source: 'key', command: { id } });
        expect([state.dialog, effects]).toEqual([undefined, []]);
      }
      expect(effectsOf(ended, 'leave')).toEqual(['leave']);
    },
  );

  it('is not what Esc does to a training of ours, wherever it was opened from', () => {
    const screens: ScreenState['screens'] = ['home', 'network'];
    const stays = reduce({ ...training, screens }, { source: 'key', command: { id: 'back' } });
    expect([stays.effects, stays.state.screens]).toEqual([[], screens]);
    expect(stays.state.message?.text).toContain('q leaves, and asks');
    const watched = reduce({ ...training, screens, control: 'other' }, { source: 'key', command: { id: 'back' } });
    expect([watched.effects, watched.state.screens]).toEqual([[{ type: 'close-run' }], ['home']]);
  });

  it('is immediate when nothing of ours is under way', () => {
    expect(effectsOf({ ...training, control: 'other' }, 'leave')).toEqual(['leave']);
    const finished = after([{ source: 'run', events: [{ type: 'state', state: 'finished' }] }], training);
    expect(effectsOf(finished, 'leave')).toEqual(['leave']);
  });

  it('is never what Esc does', () => {
    let state = after(press('open'), training);
    for (let times = 0; times < 5; times++) {
      const { state: next, effects } = reduce(state, { source: 'key', command: { id: 'back' } });
      expect(effects).toEqual([]);
      state = next;
    }
    expect(state.screens).toEqual(['network']);
  });
});

describe('pausing', () => {
  it('is asked of our own trainer only', () => {
    const send = (state: ScreenState) => reduce(state, { source: 'key', command: { id: 'pause' } }).effects;
    expect(send(training)).toEqual([{ type: 'send', command: { type: 'pause' } }]);
    const paused = after([{ source: 'run', events: [{ type: 'state', state: 'paused' }] }], training);
    expect(send(paused)).toEqual([{ type: 'send', command: { type: 'resume' } }]);
    expect(send({ ...training, control: 'other' })).toEqual([]);
  });
});

describe('finding and the palette', () => {
  const type = (text: string): ViewAction[] =>
    Array.from(text, (character) => ({ source: 'key', command: { id: 'type', text: character } }));

  it('finds a layer by its label', () => {
    const found = after([...press('find'), ...type('conv4'), ...press('accept')], training);
    expect(found.cursor.layer).toBe(9);
    expect(found.dialog).toBeUndefined();
  });

  it('stays open when there is no such layer', () => {
    const nothing = after([...press('find'), ...type('zebra'), ...press('accept')], training);
    expect(nothing.dialog?.kind).toBe('find');
    expect(nothing.cursor).toEqual(training.cursor);
  });

  it('carries out the chosen command', () => {
    const done = after([...press('palette'), ...type('show density'), ...press('accept')], training);
    expect(done.metric).toBe('density');
    expect(done.dialog).toBeUndefined();
  });
});

it('opens a dialog with the error that ended the training', () => {
  const error = { code: 'diverged', message: 'The loss became NaN at step 12 of epoch 13', hint: 'Lower the rate.' };
  const failed = after([{ source: 'run', events: [{ type: 'state', state: 'failed', error }] }], training);
  expect(failed.dialog?.kind).toBe('failure');
  expect(after(press('cancel'), failed).dialog).toBeUndefined();
});

it('shows each of several steps that run at a time once, until the run begins', () => {
  const step = (label: string, done: number): ViewAction => ({
    source: 'run',
    events: [{ type: 'step', progress: { label, done, total: 10, unit: 'items' } }],
  });
  const preparing = after([step('images', 1), step('engine', 1), step('images', 10), step('engine', 5)], own);
  expect(preparing.run.steps.map(({ label, done }) => [label, done])).toEqual([
    ['images', 10],
    ['engine', 5],
  ]);
  expect(preparing.run.steps.map((one) => isStepDone(preparing.run, one))).toEqual([true, false]);
  const begun = after([{ source: 'run', events: [{ type: 'run', header, directory: '/runs/one' }] }], preparing);
  expect(begun.run.steps.every((one) => isStepDone(begun.run, one))).toBe(true);
});
