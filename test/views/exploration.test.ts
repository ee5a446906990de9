import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandId } from '../../src/views/keys/table.ts';
import { commandFor } from '../../src/views/keys/table.ts';
import { counts } from '../../src/views/keys/toggles.ts';
import {
  bucketAt,
  evolutionOf,
  mapOf,
  membersOf,
  neuronOf,
  picturesOf,
  reasonFor,
} from '../../src/views/layer/explored.ts';
import { initialState, placeOf, screenOf, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { layerRequests } from '../../src/views/model/requests.ts';
import { answer, fakeEvolution, fakeMap, fakePictures, layerAnswers } from './fake-layer.ts';
import { after, fakeEvents, press } from './fake-run.ts';

const size = { columns: 120, rows: 40 };
const run: ViewAction = { source: 'run', events: fakeEvents({ epochs: 12 }) };
const toLayer7 = [run, ...press('down', 'down', 'down', 'down', 'down', 'down', 'open')];
const opened = after([{ source: 'resize', size }, ...toLayer7], initialState);
const known = after(layerAnswers(7, 12, 64), opened);

describe('answers', () => {
  it('show only for the layer on the screen, and are there again when one comes back', () => {
    expect(evolutionOf(known)?.layer).toBe(7);
    const next = after(press('next-layer'), known);
    expect([evolutionOf(next), mapOf(next), picturesOf(next)]).toEqual([undefined, undefined, undefined]);
    expect(mapOf(after(press('previous-layer'), next))?.layer).toBe(7);
  });

  it('keep the chosen neuron with its cluster when clusters change their numbers', () => {
    const chosen = after([{ source: 'key', command: { id: 'neuron', neuron: 9 } }], known);
    const map = fakeMap(7, 12, 64, 8);
    const later = after([answer({ type: 'map', map })], chosen);
    expect(neuronOf(later)).toBe(9);
    expect(later.exploration.cluster).toBe(map.labels[9]);
  });

  it('keep the selected cluster among those there are', () => {
    const last = after([{ source: 'key', command: { id: 'cluster', cluster: 4 } }], known);
    expect(last.exploration.cluster).toBe(4);
    expect(after([answer({ type: 'map', map: fakeMap(7, 12, 64, 2) })], last).exploration.cluster).toBe(1);
  });

  it('of other clusters take their pictures away until the new ones arrive', () => {
    const later = after([answer({ type: 'map', map: fakeMap(7, 12, 64, 8) })], known);
    expect(picturesOf(later)?.clusters).toEqual([]);
    expect(picturesOf(later)?.averages).toHaveLength(64);
    const again = after([answer({ type: 'pictures', pictures: fakePictures(7, 12, 64, 8) })], later);
    expect(picturesOf(again)?.clusters).toHaveLength(8);
    const improved = after([answer({ type: 'map', map: { ...fakeMap(7, 12, 64, 8), stress: 0.01 } })], again);
    expect(picturesOf(improved)?.clusters).toHaveLength(8);
  });

  it('that cannot be given say so at their layer and epoch only, until one is given', () => {
    const error = { code: 'no-features', message: 'none stored' };
    const without = after([answer({ type: 'unavailable', about: 'pictures', error })], known);
    expect(reasonFor(without, 'pictures')).toEqual(error);
    expect(reasonFor(after(press('left'), without), 'pictures')).toBeUndefined();
    expect(reasonFor(after(press('next-layer'), without), 'pictures')).toBeUndefined();
    const given = after([answer({ type: 'pictures', pictures: fakePictures(7, 12, 64, 5) })], without);
    expect(reasonFor(given, 'pictures')).toBeUndefined();
  });

  it('add their rows up within a layer and an epoch', () => {
    const rows = (...neurons: number[]) => neurons.map((neuron) => ({ neuron, pictures: [] }));
    const both = after(
      [
        answer({ type: 'rows', layer: 7, epoch: 10, rows: rows(1, 2) }),
        answer({ type: 'rows', layer: 7, epoch: 10, rows: rows(3) }),
      ],
      known,
    );
    expect([...(both.exploration.rows?.pictures.keys() ?? [])]).toEqual([1, 2, 3]);
    const other = after([answer({ type: 'rows', layer: 7, epoch: 12, rows: rows(5) })], both);
    expect([...(other.exploration.rows?.pictures.keys() ?? [])]).toEqual([5]);
  });

  it('keep epochs in their places when one could not be read', () => {
    const whole = fakeEvolution(7, 12, 4);
    const kept = whole.epochs.filter((epoch) => epoch !== 5);
    const without = (values: Float64Array): Float64Array =>
      Float64Array.from(kept.flatMap((epoch) => Array.from(values.subarray((epoch - 1) * 4, epoch * 4))));
    const holed = {
      ...whole,
      epochs: kept,
      metrics: {
        discriminability: without(whole.metrics.discriminability),
        density: without(whole.metrics.density),
      },
    };
    const shown = evolutionOf(after([answer({ type: 'evolution', evolution: holed })], opened));
    expect(shown?.epochs).toEqual(whole.epochs);
    expect(Array.from(shown?.metrics.discriminability.subarray(16, 20) ?? [])).toEqual([NaN, NaN, NaN, NaN]);
    expect(shown?.metrics.discriminability.subarray(20)).toEqual(whole.metrics.discriminability.subarray(20));
  });

  it('are forgotten with the run, settings kept', () => {
    const changed = after(press('more'), known);
    const other = after([{ source: 'opened', control: 'none' }], changed);
    expect(other.exploration.map).toBeUndefined();
    expect(other.exploration.settings.levels).toBe(21);
  });
});

describe('the layer view’s keys', () => {
  const key = (state: ScreenState, name: string): ScreenState => {
    const command = commandFor(name, placeOf(state));
    return command ? after([{ source: 'key', command }], state) : state;
  };
  const keys = (state: ScreenState, ...names: string[]): ScreenState => names.reduce(key, state);

  it('mean what the pane that has the focus makes of them', () => {
    expect(keys(known, '+').exploration.settings).toMatchObject({ levels: 21, clusters: 5 });
    expect(keys(known, 'tab', '+').exploration.settings).toMatchObject({ levels: 20, clusters: 6 });
    expect(keys(known, 'tab', 'l').toggles.linkage).not.toBe('average');
    expect(keys(known, 'left', 'l').cursor.epoch).toBe(11);
    expect(keys(known, 'tab', '3').exploration.cluster).toBe(2);
    expect(keys(known, 'tab', 'tab').panes.layer).toBe('neurons');
    expect(keys(known, 'tab', 'tab', 'tab').panes.layer).toBe('evolution');
    expect(keys(known, 'v').toggles.lines).toBe('all');
    expect(keys(known, ']').cursor.layer).toBe(7);
    expect(screenOf(keys(known, ']'))).toBe('layer');
  });

  it('open a neuron from the list, and come back to it', () => {
    const list = keys(known, 'tab', 'return', 'down');
    const neuron = neuronOf(list);
    expect(membersOf(list)[1]).toBe(neuron);
    const there = keys(list, 'return');
    expect(screenOf(there)).toBe('neuron');
    expect(neuronOf(there)).toBe(neuron);
    const back = keys(there, 'escape');
    expect(screenOf(back)).toBe('layer');
    expect(neuronOf(back)).toBe(neuron);
  });

  it('go from a level to its neurons', () => {
    const lowest = keys(known, 'G', 'return');
    expect(lowest.panes.layer).toBe('neurons');
    expect(neuronOf(lowest)).toBe(3);
    expect(keys(known, 'g', 'down', 'down', 'return').message?.text ?? '').toMatch(/No neuron|^$/);
  });

  it('refuse more clusters than neurons, and say so', () => {
    const one = after(layerAnswers(7, 12, 1), opened);
    const header = one.run.header;
    if (!header) throw new Error('no run');
    const layers = header.network.layers.map((layer) => ({ ...layer, units: 3 }));
    const small = { ...known, run: { ...one.run, header: { ...header, network: { ...header.network, layers } } } };
    const more = keys(small, 'tab', '+');
    expect(more.message?.text).toMatch(/3 neurons make at most 3 clusters/);
    expect(layerRequests(more).find(({ type }) => type === 'map')).toMatchObject({ k: 3 });
    expect(keys(small, 'tab', '-', '-').exploration.settings.clusters).toBe(1);
    expect(keys(known, 'tab', '9').message?.text).toMatch(/There are 5 clusters/);
  });

  it('never lead outside of what there is', () => {
    const ids: CommandId[] = [
      'up',
      'down',
      'left',
      'right',
      'page-up',
      'page-down',
      'half-page-up',
      'half-page-down',
      'first-row',
      'last-row',
      'first-epoch',
      'last-epoch',
      'next-pane',
      'previous-pane',
      'more',
      'fewer',
      'lines',
      'linkage',
      'next-outlier',
      'previous-outlier',
      'next-layer',
      'previous-layer',
      'open',
      'back',
      'next-metric',
    ];
    const commands = fc.array(fc.constantFrom(...ids), { maxLength: 30 });
    fc.assert(
      fc.property(
        commands,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 12, max: 50 }),
        (pressed, neurons, rows) => {
          const start = after(
            [{ source: 'resize', size: { columns: rows > 30 ? 120 : 70, rows } }, ...layerAnswers(7, 12, neurons)],
            opened,
          );
          const state = after(press(...pressed), start);
          const { exploration } = state;
          expect(bucketAt(state)).toBeGreaterThanOrEqual(0);
          expect(bucketAt(state)).toBeLessThan(exploration.settings.levels);
          expect(exploration.settings.levels).toBeGreaterThanOrEqual(counts.levels.least);
          expect(exploration.settings.levels).toBeLessThanOrEqual(counts.levels.most);
          expect(exploration.settings.clusters).toBeGreaterThanOrEqual(1);
          expect(exploration.settings.clusters).toBeLessThanOrEqual(counts.clusters.most);
          const map = mapOf(state);
          if (map) expect(exploration.cluster).toBeLessThan(map.k);
          expect(exploration.cluster).toBeGreaterThanOrEqual(0);
          expect(exploration.rowOffset).toBeGreaterThanOrEqual(0);
          expect(exploration.rowOffset).toBeLessThan(Math.max(1, membersOf(state).length));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what the layer view asks for', () => {
  it('is its evolution, its map at the cursor’s epoch, and the rows in the window', () => {
    expect(layerRequests(opened)).toEqual([
      { type: 'evolution', layer: 7 },
      { type: 'map', layer: 7, epoch: 12, k: 5, linkage: 'average' },
    ]);
    const rows = layerRequests(known).find(({ type }) => type === 'rows');
    const visible = membersOf(known).slice(0, 3);
    expect(rows?.type === 'rows' && visible.every((neuron) => rows.neurons.includes(neuron))).toBe(true);
    expect(layerRequests(after(press('left', 'left'), known))).toContainEqual(expect.objectContaining({ epoch: 10 }));
  });

  it('is nothing before the first epoch', () => {
    const first = after([{ source: 'run', events: fakeEvents({ epochs: 0 }) }, ...press('open')], initialState);
    expect(layerRequests(first)).toEqual([]);
  });

  it('leaves the rows out where there are no features', () => {
    const without = after(layerAnswers(7, 12, 64, { pictures: false }), opened);
    expect(layerRequests(without).map(({ type }) => type)).toEqual(['evolution', 'map']);
  });
});
