import { describe, expect, it, test } from 'vitest';
import type { RunHeader, RunRecord } from '../../src/engine/run/format.ts';
import type { RunEvent } from '../../src/engine/training/messages.ts';
import {
  columnText,
  declaredRange,
  knownText,
  metricSpans,
  metricToken,
  metricWords,
  properRange,
  recordName,
  valueText,
} from '../../src/views/model/metrics.ts';
import type { ScreenState } from '../../src/views/model/state.ts';
import { clock, decimalsFor, grouped, percent } from '../../src/views/text/numbers.ts';
import { plainText } from '../../src/views/text/spans.ts';
import { after, fakeEpoch, fakeHeader, press } from './fake-run.ts';

/** A finished run whose records have these metrics alone. */
function runWith(ids: readonly string[], more: Partial<RunHeader> = {}, state: 'finished' | 'running' = 'finished') {
  const header = { ...fakeHeader(), ...more };
  const record = (epoch: number): RunRecord => ({
    ...fakeEpoch(header, epoch),
    layers: Object.fromEntries(ids.map((id, at) => [id, header.network.layers.map(() => at + epoch / 10)])),
  });
  const events: RunEvent[] = [
    { type: 'run', header, directory: '/runs/one' },
    { type: 'epoch', record: record(1) },
    { type: 'epoch', record: record(2) },
    { type: 'state', state },
  ];
  return after([{ source: 'run', events }]);
}
const said = (state: ScreenState): string | undefined => state.message?.text;
const show = (metric: string, state: ScreenState): ScreenState =>
  after([{ source: 'key', command: { id: 'metric', metric } }], state);

describe('the metric that is shown', () => {
  it('is one that the run has: the first of them, where it lacks the one shown before', () => {
    expect(runWith(['density', 'discriminability']).metric).toBe('discriminability');
    expect(runWith(['density', 'dead']).metric).toBe('density');
    expect(runWith(['weight_norm', 'spread']).metric).toBe('weight_norm');
    expect(runWith([]).metric).toBe('discriminability');
  });

  it('is changed to one that the run has; of another it is said why it has none', () => {
    const both = runWith(['density', 'discriminability']);
    expect(show('density', both)).toMatchObject({ metric: 'density', message: undefined });
    const unlabelled = runWith(['density'], { probe: { indices: [0, 1] } });
    expect(show('discriminability', unlabelled)).toMatchObject({
      metric: 'density',
      message: { text: 'This run has no discriminability: its images have no labels.', tone: 'warning' },
    });
    expect(said(show('discriminability', runWith(['density'])))).toBe(
      'This run has no discriminability: it was not recorded.',
    );
    expect(said(show('dead', unlabelled))).toBe('This run has no dead: it was not recorded.');
    // Before the first record nothing is known of what it will have.
    expect(show('density', after([]))).toMatchObject({ metric: 'density', message: undefined });
  });

  it('is the only one of some runs, and of others there is none', () => {
    expect(said(after(press('next-metric'), runWith(['density'])))).toBe("The run's only metric is density.");
    expect(after(press('next-metric'), runWith(['density', 'dead']))).toMatchObject({ metric: 'dead' });
    const none = 'This run has no metrics of layers.';
    expect(said(after(press('next-metric'), runWith([])))).toBe(none);
    // It goes on, but an epoch is done: what it has not now it will not have.
    expect(said(after(press('next-metric'), runWith([], {}, 'running')))).toBe(none);
  });
});

test('a metric has the colour of its place among those of its run, the fifth that of the first', () => {
  const { run } = runWith(['a', 'b', 'c', 'd', 'e']);
  expect(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => metricToken(run, id))).toEqual([
    ...['series1', 'series2', 'series3', 'series4', 'series1', 'series1'],
  ]);
});

