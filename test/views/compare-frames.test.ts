import { describe, expect, it } from 'vitest';
import { sidesOf, type ComparedRun } from '../../src/engine/analysis/comparison/compared-runs.ts';
import type { LayerRecord } from '../../src/engine/run/format.ts';
import { initialState, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { itKeepsFrames, stateOf, textOf } from './frame-files.ts';
import { after, fakeEpoch, fakeHeader, fakeLayers, press } from './fake-run.ts';

function run(
  id: string,
  epochs: number,
  { layers, seed = 1, rate = 0.05 }: { layers?: LayerRecord[]; seed?: number; rate?: number } = {},
): ComparedRun {
  const header = fakeHeader({ epochs });
  const made = {
    ...header,
    ...{ id, seed },
    network: { ...header.network, layers: layers ?? header.network.layers },
    training: { ...header.training, learningRate: [rate] },
  };
  const records = Array.from({ length: epochs }, (_, at) => fakeEpoch(made, at + 1 + seed * 100));
  const numbered = records.map((record, at) => ({ ...record, number: at + 1, epoch: at + 1 }));
  return { directory: `/runs/${id}`, header: made, records: numbered, state: 'finished' };
}

const fewer = fakeLayers().filter(({ index }) => index !== 5);
const runs = [run('20260203-lenet-k3x9', 12), run('20260204-lenet-p0q1', 9, { rate: 0.005, layers: fewer })];
const compared = (some: readonly ComparedRun[]): ViewAction => ({ source: 'compared', sides: sidesOf(some) });
const two = compared(runs);
const similarities: ViewAction = {
  source: 'exploration',
  answer: {
    type: 'similarities',
    similarities: {
      ...{ epoch: 12, other: { directory: '/runs/20260204-lenet-p0q1', epoch: 9 }, done: 12, images: 500, probe: 1000 },
      values: Float64Array.from({ length: 12 * 11 }, (_, at) => (at % 23 === 22 ? Number.NaN : (at % 11) / 10)),
      leftOut: ['B, layer 4 convolution4: keeps no samples'],
    },
  },
};

describe('comparison frames', () => {
  itKeepsFrames({
    compare: [two],
    'compare by share on one scale': [two, ...press('axis', 'scale', 'down', 'down', 'left')],
    'compare similarity': [two, ...press('next-pane'), similarities, ...press('down', 'right')],
    'compare curves': [two, ...press('next-pane', 'next-pane')],
    'compare settings': [compared([...runs, run('seed2', 12, { seed: 2 })]), ...press('previous-pane')],
  });
});

const size = { columns: 120, rows: 40 };
const state = (...scene: ViewAction[]): ScreenState => stateOf(scene, size, 'none');

it('shows the difference where both have a value: nothing of a layer or record that one lacks', () => {
  const lines = textOf(state(two)).split('\n');
  const difference = lines.slice(lines.findIndex((line) => line.startsWith(' B - A')) + 1);
  const row = (index: number): string => difference.find((line) => line.includes(` ${index} `))?.slice(16, -9) ?? '';
  expect(row(4).trim()).not.toBe('');
  expect(row(5).trim()).toBe('');
  // B has 9 of the 12 epochs.
  expect(row(4).trimEnd().length).toBeLessThan(0.8 * row(4).length);
  expect(textOf(state(two, ...press('axis')))).toContain('by share');
});

it('shows another metric where no run has the usual one', () => {
  const without = runs.map((one) => ({
    ...one,
    records: one.records.map(({ layers, ...record }) => ({ ...record, layers: { density: layers['density'] } })),
  }));
  expect(textOf(state(compared(without)))).toContain(' density ');
});

it('draws what is alike as neither less nor more', () => {
  const text = textOf(state(compared([runs[0], run('twin', 12, { rate: 0.005 })])));
  const difference = text.slice(text.indexOf(' B - A'));
  expect(difference).toMatch(/ 4 conv5-32 +·{80,}/);
  expect(difference).not.toMatch(/={4}|-{4}|\+{4}|#{4}/);
});

it('says what of two runs differs, and nothing that does not', () => {
  const text = textOf(state(two, ...press('previous-pane')));
  expect(text).toMatch(/rate +0\.05 +0\.005/);
  expect(text).not.toMatch(/batch|optimiser/);
});

it('tells two records of one run apart by their numbers', () => {
  const [one] = runs;
  const scene = compared([{ ...one, records: one.records.slice(0, 2) }, one]);
  const title = /A 20260203-lenet-k3x9 @2 +B 20260203-lenet-k3x9 @12/;
  expect(textOf(state(scene))).toMatch(title);
  expect(
    textOf(state(scene, ...press('previous-pane')))
      .split('\n')
      .slice(3)
      .join('\n'),
  ).toMatch(title);
  expect(textOf(state(two))).not.toMatch(/k3x9 @/);
});

it('goes on to the next run, and round again', () => {
  const three = compared([...runs, run('third', 5, { rate: 0.5 })]);
  expect(textOf(state(three, ...press('next-side')))).toContain(' C - A');
  expect(textOf(state(three, ...press('next-side', 'next-side')))).toContain(' B - A');
});

it('compares what is marked at home, and goes back there', () => {
  const entry = (id: string) => ({
    ...{ directory: `/runs/${id}`, id, network: id, dataset: 'shapes', differs: '', state: 'finished' as const },
    ...{ epochs: 3, plannedEpochs: 3, validationLoss: [], bestTop1Error: undefined },
  });
  const home: ViewAction = { source: 'home', entries: [entry('one'), entry('two'), entry('three')] };
  const start = after([{ source: 'resize', size }, home], { ...initialState, screens: ['home'] });
  const marked = after(press('down', 'mark', 'down', 'mark'), start);
  expect(marked.home.marked).toEqual(['/runs/one', '/runs/three']);
  expect(after(press('compare'), after(press('down', 'mark'), start)).message?.text).toContain('Mark two runs');
  const back = after([two, ...press('back')], marked);
  expect(back.screens).toEqual(['home']);
  expect(back.comparison).toBeUndefined();
  expect(textOf(marked).match(/^✓/gm)).toHaveLength(2);
});

it('keeps the status line on a small screen, however many layers are left out', () => {
  const small = { columns: 40, rows: 12 };
  const leftOut = Array.from({ length: 9 }, (_, at) => `B, layer ${at + 1}: keeps no samples`);
  if (similarities.source !== 'exploration' || similarities.answer.type !== 'similarities') throw new Error('none');
  const answer = { ...similarities.answer, similarities: { ...similarities.answer.similarities, leftOut } };
  const shown = stateOf([two, ...press('next-pane'), { source: 'exploration', answer }], small, 'none');
  const lines = textOf(shown).split('\n');
  expect(lines[10]).toContain('A 1, B 1  CKA 0.000');
  expect(lines[9]).toMatch(/^ .*keeps no samples.*…/);
  expect(textOf(after(press('last-row'), shown))).toMatch(/▸ 12 conv1-10/);
});

it('scrolls the layers of a run that has more of them than the map has columns', () => {
  const many = Array.from({ length: 150 }, (_, at) => ({ ...fakeLayers()[0], index: at + 1, name: `layer${at + 1}` }));
  const wide = run('wide', 9, { layers: many });
  if (similarities.source !== 'exploration' || similarities.answer.type !== 'similarities') throw new Error('none');
  const answer = {
    ...similarities.answer,
    similarities: {
      ...similarities.answer.similarities,
      ...{ other: { directory: wide.directory, epoch: 9 }, values: new Float64Array(12 * 150), leftOut: [] },
    },
  };
  answer.similarities.values[149] = 1;
  const shown = state(compared([runs[0], wide]), ...press('next-pane'), { source: 'exploration', answer });
  expect(textOf(shown)).toMatch(/▸ {2}1 conv5-32.* 150 1\.00/);
  const last = textOf(after(press('last-epoch'), shown));
  expect(last).toContain('B 150 layer150  CKA 1.000');
  expect(last).toMatch(/layer of B .* 150/);
});

it('names the same record in the axis and the status line of curves of more than two runs', () => {
  const three = compared([...runs, run('third', 20, { rate: 0.5 })]);
  const shown = state(three, ...press('axis', 'next-pane', 'next-pane', 'left', 'last-epoch'));
  expect(textOf(shown)).toMatch(/ at 100 %/);
  expect(textOf(after(press('left'), shown))).toMatch(/ at 95 %/);
});

it('scrolls charts and settings no further than to the last', () => {
  for (const part of [press('next-pane', 'next-pane'), press('previous-pane')]) {
    const small = stateOf([two, ...part], { columns: 60, rows: 15 }, 'none');
    const atEnd = after(press('last-row'), small);
    expect(textOf(atEnd)).not.toBe(textOf(small));
    expect(textOf(after(press('up'), atEnd))).not.toBe(textOf(atEnd));
  }
});

it('shows a metric that the runs have', () => {
  const { metric } = state(two);
  const without = runs.map((one) => ({
    ...one,
    records: one.records.map((record) => ({ ...record, layers: { density: record.layers['density'] } })),
  }));
  expect([metric, state(compared(without as ComparedRun[])).metric]).toEqual(['discriminability', 'density']);
});

it('names a layer that only the other run has in its own map and the difference', () => {
  const reversed = textOf(state(compared([runs[1], runs[0]]), ...press('last-row')));
  expect(reversed.match(/^▸ {2}5 relu/gm)).toHaveLength(2);
});
