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

it('says what of two runs differs, and nothing that does not', () => {
  const text = textOf(state(two, ...press('previous-pane')));
  expect(text).toMatch(/rate +0\.05 +0\.005/);
  expect(text).not.toMatch(/batch|optimiser/);
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
