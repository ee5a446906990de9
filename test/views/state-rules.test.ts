import { describe, expect, it, test } from 'vitest';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import type { RunRequest } from '../../src/engine/run/requests.ts';
import type { ExplorationRequest } from '../../src/engine/analysis/questions/messages.ts';
import { membersOf } from '../../src/views/layer/explored.ts';
import { requestsOf } from '../../src/views/model/requests.ts';
import { reduce } from '../../src/views/model/reducer.ts';
import { applyRunEvents, emptyRun, isStepDone, trendAt, trendOf } from '../../src/views/model/run-model.ts';
import {
  initialState,
  takes,
  valuedEpoch,
  type Control,
  type ScreenState,
  type ViewAction,
} from '../../src/views/model/state.ts';
import { answer, fakeMap, layerAnswers } from './fake-layer.ts';
import { neuronAnswers, toNeuron, usualNeuron } from './fake-neuron.ts';
import { after, fakeBatch, fakeEpoch, fakeEvents, fakeHeader, press } from './fake-run.ts';

const header = fakeHeader();
const runEvents = (...events: RunEvent[]): ViewAction => ({ source: 'run', events });
const unknownKey = (key: string): ViewAction => ({ source: 'unknown-key', key });
const notice = (text: string): RunEvent => ({ type: 'notice', text });
const said = (state: ScreenState): string | undefined => state.message?.text;
const live = after([{ source: 'run', events: fakeEvents() }], { ...initialState, control: 'own' });

describe('what happens to a run', () => {
  it('is told as a warning from the first epoch on; before that it has a place of its own', () => {
    expect(after([runEvents(notice('one'), notice('two'))], live).message).toEqual({ text: 'two', tone: 'warning' });
    const preparing = after([runEvents(notice('one'))]);
    expect([preparing.message, preparing.run.notices]).toEqual([undefined, ['one']]);
    expect(after([runEvents({ type: 'run', header, directory: '/one' }, notice('one'))]).message).toBeUndefined();
  });

  it('takes away what was said of a request only once it is done', () => {
    const asked = after(press('pause'), live);
    expect(said(after([runEvents(fakeBatch(13))], asked))).toContain('Asked to pause');
    expect(said(after([runEvents({ type: 'state', state: 'running' })], asked))).toContain('Asked to pause');
    expect(said(after([runEvents({ type: 'state', state: 'running', ending: 'now' })], asked))).toBeUndefined();
    const other = after([{ source: 'message', message: { text: 'other', tone: 'plain' } }], live);
    expect(said(after([runEvents({ type: 'state', state: 'paused' })], other))).toBe('other');
  });

  it('ends the screen where that was asked for, and only there', () => {
    const over = runEvents({ type: 'state', state: 'finished' });
    expect(reduce(live, over).effects).toEqual([]);
    expect(reduce({ ...live, ending: 'now' }, over).effects).toEqual([{ type: 'leave' }]);
    expect(reduce({ ...live, ending: 'now' }, runEvents(fakeBatch(13))).effects).toEqual([]);
    const begun: RunEvent = { type: 'begun', id: 'a', directory: '/runs/a' };
    const preparing: ScreenState = { ...initialState, control: 'own' };
    expect(reduce(preparing, runEvents(begun)).effects).toEqual([]);
    const leaving: ScreenState = { ...preparing, ending: 'detached' };
    expect(reduce(leaving, runEvents(notice('one'))).effects).toEqual([]);
    expect(reduce(leaving, runEvents(begun)).effects).toEqual([{ type: 'detach' }]);
    expect(reduce({ ...preparing, ending: 'now' }, runEvents(begun)).effects).toEqual([]);
  });

  it('opens its error once: what was closed stays closed', () => {
    const error = { code: 'diverged', message: 'The loss became NaN' };
    const failed = after([runEvents({ type: 'state', state: 'failed', error })], live);
    expect(failed.dialog?.kind).toBe('failure');
    const closed = after(press('cancel'), failed);
    expect(after([runEvents(notice('later'))], closed).dialog).toBeUndefined();
    expect(after([runEvents({ type: 'state', state: 'failed' })], live).dialog).toBeUndefined();
  });
});

