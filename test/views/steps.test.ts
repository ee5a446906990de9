import { describe, expect, it, test } from 'vitest';
import { bindingsAt, commandFor } from '../../src/views/keys/table.ts';
import { nearestTowards } from '../../src/views/keys/moving.ts';
import { counts } from '../../src/views/keys/toggles.ts';
import { homeWindow } from '../../src/views/home/keys.ts';
import { bucketAt, mapOf, membersOf, neuronOf } from '../../src/views/layer/explored.ts';
import { windowOf } from '../../src/views/model/navigation.ts';
import { reduce } from '../../src/views/model/reducer.ts';
import {
  initialState,
  placeOf,
  screenOf,
  type HomeEntry,
  type ScreenState,
  type ViewAction,
} from '../../src/views/model/state.ts';
import { classCursor } from '../../src/views/neuron/distributions.ts';
import { neuronLayoutOf } from '../../src/views/neuron/layout.ts';
import { answer, fakeMap, layerAnswers } from './fake-layer.ts';
import { neuronAnswers, toNeuron, usualNeuron } from './fake-neuron.ts';
import { after, fakeEvents, press } from './fake-run.ts';

/** The state after some keys, as they mean where they are pressed. */
const keys = (state: ScreenState, ...names: string[]): ScreenState =>
  names.reduce((now, name) => {
    const command = commandFor(name, placeOf(now));
    if (!command) throw new Error(`${name} means nothing at ${placeOf(now)}`);
    return after([{ source: 'key', command }], now);
  }, state);

const said = (state: ScreenState): string | undefined => state.message?.text;
const click = (command: Extract<ViewAction, { source: 'key' }>['command']): ViewAction => ({ source: 'key', command });

const finished: ViewAction = { source: 'run', events: [{ type: 'state', state: 'finished' }] };
const network = after([{ source: 'run', events: fakeEvents({ layers: 45, epochs: 30 }) }]);

describe('keys of the network view', () => {
  it('go by rows, by a page that keeps one row in sight, by half of one, and to either end', () => {
    const page = windowOf(network).rows - 1;
    expect(page).toBeGreaterThan(4);
    const rows = (...names: string[]): number => keys(network, ...names).cursor.layer;
    expect([rows('down'), rows('j', 'down'), rows('down', 'up'), rows('down', 'down', 'k')]).toEqual([1, 2, 0, 1]);
    expect([rows('pagedown'), rows('pagedown', 'pagedown', 'pageup')]).toEqual([page, page]);
    const half = Math.ceil(page / 2);
    expect([rows('ctrl+d'), rows('ctrl+d', 'ctrl+d', 'ctrl+u')]).toEqual([half, half]);
    expect([rows('G'), rows('G', 'down'), rows('G', 'g'), rows('up')]).toEqual([44, 44, 0, 0]);
  });

  it('move the window no further than the cursor makes them, and leave no empty rows at the end', () => {
    const { rows } = windowOf(network);
    const offset = (...names: string[]): number => keys(network, ...names).offset.row;
    expect([offset('pagedown'), offset('pagedown', 'down'), offset('G'), offset('G', 'up')]).toEqual([
      ...[0, 1, 45 - rows, 45 - rows],
    ]);
    const back = keys(network, 'G', 'pageup');
    expect([back.cursor.layer, back.offset.row]).toEqual([45 - rows, 45 - rows]);
    expect(keys(back, 'up').offset.row).toBe(44 - rows);
    // A window that grows shows more rows above the last one, and more epochs before the newest.
    const larger = after([{ source: 'resize', size: { columns: 80, rows: 34 } }], keys(network, 'G'));
    expect([windowOf(larger).rows, larger.offset.row]).toEqual([rows + 10, 35 - rows]);
    const tiny = after([{ source: 'resize', size: { columns: 10, rows: 3 } }], keys(network, 'G'));
    expect([windowOf(tiny), tiny.offset]).toEqual([
      { rows: 1, epochs: 1, neurons: 1 },
      { row: 44, epoch: 29 },
    ]);
  });

  it('go by epochs, and follow from the last one on', () => {
    const epochs = (...names: string[]): [number, boolean] => {
      const { cursor, follow } = keys(network, ...names);
      return [cursor.epoch, follow];
    };
    expect(epochs()).toEqual([29, true]);
    expect(epochs('left')).toEqual([28, false]);
    expect(epochs('h', 'h', 'l')).toEqual([28, false]);
    expect(epochs('left', 'right')).toEqual([29, true]);
    expect(epochs('home')).toEqual([0, false]);
    expect(epochs('home', 'left')).toEqual([0, false]);
    expect(epochs('home', 'end')).toEqual([29, true]);
  });

  it('open a layer, whose keys lead to its neighbours and back', () => {
    const layer = keys(network, 'down', 'return');
    expect([screenOf(layer), layer.cursor.layer]).toEqual(['layer', 1]);
    expect([keys(layer, ']').cursor.layer, keys(layer, '[').cursor.layer]).toEqual([2, 0]);
    expect([keys(layer, 'ctrl+right').cursor.layer, keys(layer, '[', '[').cursor.layer]).toEqual([2, 0]);
    expect(screenOf(keys(layer, 'escape'))).toBe('network');
  });

  it('choose by clicks: a cell its layer and epoch, a name the layer, the name once more opens it', () => {
    const cell = after([click({ id: 'cell', layer: 3, epoch: 7 })], network);
    expect([cell.cursor, cell.follow, screenOf(cell)]).toEqual([{ layer: 3, epoch: 7 }, false, 'network']);
    const name = after([click({ id: 'cell', layer: 4, epoch: undefined })], cell);
    expect([name.cursor, screenOf(name)]).toEqual([{ layer: 4, epoch: 7 }, 'network']);
    expect(screenOf(after([click({ id: 'cell', layer: 4, epoch: 7 })], name))).toBe('network');
    expect(screenOf(after([click({ id: 'cell', layer: 4, epoch: undefined })], name))).toBe('layer');
  });
});

