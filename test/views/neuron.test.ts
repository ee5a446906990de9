import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridToText } from '../../src/imaging/cells/grid.ts';
import { frameCells } from '../../src/views/frame/frame.ts';
import { commandFor } from '../../src/views/keys/table.ts';
import { panesOf } from '../../src/views/keys/toggles.ts';
import { initialState, placeOf, type ScreenState, type ViewAction } from '../../src/views/model/state.ts';
import { classCursor, classOrder } from '../../src/views/neuron/distributions.ts';
import { facetPlaces } from '../../src/views/neuron/facet-map.ts';
import { neuronLayout } from '../../src/views/neuron/layout.ts';
import { neuronRequests } from '../../src/views/model/requests.ts';
import { classCounts, countClasses, listedPatches, finalLayer, neuronTitle } from '../../src/views/neuron/scene.ts';
import { lineWidth } from '../../src/views/text/spans.ts';
import { view } from './frame-files.ts';
import { expectApart, overlap, within } from './areas.ts';
import { fakeDistributions, fakeFacets, neuronAnswers, toNeuron, usualNeuron } from './fake-neuron.ts';
import { after, fakeBatch, fakeEvents, fakeHeader, press } from './fake-run.ts';

const live: ViewAction = { source: 'run', events: [...fakeEvents({ epochs: 12 }), fakeBatch(13)] };
const opened = after([live, ...toNeuron(usualNeuron)], { ...initialState, control: 'own' });
const known = after(neuronAnswers(usualNeuron), opened);
const key = (name: string, state: ScreenState): ScreenState => {
  const command = commandFor(name, placeOf(state));
  return command ? after([{ source: 'key', command }], state) : state;
};

