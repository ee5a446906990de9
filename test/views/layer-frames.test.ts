import { describe, expect, it } from 'vitest';
import type { Picture, Rectangle, Size } from '../../src/imaging/cells/cells.ts';
import { commandAt } from '../../src/views/frame/frame.ts';
import { type ViewAction } from '../../src/views/model/state.ts';
import { answer, fakeMap, layerAnswers } from './fake-layer.ts';
import { itKeepsFrames, sizes, stateOf, textOf, view } from './frame-files.ts';
import { after, fakeEvents, press } from './fake-run.ts';

const live: ViewAction = { source: 'run', events: fakeEvents({ epochs: 12 }) };
const open: ViewAction[] = [live, ...press('down', 'down', 'down', 'down', 'down', 'down', 'open')];
const answered = [...open, ...layerAnswers(7, 12, 64)];
const error = (code: string, message: string, hint: string) => ({ code, message, hint });

/** What led to each picture. */
const scenes: Record<string, ViewAction[]> = {
  'layer-opening': open,
  'layer-evolution': answered,
  'layer-map': [...answered, ...press('next-pane', 'right')],
  'layer-neurons': [...answered, ...press('next-pane', 'open', 'down')],
  'layer-all-lines': [...answered, ...press('lines', 'next-metric', 'more', 'more')],
  'layer-selected-lines': [...answered, ...press('lines', 'lines', 'lines', 'next-outlier')],
  'layer-without-features': [
    ...open,
    ...layerAnswers(7, 12, 64, { pictures: false }),
    ...press('next-pane', 'next-pane'),
  ],
  'layer-failed': [
    ...open,
    answer({
      type: 'unavailable',
      about: 'evolution',
      error: error('run-unreadable', 'epochs/000001.safetensors is cut short', 'Copy the run again.'),
    }),
    answer({
      type: 'unavailable',
      about: 'map',
      error: error('too-many-neurons', 'layer 7 has 9000 neurons, too many to cluster', 'Up to 4096 are clustered.'),
    }),
  ],
};

describe('frames of the layer view', () => {
  itKeepsFrames(scenes);
});

const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.row < other.row + other.rows &&
  other.row < one.row + one.rows &&
  one.column < other.column + other.columns &&
  other.column < one.column + one.columns;

describe('pictures of the layer view', () => {
  const shown = (scene: readonly ViewAction[], size: Size): readonly Picture[] =>
    view(stateOf(scene, size, 'truecolour')).pictures ?? [];

  it.each(sizes)('hide none of each other at $columns x $rows, and have a name of their own', (size) => {
    for (const scene of [answered, scenes['layer-map'] ?? [], scenes['layer-neurons'] ?? []]) {
      const pictures = shown(scene, size);
      pictures.forEach((one, at) => {
        for (const other of pictures.slice(at + 1)) {
          expect(overlap(one, other)).toBe(false);
          expect(one.key === other.key).toBe(false);
        }
        expect(one.row + one.rows).toBeLessThanOrEqual(size.rows);
        expect(one.column + one.columns).toBeLessThanOrEqual(size.columns);
      });
    }
  });

  it('are those of the clusters, and of each neuron its average and five patches', () => {
    const pictures = shown(answered, { columns: 120, rows: 40 });
    expect(pictures.filter(({ key }) => key.includes('cluster'))).toHaveLength(5);
    const averages = pictures.filter(({ key }) => / average \d+$/.test(key));
    expect(averages.length).toBeGreaterThanOrEqual(3);
    expect(pictures.filter(({ key }) => key.includes('patch'))).toHaveLength(5 * averages.length);
  });

  it('are none where the run stores no features, which is said with what helps', () => {
    const size = { columns: 120, rows: 40 };
    const scene = scenes['layer-without-features'] ?? [];
    expect(shown(scene, size)).toEqual([]);
    expect(textOf(stateOf(scene, size, 'none'))).toMatch(/stores no features[^]*--features/);
  });
});