describe('keys of the home screen', () => {
  const entry = (at: number): HomeEntry => ({
    ...{ directory: `/runs/${at}`, id: `run-${at}`, network: 'lenet', dataset: 'cifar10', differs: '' },
    ...{ state: 'finished', epochs: 3, plannedEpochs: 3, validationLoss: [3, 2, 1], bestTop1Error: 0.2 },
  });
  const home = (runs: number, demo?: string): ScreenState =>
    after([{ source: 'home', entries: Array.from({ length: runs }, (_, at) => entry(at)), demo }], {
      ...initialState,
      screens: ['home'],
    });
  const opened = (state: ScreenState) => reduce(state, click({ id: 'open' })).effects;

  it('open what is chosen: the offers come first, then the runs in their order', () => {
    expect(opened(home(2))).toEqual([{ type: 'train' }]);
    expect(opened(keys(home(2), 'down'))).toEqual([{ type: 'open-run', directory: '/runs/0' }]);
    expect(opened(keys(home(2), 'down', 'down'))).toEqual([{ type: 'open-run', directory: '/runs/1' }]);
    expect(opened(keys(home(2, '/demo'), 'down'))).toEqual([{ type: 'open-run', directory: '/demo' }]);
    expect(opened(keys(home(2, '/demo'), 'down', 'down'))).toEqual([{ type: 'open-run', directory: '/runs/0' }]);
    expect(opened(keys(home(0), 'down'))).toEqual([{ type: 'train' }]);
    expect(reduce(home(2), click({ id: 'train' })).effects).toEqual([{ type: 'train' }]);
  });

  it('go by rows and pages, with the window behind them', () => {
    const many = home(40);
    const page = homeWindow(many) - 1;
    // Of 24 rows seven are title, headings, status and footer.
    expect(page).toBe(16);
    const place = (...names: string[]): number[] => {
      const { choice, offset } = keys(many, ...names).home;
      return [choice, offset];
    };
    expect(place('pagedown')).toEqual([page, 0]);
    expect(place('pagedown', 'down')).toEqual([page + 1, 1]);
    expect(place('ctrl+d')).toEqual([Math.ceil(page / 2), 0]);
    expect(place('G')).toEqual([40, 40 - page]);
    expect(place('G', 'down')).toEqual([40, 40 - page]);
    expect(place('G', 'pageup')).toEqual([40 - page, 40 - page]);
    expect(place('G', 'pageup', 'up')).toEqual([39 - page, 39 - page]);
    expect(place('G', 'g')).toEqual([0, 0]);
  });

  it('choose by a click, and open by another on the same row', () => {
    const chosen = reduce(home(3), click({ id: 'choose', index: 2 }));
    expect([chosen.effects, chosen.state.home.choice]).toEqual([[], 2]);
    expect(reduce(chosen.state, click({ id: 'choose', index: 2 })).effects).toEqual([
      { type: 'open-run', directory: '/runs/1' },
    ]);
  });

  it('say that there is nowhere to go back to', () => {
    expect(said(keys(home(1), 'escape'))).toBe('This is the first screen; q leaves.');
  });
});