describe('every frame of a neuron', () => {
  const sizes = fc.record({ columns: fc.integer({ min: 40, max: 200 }), rows: fc.integer({ min: 12, max: 70 }) });
  const fakes = fc.record({
    patches: fc.constantFrom(0, 1, 7, 200),
    k: fc.integer({ min: 1, max: 24 }),
    size: fc.constantFrom(1, 5, 32),
    layer: fc.constantFrom(7, 12),
    seed: fc.nat(1000),
  });
  const answers = fc.subarray([0, 1, 2, 3]);
  const selected = fc.option(fc.nat(24), { nil: undefined });

  it('keeps its parts on the screen and apart, pictures off the text and off each other', () => {
    fc.assert(
      fc.property(
        sizes,
        fakes,
        answers,
        selected,
        fc.constantFrom(...panesOf.neuron),
        fc.boolean(),
        (size, given, shown, facet, pane, ascii) => {
          const fake = { ...usualNeuron, ...given, neuron: 3, units: given.layer === 12 ? 10 : 64 };
          const all = neuronAnswers(fake);
          const state = after(
            [
              { source: 'resize', size },
              live,
              ...toNeuron(fake),
              ...shown.flatMap((index) => all[index] ?? []),
              { source: 'key', command: { id: 'pane', pane } },
              { source: 'key', command: { id: 'facet', facet } },
            ],
            { ...initialState, control: 'own', theme: { ...initialState.theme, ascii } },
          );
          const frame = view(state);
          expectApart([...frame.blocks, ...frame.overlays], size);
          for (const block of frame.blocks) {
            expect(block.lines.length).toBeLessThanOrEqual(block.rows);
            for (const line of block.lines) expect(lineWidth(line)).toBeLessThanOrEqual(block.columns);
          }
          for (const { rows, columns, cells } of frame.overlays) {
            expect(cells).toHaveLength(rows);
            expect(cells.every((row) => row.length === columns)).toBe(true);
          }
          const pictures = frame.pictures ?? [];
          expectApart(pictures, size);
          const lines = frame.blocks.flatMap((block) =>
            block.lines.map((line, index) => ({ ...block, row: block.row + index, rows: 1, columns: lineWidth(line) })),
          );
          expect(pictures.filter((picture) => lines.some((line) => overlap(picture, line)))).toEqual([]);
          expect(pictures.every(({ rows, columns }) => rows > 0 && columns > 0)).toBe(true);
          expect(frame.targets.every((target) => within(target, size))).toBe(true);
          const grid = frameCells(frame, state.theme);
          expect(grid.every((row) => row.length === size.columns)).toBe(true);
          if (ascii) expect(gridToText(grid)).toMatch(/^[\n -~]*$/);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has room for its panes whatever the number of classes', () => {
    fc.assert(
      fc.property(sizes, fc.nat(1000), fc.constantFrom(...panesOf.neuron), (size, classes, pane) => {
        const layout = neuronLayout(size, classes, pane);
        expect(layout[pane]).toBeDefined();
        const { header, title, tabs, activations: left, facets, patches, status, footer } = layout;
        const areas = [
          header,
          title,
          tabs,
          ...(left?.curve ? Object.values(left.curve) : []),
          left?.classes.title,
          left?.classes.rows,
          left?.classes.axis,
          facets?.title,
          facets?.map,
          patches?.title,
          patches?.side,
          patches?.sheet,
          status,
          footer,
        ];
        expectApart(
          areas.filter((area) => area !== undefined && area.rows > 0 && area.columns > 0).map((area) => area!),
          size,
        );
        if (left) expect(left.classes.visible * left.classes.rowsEach).toBeLessThanOrEqual(left.classes.rows.rows);
        if (patches) {
          const { across, down, tile, rows } = patches.sheet;
          expect(across * down).toBeGreaterThan(0);
          expect(down * tile.rows).toBeLessThanOrEqual(rows);
        }
      }),
    );
  });
});

describe('facets on the map', () => {
  it('all find a place in 80x24, none over another', () => {
    for (let k = 1; k <= 24; k++) {
      const places = facetPlaces(fakeFacets({ ...usualNeuron, k, seed: k }), { rows: 18, columns: 80 });
      expect(places.map(({ facet }) => facet)).toEqual(Array.from({ length: k }, (_, facet) => facet));
      expectApart(places, { rows: 18, columns: 80 });
    }
  });

  it('are chosen by number, by arrows and not at all', () => {
    expect(key('3', known).neuron.facet).toBe(2);
    expect(key('0', key('3', known)).neuron.facet).toBeUndefined();
    const first = key('right', key('tab', known));
    const sizes = fakeFacets(usualNeuron).facets.map(({ size }) => size);
    expect(first.neuron.facet).toBe(sizes.indexOf(Math.max(...sizes)));
    const next = key('right', first);
    expect(next.neuron.facet).not.toBe(first.neuron.facet);
    expect(key('9', after(neuronAnswers({ ...usualNeuron, k: 4 }), opened)).message?.text).toBe('There are 4 facets.');
  });

  it('can be reached by arrows from any of them', () => {
    const start = after([{ source: 'key', command: { id: 'pane', pane: 'facets' } }], known);
    const reached = new Set<number | undefined>();
    const open = [key('right', start)];
    for (let state = open.pop(); state; state = open.pop()) {
      if (reached.has(state.neuron.facet)) continue;
      reached.add(state.neuron.facet);
      for (const arrow of ['left', 'right', 'up', 'down']) open.push(key(arrow, state));
    }
    expect(reached.size).toBe(10);
  });

  it('are as many as asked for, within limits', () => {
    expect(key('+', known).exploration.settings.facets).toBe(11);
    expect(key('-', known).exploration.settings.facets).toBe(9);
    let state = known;
    for (let times = 0; times < 40; times++) state = key('-', state);
    expect(state.exploration.settings.facets).toBe(1);
    expect(state.message?.text).toBe('At least one facet.');
    expect(key('+', key('3', known)).neuron.facet).toBeUndefined();
  });

  it('decide which patches are listed', () => {
    expect(listedPatches(known)).toHaveLength(1000);
    const members = fakeFacets(usualNeuron).facets[2]?.patches;
    expect(Array.from(listedPatches(key('3', known)))).toEqual(Array.from(members ?? []));
    const shares = classCounts(key('3', known));
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(members?.length);
  });
});

describe('walking', () => {
  it('goes from neuron to neuron of the layer, and forgets the facet', () => {
    const next = key(']', key('3', known));
    expect(next.exploration.neuron).toBe(18);
    expect(next.neuron).toMatchObject({ facet: undefined, patch: 0 });
    expect(key('[', next).exploration.neuron).toBe(17);
    let state = known;
    for (let times = 0; times < 100; times++) state = key(']', state);
    expect(state.exploration.neuron).toBe(63);
    expect(state.message?.text).toContain('last');
  });

  it('goes back to the layer with Esc, and round the panes with Tab', () => {
    expect(key('escape', known).screens).toEqual(['network', 'layer']);
    const panes = ['tab', 'tab', 'tab', 'shift+tab'].map(
      (
        (state) => (name: string) =>
          (state = key(name, state)).panes.neuron
      )(known),
    );
    expect(panes).toEqual(['facets', 'patches', 'activations', 'patches']);
  });

  it('never leaves the patches', () => {
    const names = ['left', 'right', 'up', 'down', 'pageup', 'pagedown', 'g', 'G', 'ctrl+u', 'ctrl+d', '3', '0'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 30 }), (pressed) => {
        const start = after([{ source: 'key', command: { id: 'pane', pane: 'patches' } }], known);
        const state = pressed.reduce((now, name) => key(name, now), start);
        expect(state.neuron.patch).toBeGreaterThanOrEqual(0);
        expect(state.neuron.patch).toBeLessThan(listedPatches(state).length);
        expect(state.cursor).toEqual(known.cursor);
      }),
    );
  });

  it('moves the epoch in the activations, and stays at the layer', () => {
    expect(key('left', known).cursor.epoch).toBe(10);
    expect(key('up', known).cursor.layer).toBe(known.cursor.layer);
    expect(classCursor(key('down', key('down', known))).row).toBe(2);
    expect(classCursor(key('G', known)).row).toBe(9);
  });
});