test('a letter of another script is told of once; anything else is no keyboard of another kind', () => {
  const told = 'Keys are Latin letters; Esc, arrows, Enter and Ctrl-C work on every keyboard.';
  for (const key of ['й', 'ש', 'あ']) expect(said(after([unknownKey(key)], live)), key).toBe(told);
  for (const key of ['ß', 'é', 'йц', '5', '€', 'ctrl+й']) expect(after([unknownKey(key)], live), key).toBe(live);
  const again = after([unknownKey('й'), ...press('down'), unknownKey('ц')], live);
  expect([said(again), again.isToldOfLetters]).toEqual([undefined, true]);
});

test('another run begins anew, and keeps what was set and the way home', () => {
  const before = after(
    [
      { source: 'theme', theme: { ascii: true } },
      ...press('next-metric', 'left', 'down', 'down', 'freeze', 'open', 'scale'),
      { source: 'home', entries: [], demo: '/demo', unreadable: 2 },
    ],
    { ...live, screens: ['home', 'network'] },
  );
  expect(before.theme).toEqual({ ...live.theme, ascii: true });
  expect(before.home).toMatchObject({ entries: [], demo: '/demo', unreadable: 2 });
  const next = after([{ source: 'opened', control: 'other' }], { ...before, offset: { row: 3, epoch: 4 } });
  expect(next).toMatchObject({
    ...{ run: emptyRun, frozen: undefined, screens: ['home', 'network'], control: 'other', ending: undefined },
    ...{ follow: true, playback: undefined, cursor: { layer: 0, epoch: 0 }, offset: { row: 0, epoch: 0 } },
    ...{ metric: 'density', toggles: before.toggles, theme: before.theme },
  });
  expect(after([{ source: 'opened', control: 'none' }], live).screens).toEqual(['network']);
  expect(after([{ source: 'home', entries: [] }], before).home).toMatchObject({ demo: undefined, unreadable: 0 });
});

test('a layer that is left takes along what was chosen of it, a neuron its facet', () => {
  const layer = after([...press('open'), ...layerAnswers(1, 12, 32)], live);
  const chosen = after([{ source: 'key', command: { id: 'cluster', cluster: 2 } }], layer);
  expect(after(press('up'), chosen).exploration.cluster).toBe(2);
  expect(after(press('next-layer'), chosen).exploration).toMatchObject({ cluster: 0, neuron: undefined, attended: -1 });
});

test('what lies under a dialog is done by a click on a command in it, and no other click goes through', () => {
  const help = after(press('help'), live);
  const done = after([{ source: 'key', command: { id: 'metric', metric: 'density' } }], help);
  expect([done.metric, done.dialog?.kind]).toEqual([live.metric, 'help']);
  const below = after([{ source: 'key', command: { id: 'freeze' } }], help);
  expect([below.frozen === undefined, below.dialog]).toEqual([false, undefined]);
  const list = after(press('metrics'), live);
  const second = after([{ source: 'key', command: { id: 'choose', index: 1 } }], list);
  expect([second.metric, second.dialog]).toEqual(['density', undefined]);
  const none = after([{ source: 'key', command: { id: 'choose', index: 9 } }], list);
  expect([none.metric, none.dialog?.kind]).toEqual([live.metric, 'metrics']);
  // The wheel moves the choice of a list, not what lies beneath.
  const wheel = (direction: 'up' | 'down' | 'left' | 'right', from: ScreenState): unknown =>
    after([{ source: 'key', command: { id: 'wheel', direction } }], from).dialog;
  expect([wheel('down', list), wheel('right', list)]).toEqual([
    { kind: 'metrics', text: '', choice: 1 },
    { kind: 'metrics', text: '', choice: 1 },
  ]);
  const lower = after(press('next-choice'), list);
  expect([wheel('up', lower), wheel('left', lower)]).toEqual([
    { kind: 'metrics', text: '', choice: 0 },
    { kind: 'metrics', text: '', choice: 0 },
  ]);
});