const size = { columns: 120, rows: 40 };
const layer = after(
  [
    { source: 'resize', size },
    { source: 'run', events: fakeEvents({ epochs: 12 }) },
    click({ id: 'cell', layer: 6, epoch: undefined }),
    ...press('open'),
    ...layerAnswers(7, 12, 64),
  ],
  initialState,
);
const map = keys(layer, 'tab');
const list = keys(map, 'tab');

describe('keys of the evolution', () => {
  const at10 = after([click({ id: 'bucket', bucket: 10, epoch: 5 })], list);

  it('are where a click puts them: the level, the epoch and the pane', () => {
    expect([at10.panes.layer, bucketAt(at10), at10.cursor.epoch, at10.follow]).toEqual(['evolution', 10, 5, false]);
  });

  it('go up to higher levels and down to lower ones, five at a time by pages', () => {
    const level = (...names: string[]): number => bucketAt(keys(at10, ...names));
    expect([level('up'), level('down'), level('k'), level('j')]).toEqual([11, 9, 11, 9]);
    expect([level('pageup'), level('pagedown'), level('ctrl+u'), level('ctrl+d')]).toEqual([15, 5, 15, 5]);
    // The first level is the lowest, the first row the highest.
    expect([level('g'), level('G'), level('g', 'up'), level('G', 'down')]).toEqual([19, 0, 19, 0]);
  });

  it('have more levels or fewer, the cursor at its value', () => {
    const levels = (state: ScreenState): [number, number] => [state.exploration.settings.levels, bucketAt(state)];
    expect(levels(keys(at10, '+'))).toEqual([21, 11]);
    expect(levels(keys(at10, '-'))).toEqual([19, 9]);
    let [more, fewer] = [at10, at10];
    for (let times = 0; times < 60; times++) {
      [more, fewer] = [keys(more, '+'), keys(fewer, '-')];
    }
    expect([levels(more)[0], levels(fewer)[0]]).toEqual([counts.levels.most, counts.levels.least]);
    expect(levels(keys(keys(at10, 'g'), '-'))).toEqual([19, 18]);
  });

  it('lead from a level without neurons nowhere, and say so', () => {
    const nowhere = keys(after([click({ id: 'bucket', bucket: 19, epoch: 0 })], layer), 'return');
    expect([said(nowhere), nowhere.panes.layer]).toEqual(['No neuron is at this level.', 'evolution']);
    const unread = keys(after([...press('next-layer')], layer), 'return');
    expect(said(unread)).toBe('The neurons are still being read.');
  });
});