test('what a run calls its metrics is cut to its room, and steers no terminal', () => {
  const { run } = runWith(['own'], {
    metrics: { own: { label: `\u001b[31m${'l'.repeat(40)}`, unit: 'u'.repeat(40), range: [0, 3] } },
  });
  const { symbol, label, unit } = metricWords(run, 'own');
  expect([symbol, label.length, unit.length]).toEqual(['own', 24, 12]);
  expect(label).not.toContain('\u001b');
  expect(declaredRange(run, 'own')).toEqual([0, 3]);
  // What the catalogue knows is read as the catalogue says.
  expect(
    declaredRange(runWith(['density'], { metrics: { density: { range: [0, 3] } } }).run, 'density'),
  ).toBeUndefined();
});

test('a range is one that an axis can have', () => {
  expect(properRange([-1, 2])).toEqual([-1, 2]);
  for (const range of [undefined, [1, 1], [2, 1], [0, Infinity], [-Infinity, 0], [NaN, 1]] as const) {
    expect(properRange(range)).toBeUndefined();
  }
});

test('values are blank where there are none, dashes where they are not known, and not finite as such', () => {
  expect([valueText(undefined, 2, 6), valueText(1.234, 2, 6), valueText(NaN, 2, 6)]).toEqual([
    ...['      ', '  1.23', '   NaN'],
  ]);
  expect([valueText(undefined, 2), valueText(1.234, 1), valueText(NaN, 2)]).toEqual(['', '1.2', 'NaN']);
  expect([knownText(undefined, 2, 4), knownText(undefined, 2, 4, true), knownText(1, 1)]).toEqual([
    ...['   –', '   -', '1.0'],
  ]);
  expect([valueText(-Infinity, 2, 5), valueText(-Infinity, 2, 5, true)]).toEqual(['   -∞', ' -inf']);
  // The first place of a column stays free.
  expect([columnText(12.34, 2, 6), columnText(undefined, 2, 6), columnText(undefined, 2, 6, true)]).toEqual([
    ...[' 12.34', '     –', '     -'],
  ]);
  const state = runWith(['density', 'discriminability']);
  const values: Record<string, number> = { discriminability: 1.17 };
  const text = (ascii: boolean): string =>
    plainText(
      metricSpans(
        { ...state, theme: { ...state.theme, ascii } },
        ['discriminability', 'density'],
        (id) => values[id],
        3,
      ),
    );
  expect([text(false), text(true)]).toEqual(['  D 1.170  DN –', '  D 1.170  DN -']);
});

test('records are called by the clock of their run', () => {
  const steps = runWith(['density'], { clock: 'step' });
  expect(recordName(steps.run, 6000)).toBe('step 6000');
  expect(recordName(runWith(['density']).run, 12)).toBe('epoch 12');
  expect(recordName(after([]).run, 12)).toBe('epoch 12');
  expect(said(after([...press('faster')], steps))).toBe('Playback shows 8 steps a second.');
});

test('numbers of columns have three significant digits, at most four decimals', () => {
  expect([0.0123, 0.123, 1, 9.99, 10, 123, 12345].map(decimalsFor)).toEqual([4, 3, 2, 2, 1, 0, 0]);
  expect([0, -3, NaN, Infinity].map(decimalsFor)).toEqual([2, 2, 2, 2]);
});

test('whole numbers, shares and times read as people write them', () => {
  expect([999, 1430, 1234567, 999.6, NaN].map(grouped)).toEqual(['999', '1 430', '1 234 567', '1 000', '–']);
  expect([percent(0.021), percent(0.5, 0), percent(NaN)]).toEqual(['2.1 %', '50 %', '– %']);
  expect([0, 59.4, 59.6, 1120, 3599.6, 7509, 86_399, 86_400, 180_000].map(clock)).toEqual([
    ...['00:00', '00:59', '01:00', '18:40', '1:00:00', '2:05:09', '23:59:59', '1 d 0 h', '2 d 2 h'],
  ]);
  expect([clock(-1), clock(Infinity)]).toEqual(['--:--', '--:--']);
});