describe('what can be asked of a training', () => {
  const can = (control: Control, state: 'preparing' | 'running' | 'finished', request: RunRequest, ...told: string[]) =>
    takes({ control, run: { ...emptyRun, state, requests: told } }, request);

  it('is all of one of our own, and while it is prepared only to stop now', () => {
    for (const control of ['own', 'inside'] as const) {
      expect(can(control, 'running', 'pause')).toBe(true);
      expect([can(control, 'preparing', 'pause'), can(control, 'preparing', 'stop-now')]).toEqual([false, true]);
      expect(can(control, 'finished', 'stop-now')).toBe(false);
    }
  });

  it('is what another process says that it takes, and nothing of a file', () => {
    expect([can('other', 'running', 'pause', 'pause'), can('other', 'running', 'pause', 'stop-now')]).toEqual([
      ...[true, false],
    ]);
    expect(can('other', 'finished', 'pause', 'pause')).toBe(false);
    expect(can('none', 'running', 'pause', 'pause')).toBe(false);
  });
});

describe('what is kept of a run', () => {
  it('has of each layer the lowest and the highest value so far', () => {
    const record = (number: number, value: number | null) => ({
      ...fakeEpoch(header, number),
      layers: { own: [value, 1] },
    });
    const rangesOf = (...values: (number | null)[]) =>
      applyRunEvents(
        emptyRun,
        values.map((value, at) => ({ type: 'epoch', record: record(at + 1, value) })),
      ).ranges.get('own');
    expect(rangesOf(2, 1, 3, 2)).toEqual([{ low: 1, high: 3 }, { low: 1, high: 1 }]); // prettier-ignore
    expect(rangesOf(3, 2, 1)?.[0]).toEqual({ low: 1, high: 3 });
    expect(rangesOf(null, NaN, Infinity)?.[0]).toEqual({ low: Infinity, high: -Infinity });
    expect(rangesOf(null, 5, NaN)?.[0]).toEqual({ low: 5, high: 5 });
  });

  it('are the newest 50 notices, 20 steps, and where it is', () => {
    const many = Array.from({ length: 60 }, (_, at) => notice(`notice ${at}`));
    const { notices } = applyRunEvents(emptyRun, many);
    expect([notices.length, notices[0], notices.at(-1)]).toEqual([50, 'notice 10', 'notice 59']);
    const step = (label: string, done: number, total?: number): RunEvent => ({
      type: 'step',
      progress: { label, done, unit: 'items', ...(total !== undefined && { total }) },
    });
    const { steps } = applyRunEvents(
      emptyRun,
      Array.from({ length: 25 }, (_, at) => step(`step ${at}`, 1)),
    );
    expect([steps.length, steps[0].label, steps.at(-1)?.label]).toEqual([20, 'step 5', 'step 24']);
    const run = applyRunEvents(emptyRun, [step('open', 5), step('half', 5, 10), step('whole', 10, 10)]);
    expect(run.steps.map((one) => isStepDone(run, one))).toEqual([false, false, true]);
    const begun = { type: 'begun', id: 'a', directory: '/runs/a', network: 'lenet' } as const;
    expect(applyRunEvents(emptyRun, [begun]).begun).toEqual(begun);
  });

  it('says how far an epoch is until that one is committed', () => {
    const batch = (epoch: number, committed: number) =>
      applyRunEvents(emptyRun, [fakeBatch(epoch), { type: 'epoch', record: fakeEpoch(header, committed) }]).batch;
    expect([batch(3, 3), batch(3, 4), batch(3, 2)?.epoch]).toEqual([undefined, undefined, 3]);
  });

  it('goes on from where a number repeats or falls, and not before', () => {
    const numbers = (...given: number[]): number[] =>
      applyRunEvents(
        emptyRun,
        given.map((number) => ({ type: 'epoch', record: { ...fakeEpoch(header, 1), number } })),
      ).epochs.map(({ number }) => number);
    expect(numbers(1, 2, 4, 9)).toEqual([1, 2, 4, 9]);
    expect(numbers(1, 2, 2)).toEqual([1, 2]);
    expect(numbers(1, 5, 9, 3, 4)).toEqual([1, 3, 4]);
    expect(numbers(5, 9, 1)).toEqual([1]);
  });

  it('goes where its last five values went', () => {
    const risen = [9, 9, 1, 2, 3, 4, 5];
    expect(trendAt(risen, 6)).toBe(trendAt([1, 2, 3, 4, 5], 4));
    expect(trendOf((epoch) => risen[epoch], 6)).toBe(trendAt(risen, 6));
    expect(trendOf((epoch) => risen[epoch], 1)).toBe(trendAt([9, 9], 1));
    expect(trendAt([9, 1], 1)).not.toBe(trendAt([1, 9], 1));
    expect([trendAt([1], 0), trendAt([NaN, 1, undefined], 2), trendOf((epoch) => risen[epoch], 0)]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });

  it('shows the values of the newest epoch, or of the one that is played', () => {
    expect(valuedEpoch(after(press('left', 'left'), live))).toBe(11);
    const over = after([runEvents({ type: 'state', state: 'finished' })], live);
    expect(valuedEpoch(after([...press('play'), { source: 'playback' }], over))).toBe(1);
  });
});

describe('what the analysis is asked', () => {
  const ofType = <Type extends ExplorationRequest['type']>(state: ScreenState, type: Type) =>
    requestsOf(state).find((request): request is Extract<ExplorationRequest, { type: Type }> => request.type === type);
  const layer = after(
    [
      { source: 'resize', size: { columns: 120, rows: 40 } },
      { source: 'run', events: fakeEvents({ epochs: 12 }) },
      { source: 'key', command: { id: 'cell', layer: 6, epoch: undefined } },
      ...press('open'),
      ...layerAnswers(7, 12, 64),
      answer({ type: 'map', map: fakeMap(7, 12, 64, 1) }),
    ],
    initialState,
  );

  it('is nothing for the network, which has all its values', () => {
    expect(requestsOf(live)).toEqual([]);
    expect(requestsOf({ ...live, screens: ['home'] })).toEqual([]);
  });

  it('of the neurons in the window comes by pages of eight, in the order of their numbers', () => {
    const first = ofType(layer, 'rows');
    expect(first).toMatchObject({ layer: 7, epoch: 12 });
    expect(first?.count).toBeGreaterThan(0);
    expect(first?.neurons.length).toBe(Math.ceil(first!.neurons.length / 8) * 8);
    expect(first?.neurons).toEqual(first?.neurons.toSorted((a, b) => a - b));
    expect(new Set(first?.neurons)).toEqual(new Set(membersOf(layer).slice(0, first?.neurons.length)));
    const scrolled: ScreenState = { ...layer, exploration: { ...layer.exploration, rowOffset: 17 } };
    const later = ofType(scrolled, 'rows')!;
    expect(new Set(later.neurons)).toEqual(new Set(membersOf(layer).slice(16, 16 + later.neurons.length)));
    expect(later.neurons.length).toBeLessThan(64);
    // On a small screen there is no room for pictures beside the list.
    const small = after([{ source: 'resize', size: { columns: 80, rows: 24 } }], layer);
    expect(ofType(small, 'rows')).toBeUndefined();
  });

  it('of a neuron is its layer, its patches, its classes where there are some, and its facets', () => {
    const neuron = after([
      { source: 'run', events: fakeEvents({ epochs: 12 }) },
      ...toNeuron(usualNeuron),
      ...neuronAnswers(usualNeuron),
      ...press('more'),
    ]);
    const about = { layer: 7, neuron: 17, epoch: 12 };
    expect(requestsOf(neuron)).toEqual([
      { type: 'evolution', layer: 7 },
      { type: 'patches', ...about, first: 0, count: ofType(neuron, 'patches')?.count },
      { type: 'distributions', ...about },
      { type: 'facets', ...about, k: 11 },
    ]);
    const unlabelled = after([
      { source: 'run', events: fakeEvents({ epochs: 12, classes: 0 }) },
      ...toNeuron(usualNeuron),
    ]);
    expect(requestsOf(unlabelled).map(({ type }) => type)).toEqual(['evolution', 'patches', 'facets']);
  });
});