describe('keys of the map', () => {
  it('choose a cluster by its number, and leave what was chosen of another', () => {
    const third = keys(keys(list, 'down', 'down'), '3');
    expect(third.exploration).toMatchObject({ cluster: 2, neuron: undefined, rowOffset: 0 });
    expect(neuronOf(third)).toBe(mapOf(third)?.medoids[2]);
    expect(keys(map, '5').exploration.cluster).toBe(4);
    const none = keys(keys(map, '5'), '6');
    expect([said(none), none.exploration.cluster]).toEqual(['There are 5 clusters.', 4]);
  });

  it('lead to the cluster that lies there, up being up', () => {
    // Five medoids: the middle, then right, above, left and below it.
    const places = [
      [0, 0],
      [2, 0],
      [0, 2],
      [-2, 0],
      [0, -2],
    ];
    const plain = fakeMap(7, 12, 64);
    const positions = new Float64Array(128);
    plain.medoids.forEach((medoid, cluster) => positions.set(places[cluster], 2 * medoid));
    const cross = after([answer({ type: 'map', map: { ...plain, positions } })], keys(map, '1'));
    const to = (...names: string[]): number => keys(cross, ...names).exploration.cluster;
    expect([to('right'), to('up'), to('left'), to('down')]).toEqual([1, 2, 3, 4]);
    expect([to('h'), to('k'), to('j')]).toEqual([3, 2, 4]);
    expect([to('right', 'right'), to('left', 'right'), to('up', 'down')]).toEqual([1, 0, 0]);
  });

  it('have from one cluster to 24, or as many as there are neurons', () => {
    let [more, fewer] = [map, map];
    for (let times = 0; times < 30; times++) [more, fewer] = [keys(more, '+'), keys(fewer, '-')];
    expect([more.exploration.settings.clusters, said(more)]).toEqual([24, 'At most 24 clusters.']);
    expect([fewer.exploration.settings.clusters, said(fewer)]).toEqual([1, 'At least one cluster.']);
    expect(keys(more, '-').exploration.settings.clusters).toBe(23);
  });

  it('open the list of the cluster', () => {
    const open = keys(map, '2', 'return');
    expect([open.panes.layer, open.exploration.neuron]).toEqual(['neurons', mapOf(open)?.medoids[1]]);
  });
});

test('the nearest towards a direction lies ahead, and what lies aside counts double', () => {
  const points = [
    [0, 0],
    [4, 0],
    [2, 1.5],
    [-1, 0],
    [1, 0.4],
  ] as const;
  const [left, right, up, down] = [[-1, 0] as const, [1, 0] as const, [0, -1] as const, [0, 1] as const];
  // Costs to the right: 4, 2 + 3, 1 + 0.8.
  expect(nearestTowards(points, 0, right)).toBe(4);
  expect(nearestTowards(points.slice(0, 4), 0, right)).toBe(1);
  expect(nearestTowards(points, 0, left)).toBe(3);
  expect(nearestTowards(points, 0, up)).toBeUndefined();
  // Costs down: 1.5 + 4, 0.4 + 2.
  expect(nearestTowards(points, 0, down)).toBe(4);
  expect(nearestTowards(points, 1, right)).toBeUndefined();
  // Costs to the left: 4 to the first, 3 + 0.8 to the last.
  expect(nearestTowards(points, 1, left)).toBe(4);
  // From a place that is not the origin, and of equals the first.
  expect(
    nearestTowards(
      [
        [5, 5],
        [5, 7],
        [5, 7],
        [5, 3],
      ] as const,
      0,
      down,
    ),
  ).toBe(1);
  expect(
    nearestTowards(
      [
        [5, 5],
        [5, 7],
        [5, 3],
      ] as const,
      0,
      up,
    ),
  ).toBe(2);
});

describe('keys of the list of neurons', () => {
  it('go through the members of the cluster, the one in its middle first, to either end and no further', () => {
    const members = membersOf(list);
    const page = windowOf(list).neurons - 1;
    const place = (...names: string[]): number => members.indexOf(neuronOf(keys(list, ...names)));
    expect([place(), place('down'), place('down', 'down', 'up'), place('up')]).toEqual([0, 1, 1, 0]);
    expect([place('pagedown'), place('pagedown', 'pageup')]).toEqual([Math.min(page, members.length - 1), 0]);
    expect([place('G'), place('G', 'down'), place('G', 'g')]).toEqual([members.length - 1, members.length - 1, 0]);
  });

  it('take the window along', () => {
    const one = after([answer({ type: 'map', map: fakeMap(7, 12, 64, 1) })], keys(list, '1'));
    const { neurons } = windowOf(one);
    expect(neurons).toBeLessThan(64);
    expect(keys(one, 'pagedown').exploration.rowOffset).toBe(0);
    expect(keys(one, 'pagedown', 'down').exploration.rowOffset).toBe(1);
    expect(keys(one, 'G').exploration.rowOffset).toBe(64 - neurons);
    expect(keys(one, 'G', 'g').exploration.rowOffset).toBe(0);
  });

  it('open the neuron that is selected, as a second click on it does', () => {
    const chosen = after([click({ id: 'neuron', neuron: 9 })], list);
    expect([neuronOf(chosen), screenOf(chosen)]).toEqual([9, 'layer']);
    expect(chosen.exploration.cluster).toBe(mapOf(chosen)?.labels[9]);
    expect(screenOf(after([click({ id: 'neuron', neuron: 9 })], chosen))).toBe('neuron');
    // Among the lines of the evolution a click only selects.
    const line = after([click({ id: 'pane', pane: 'evolution' }), click({ id: 'neuron', neuron: 9 })], chosen);
    expect([neuronOf(line), screenOf(line)]).toEqual([9, 'layer']);
  });
});