describe('layers of all sizes', () => {
  it.each([1, 2, 3, 64, 512, 2048])('of %i neurons are drawn at every size and way', (neurons) => {
    const answers = layerAnswers(7, 12, neurons);
    for (const size of [...sizes, { columns: 40, rows: 12 }, { columns: 100, rows: 18 }, { columns: 200, rows: 60 }]) {
      for (const pane of [[], press('next-pane'), press('next-pane', 'next-pane')]) {
        const scene = [...open, ...answers, ...pane, ...press('lines')];
        const rows = textOf(stateOf(scene, size, 'none', size.columns === 40)).split('\n');
        expect(rows).toHaveLength(size.rows);
        for (const row of rows) expect(row.length).toBeLessThanOrEqual(size.columns);
        if (size.columns === 40) expect(rows.join('')).toMatch(/^[\x20-\x7e]*$/);
      }
    }
  });
});

describe('what the layer view says', () => {
  const size = { columns: 120, rows: 40 };

  it('while answers are on their way, and when they are not yet the last', () => {
    expect(textOf(stateOf(open, size, 'none'))).toMatch(/reading its neurons…/);
    expect(textOf(stateOf(open, size, 'none'))).toMatch(/measuring distances…/);
    const unsettled = answer({ type: 'map', map: { ...fakeMap(7, 12, 64), settled: false } });
    expect(textOf(stateOf([...answered, unsettled], size, 'none'))).toMatch(/settles…/);
    expect(textOf(stateOf([...answered, ...press('left')], size, 'none'))).toMatch(/of epoch 12; measuring distances…/);
    expect(textOf(stateOf([...answered, ...press('next-pane', 'linkage')], size, 'none'))).toMatch(/clustering…/);
  });

  it('before the first epoch: what will be there', () => {
    const none = [{ source: 'run', events: fakeEvents({ epochs: 0 }) } as const, ...press('open')];
    const text = textOf(stateOf(none, size, 'none'));
    expect(text).toMatch(/No epoch is done yet\. The evolution of its/);
    expect(text).toMatch(/No epoch is done yet\. The map of its neurons appears/);
    const ended: ViewAction = { source: 'run', events: [{ type: 'state', state: 'stopped' }] };
    expect(textOf(stateOf([...none, ended], size, 'none'))).toMatch(/No epoch is done\.[^]+No epoch is done\./);
  });

  it('of the level under the cursor: its values, the share and the neurons', () => {
    const state = stateOf([...answered, ...press('last-row')], size, 'none');
    expect(textOf(state)).toMatch(/epoch 12 +D 0\.00–\d\.\d+ +1\.6 % +1 of 64 neurons: 3/);
  });

  it('of what deserves a look, one after the other', () => {
    const state = stateOf([...answered, ...press('next-outlier')], size, 'none');
    expect(textOf(state)).toMatch(/Neuron 3 is dead: never active {2}\(1 of 3\)/);
    const next = after(press('next-outlier'), state);
    expect(textOf(next)).toMatch(/Neuron 4 is a duplicate: activations like those of neuron 1/);
    expect(textOf(after(press('previous-outlier'), next))).toMatch(/Neuron 3 is dead/);
  });

  it('to a click: a level, a cluster, a neuron, a pane', () => {
    const state = stateOf(answered, size, 'none');
    const frame = view(state);
    const rows = textOf(state).split('\n');
    expect(commandAt(frame, 3, 9)).toMatchObject({ id: 'bucket', epoch: 0 });
    const title = rows[2]?.indexOf('map ') ?? -1;
    expect(commandAt(frame, 2, title)).toEqual({ id: 'pane', pane: 'map' });
    const list = rows.findIndex((row) => row.includes('neuron ') && row.includes('trend'));
    expect(commandAt(frame, list + 2, 4)).toMatchObject({ id: 'neuron' });
    const caption = rows.findIndex((row) => row.includes('1●'));
    expect(commandAt(frame, caption, rows[caption]?.indexOf('1●') ?? -1)).toEqual({ id: 'cluster', cluster: 0 });
  });
});