describe('classes', () => {
  it('are ordered by the median of their activations, and the cursor stays on its class', () => {
    const label = classOrder(known)[2];
    const chosen = key('down', key('down', known));
    const sorted = key('s', chosen);
    const { quantiles, quantileCount } = fakeDistributions(usualNeuron);
    const medians = classOrder(sorted).map((one) => quantiles[one * quantileCount + 10] ?? NaN);
    expect(medians).toEqual(medians.toSorted((a, b) => b - a));
    expect(classOrder(sorted)[classCursor(sorted).row]).toBe(label);
    expect(classOrder(key('s', sorted))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are counted where they are known', () => {
    const patches = [3, 3, 5, -1].map((label) => ({ image: 0, y: 0, x: 0, activation: 1, label }));
    expect(countClasses(patches, [0, 1, 2, 3])).toEqual([
      { label: 3, count: 2, share: 2 / 3 },
      { label: 5, count: 1, share: 1 / 3 },
    ]);
    expect(countClasses(patches, [3])).toEqual([]);
  });
});

describe('what is asked for', () => {
  it('is the same for the same page, and other patches for another', () => {
    const patches = (state: ScreenState) => neuronRequests(state).find(({ type }) => type === 'patches');
    const focused = after([{ source: 'key', command: { id: 'pane', pane: 'patches' } }], known);
    expect(neuronRequests(key('right', focused))).toEqual(neuronRequests(focused));
    const first = patches(focused);
    const later = patches(key('pagedown', key('pagedown', focused)));
    expect(first).toMatchObject({ layer: 7, neuron: 17, epoch: 12, first: 0 });
    expect(later).not.toEqual(first);
    expect(patches(key('3', known))).toMatchObject({ members: Array.from(listedPatches(key('3', known))) });
  });

  it('covers what is shown', () => {
    fc.assert(
      fc.property(fc.nat(999), (place) => {
        const state = after([{ source: 'key', command: { id: 'patch', index: place } }], known);
        const request = neuronRequests(state).find(({ type }) => type === 'patches');
        if (request?.type !== 'patches') throw new Error('patches are asked for');
        expect(request.first).toBeLessThanOrEqual(place);
        expect(request.first + request.count).toBeGreaterThan(place);
        expect(request.count).toBeLessThan(200);
      }),
    );
  });

  it('is nothing before there is an epoch', () => {
    expect(neuronRequests(after([{ source: 'run', events: fakeEvents({ epochs: 0 }) }]))).toEqual([]);
  });
});

describe('the final layer', () => {
  const header = fakeHeader();

  it('is the last with a neuron a class, and names its neurons', () => {
    expect(finalLayer(header)).toBe(11);
    expect(neuronTitle(header, 11, 3)).toBe('neuron 3 = cat');
    expect(neuronTitle(header, 6, 3)).toBe('neuron 3');
    expect(neuronTitle(undefined, 0, 3)).toBe('neuron 3');
  });

  it('is none where no layer has as many neurons', () => {
    const dataset = { ...header.dataset, classes: ['a', 'b'] };
    expect(finalLayer({ ...header, dataset })).toBeUndefined();
  });

  it('names no control characters', () => {
    const dataset = { ...header.dataset, classes: header.dataset.classes.map(() => '\u001b[31mred\u0007') };
    // eslint-disable-next-line no-control-regex
    expect(neuronTitle({ ...header, dataset }, 11, 0)).not.toMatch(/[\u0000-\u001f]/);
  });
});

it('names the metrics that neurons have: a norm of a layer is none of them', () => {
  const events = [...fakeEvents({ epochs: 12 }), fakeBatch(13)].map((event) =>
    event.type === 'epoch'
      ? { ...event, record: { ...event.record, layers: { ...event.record.layers, weight_norm: Array(12).fill(3) } } }
      : event,
  );
  const told = after(
    [{ source: 'resize', size: { columns: 120, rows: 40 } }, { source: 'run', events }, ...toNeuron(usualNeuron)],
    { ...initialState, control: 'own' },
  );
  const title = (state: ScreenState): string => gridToText(frameCells(view(state), state.theme)).split('\n')[1];
  const measured = title(after(neuronAnswers(usualNeuron), told));
  expect(measured).toMatch(/ D \d.* DN \d/);
  expect(measured).not.toContain('WN');
  // The one that is shown stands there all the same.
  expect(title(after([...neuronAnswers(usualNeuron), ...press('next-metric', 'next-metric')], told))).toMatch(/ WN –/);
});