describe('outliers', () => {
  const told = (state: ScreenState): [string | undefined, string | undefined, number] => [
    said(state),
    state.message?.tone,
    neuronOf(state),
  ];
  const dead = ['Neuron 3 is dead: never active  (1 of 3)', 'warning', 3];
  const duplicate = ['Neuron 4 is a duplicate: activations like those of neuron 1  (2 of 3)', 'warning', 4];
  const far = ['Neuron 5 is an outlier: highest discriminability, 2.103  (3 of 3)', 'plain', 5];

  it('are gone through in their order, forwards and backwards, round and round', () => {
    expect(told(keys(layer, 'x'))).toEqual(dead);
    expect(told(keys(layer, 'x', 'x'))).toEqual(duplicate);
    expect(told(keys(layer, 'x', 'x', 'x'))).toEqual(far);
    expect(told(keys(layer, 'x', 'x', 'x', 'x'))).toEqual(dead);
    expect(told(keys(layer, 'X'))).toEqual(far);
    expect(told(keys(layer, 'X', 'X'))).toEqual(duplicate);
    expect(told(keys(layer, 'x', 'X'))).toEqual(far);
  });

  it('begin anew where another neuron was chosen meanwhile', () => {
    const away = after([click({ id: 'neuron', neuron: 20 })], keys(layer, 'x', 'x'));
    expect(told(keys(away, 'x'))).toEqual(dead);
    expect(told(keys(away, 'X'))).toEqual(far);
  });

  it('are none, or not known yet, and the message says which', () => {
    const none = after([answer({ type: 'map', map: { ...fakeMap(7, 12, 64), flags: [] } })], layer);
    expect(said(keys(none, 'x'))).toBe('No neuron of this layer is an outlier.');
    expect(said(keys(after(press('next-layer'), layer), 'x'))).toBe(
      'The distances of the neurons are still being measured.',
    );
  });
});

describe('keys of the neuron view', () => {
  const neuron = after([
    { source: 'run', events: fakeEvents({ epochs: 12 }) },
    ...toNeuron(usualNeuron),
    ...neuronAnswers(usualNeuron),
  ]);
  const facets = keys(neuron, 'tab');
  const patches = keys(facets, 'tab');

  it('lead to the neighbours, and say where there are none', () => {
    const first = keys(after([click({ id: 'pane', pane: 'activations' })], neuron), ...Array<string>(17).fill('['));
    expect([neuronOf(first), said(first)]).toEqual([0, undefined]);
    const before = keys(first, '[');
    expect([neuronOf(before), said(before)]).toEqual([0, 'This is the first neuron.']);
    const last = keys(neuron, ...Array<string>(47).fill(']'));
    expect([neuronOf(last), said(keys(last, ']'))]).toEqual([63, 'This is the layer’s last neuron.']);
  });

  it('choose a facet by its number or a click, and none by 0 or the same click again', () => {
    expect(keys(neuron, '3').neuron).toMatchObject({ facet: 2, patch: 0 });
    const clicked = after([click({ id: 'facet', facet: 2 })], neuron);
    expect(clicked.neuron.facet).toBe(2);
    expect(after([click({ id: 'facet', facet: 4 })], clicked).neuron.facet).toBe(4);
    expect(after([click({ id: 'facet', facet: 2 })], clicked).neuron.facet).toBeUndefined();
    const four = after(neuronAnswers({ ...usualNeuron, k: 4 }), neuron);
    expect(keys(four, '4').neuron.facet).toBe(3);
    expect(said(keys(four, '5'))).toBe('There are 4 facets.');
    const unknown = after([{ source: 'run', events: fakeEvents({ epochs: 12 }) }, ...toNeuron(usualNeuron)]);
    expect(said(keys(unknown, '1'))).toBe('The facets are not known yet.');
  });

  it('ask for up to 24 facets', () => {
    let more = facets;
    for (let times = 0; times < 14; times++) more = keys(more, '+');
    expect([more.exploration.settings.facets, said(more)]).toEqual([24, undefined]);
    const beyond = keys(more, '+');
    expect([beyond.exploration.settings.facets, said(beyond)]).toEqual([24, 'At most 24 facets.']);
  });

  it('go through the patches by one across and by a row of the sheet down', () => {
    const { across, down } = neuronLayoutOf(patches).patches!.sheet;
    expect(across).toBeGreaterThan(1);
    const place = (...names: string[]): number => keys(patches, ...names).neuron.patch;
    expect([place('right'), place('right', 'left'), place('left')]).toEqual([1, 0, 0]);
    expect([place('down'), place('down', 'down', 'up'), place('up')]).toEqual([across, across, 0]);
    expect([place('pagedown'), place('pagedown', 'pageup')]).toEqual([across * down, 0]);
    expect([place('ctrl+d'), place('G'), place('G', 'right'), place('G', 'g')]).toEqual([
      ...[across * Math.ceil(down / 2), 999, 999, 0],
    ]);
    const clicked = after([click({ id: 'patch', index: 7 })], neuron);
    expect([clicked.neuron.patch, clicked.panes.neuron]).toEqual([7, 'patches']);
  });

  it('open the patches of a facet at its first', () => {
    const open = keys(keys(keys(patches, 'right'), 'shift+tab', '2'), 'return');
    expect([open.panes.neuron, open.neuron]).toEqual(['patches', { facet: 1, patch: 0, label: 0 }]);
  });

  it('go through the classes', () => {
    const visible = neuronLayoutOf(neuron).activations!.classes.visible;
    const row = (...names: string[]): number => classCursor(keys(neuron, ...names)).row;
    expect([row('down'), row('down', 'up'), row('up'), row('G'), row('G', 'down'), row('G', 'g')]).toEqual([
      ...[1, 0, 0, 9, 9, 0],
    ]);
    expect(row('pagedown')).toBe(Math.min(9, visible));
  });

  it('go round the panes in both directions', () => {
    const panes = (...names: string[]): string => keys(neuron, ...names).panes.neuron;
    expect([panes('tab'), panes('tab', 'tab'), panes('tab', 'tab', 'tab')]).toEqual([
      ...['facets', 'patches', 'activations'],
    ]);
    expect([panes('shift+tab'), panes('shift+tab', 'shift+tab')]).toEqual(['patches', 'facets']);
  });
});

describe('what a key has to say', () => {
  const own: ScreenState = { ...network, control: 'own' };
  const effects = (state: ScreenState, name: string) => {
    const command = commandFor(name, placeOf(state));
    return command && reduce(state, { source: 'key', command }).effects;
  };

  it('of freezing: what does not change cannot be', () => {
    expect(said(keys(after([finished], network), 'f'))).toBe('Nothing to freeze: this run does not change any more.');
    const frozen = after([finished], keys(network, 'f'));
    // What was frozen is let go also when the run is over.
    expect([frozen.frozen, keys(frozen, 'f').frozen]).toEqual([network.run, undefined]);
  });

  it('of pausing: whom it asks, or why it asks no one', () => {
    const asked = keys(own, 'p');
    expect(asked.message).toEqual({ text: 'Asked to pause after this batch…', tone: 'plain', isAsked: true });
    const paused = after([{ source: 'run', events: [{ type: 'state', state: 'paused' }] }], asked);
    expect(paused.message).toBeUndefined();
    expect(said(keys(paused, 'p'))).toBe('Asked to go on…');
    expect(keys({ ...network, control: 'other' }, 'p').message).toMatchObject({
      text: 'What trains this run takes no requests; it can only be paused there.',
      tone: 'warning',
    });
    expect(said(keys(after([finished], own), 'p'))).toBe('This run is not being trained.');
    expect(said(keys({ ...initialState, control: 'own' }, 'p'))).toBe('Training has not begun yet.');
    const takes: ViewAction = { source: 'run', events: [{ type: 'state', state: 'running', requests: ['pause'] }] };
    expect(effects(after([takes], { ...network, control: 'other' }), 'p')).toEqual([
      { type: 'send', command: { type: 'pause' } },
    ]);
  });

  it('of leaving: asks only where something would be lost', () => {
    expect(effects(own, 'q')).toEqual([]);
    expect(keys(own, 'ctrl+c').dialog).toEqual({ kind: 'leave' });
    expect(effects({ ...network, control: 'other' }, 'q')).toEqual([{ type: 'leave' }]);
    expect(effects(after([finished], own), 'q')).toEqual([{ type: 'leave' }]);
  });

  it('of the mouse, a screenshot, drawing anew and pictures: what the world does', () => {
    const off = keys(network, 'P');
    expect([effects(network, 'P'), off.mouse, said(off)]).toEqual([
      ...[[{ type: 'mouse', on: false }], false, 'Mouse off: select text as usual.'],
    ]);
    expect([effects(off, 'P'), keys(off, 'P').mouse, said(keys(off, 'P'))]).toEqual([
      ...[[{ type: 'mouse', on: true }], true, 'Mouse on.'],
    ]);
    expect([effects(network, 'S'), said(keys(network, 'S'))]).toEqual([
      ...[[{ type: 'screenshot' }], 'Saving a screenshot…'],
    ]);
    expect(effects(network, 'r')).toEqual([{ type: 'redraw' }]);
    expect(effects(network, 'i')).toEqual([{ type: 'images' }]);
    // Also over a dialog.
    expect(effects(keys(network, '?'), 'ctrl+z')).toEqual([{ type: 'suspend' }]);
  });

  it('of a message: the whole of it, or that there is none', () => {
    const text = 'A notice that is longer than the status line.';
    const read = keys(after([{ source: 'message', message: { text, tone: 'plain' } }], network), 'e');
    expect([read.dialog, said(read)]).toEqual([{ kind: 'message', said: text, offset: 0 }, text]);
    expect(said(keys(network, 'e'))).toBe('There is no message.');
    // Any other key takes it away.
    expect(said(keys(after([{ source: 'message', message: { text, tone: 'plain' } }], network), 'down'))).toBe(
      undefined,
    );
  });

  it('of metrics: the next one, round, and the list with the shown one chosen', () => {
    expect([keys(network, 'm').metric, keys(network, 'm', 'm').metric]).toEqual(['density', 'discriminability']);
    expect(keys(network, 'shift+tab').metric).toBe('density');
    expect(keys(keys(network, 'm'), 'M').dialog).toEqual({ kind: 'metrics', text: '', choice: 1 });
    const preparing = after([{ source: 'run', events: fakeEvents({ epochs: 0 }) }]);
    const none = 'There are no metrics before the first epoch is done.';
    expect([said(keys(preparing, 'm')), said(keys(preparing, 'M'))]).toEqual([none, none]);
    const over = after([finished], preparing);
    expect(said(keys(over, 'M'))).toBe('This run has no metrics of layers.');
    expect([said(keys(initialState, '/')), keys(network, '/').dialog]).toEqual([
      ...['There are no layers yet.', { kind: 'find', text: '', choice: 0 }],
    ]);
  });
});

test('the palette offers nothing that only makes sense as a key', () => {
  for (const { command, keyOnly, keys: names } of bindingsAt('network')) {
    if (['up', 'down', 'left', 'right'].includes(command)) expect(keyOnly, names.join()).toBe(true);
  }
});
