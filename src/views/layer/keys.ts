import { backKey } from '../keys/common.ts';
import { counts } from '../keys/toggles.ts';
import { bindings, layerPlaces, stepKeys, type Click } from '../keys/binding.ts';
import {
  countKeys,
  epochKeys,
  nearestTowards,
  openKeys,
  pageKeys,
  paneKeys,
  planeKeys,
  rowKeys,
  type Direction,
  type List,
} from '../keys/moving.ts';
import { settled, stepPane, toEpoch, toLayer, windowOf, withPane } from '../model/navigation.ts';
import { say, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { membersOfBucket } from './buckets.ts';
import { bucketAt, epochOf, evolutionOf, mapOf, membersOf, neuronOf, openLayerOf } from './explored.ts';

type Exploration = ScreenState['exploration'];

const withExploration = (state: ScreenState, change: Partial<Exploration>): ScreenState =>
  settled({ ...state, exploration: { ...state.exploration, ...change } });

/** A neuron chosen: its cluster comes with it. */
function withNeuron(state: ScreenState, neuron: number): ScreenState {
  const units = openLayerOf(state)?.units ?? 0;
  if (units === 0) return state;
  const chosen = clamp(neuron, 0, units - 1);
  return withExploration(state, { neuron: chosen, cluster: mapOf(state)?.labels[chosen] ?? state.exploration.cluster });
}

function withCluster(state: ScreenState, cluster: number): ScreenState {
  const map = mapOf(state);
  if (!map) return state;
  if (cluster >= map.k) return say(state, `There are ${map.k} clusters.`);
  return withExploration(state, { cluster: Math.max(0, cluster), neuron: undefined, rowOffset: 0 });
}

function withBucket(state: ScreenState, bucket: number): ScreenState {
  return withExploration(state, { bucket: clamp(bucket, 0, state.exploration.settings.levels - 1) });
}

/** The selected cluster's neuron that many places further in the list. */
function stepMember(state: ScreenState, step: number): ScreenState {
  const members = membersOf(state);
  const place = Math.max(0, members.indexOf(neuronOf(state)));
  const neuron = members[clamp(place + step, 0, members.length - 1)];
  return neuron === undefined ? state : withExploration(state, { neuron });
}

function stepCluster(state: ScreenState, direction: Direction): ScreenState {
  const map = mapOf(state);
  if (!map) return state;
  // The map's second axis points upwards.
  const centres = Array.from(map.medoids, (medoid) => {
    const [x = 0, y = 0] = map.positions.subarray(2 * medoid, 2 * medoid + 2);
    return [x, -y] as const;
  });
  const cluster = nearestTowards(centres, state.exploration.cluster, direction);
  return cluster === undefined ? state : withCluster(state, cluster);
}

/** To the neurons of the level under the cursor: the first of them, then the next. */
function openBucket(state: ScreenState): ScreenState {
  const evolution = evolutionOf(state);
  const at = evolution?.epochs.indexOf(epochOf(state) ?? 0) ?? -1;
  if (!evolution || at < 0) return say(state, 'The neurons are still being read.');
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  const members = membersOfBucket(evolution, state.metric, settings.levels, at, bucket);
  const [first] = members;
  if (first === undefined) return say(state, 'No neuron is at this level.');
  return withNeuron(withPane(state, 'neurons'), first);
}

const openNeuron = (state: ScreenState): ScreenState =>
  openLayerOf(state)
    ? settled({ ...withNeuron(state, neuronOf(state)), screens: [...state.screens, 'neuron'] })
    : state;

const names = { dead: 'is dead', saturated: 'is saturated', duplicate: 'is a duplicate', outlier: 'is an outlier' };

/** To the next neuron that is an outlier, and why. */
function stepOutlier(state: ScreenState, step: number): ScreenState {
  const map = mapOf(state);
  if (!map) return say(state, 'The distances of the neurons are still being measured.');
  const { flags } = map;
  if (flags.length === 0) return say(state, 'No neuron of this layer is an outlier.');
  const { neuron, attended } = state.exploration;
  const here = flags[attended]?.neuron === neuron ? attended : -1;
  const place = here < 0 ? (step > 0 ? 0 : flags.length - 1) : (here + step + flags.length) % flags.length;
  const entry = flags[place];
  if (!entry) return state;
  const chosen = withNeuron(withExploration(state, { attended: place }), entry.neuron);
  const text = `Neuron ${entry.neuron} ${names[entry.kind]}: ${entry.reason}  (${place + 1} of ${flags.length})`;
  return say(chosen, text, entry.kind === 'outlier' ? 'plain' : 'warning');
}

function changedK(state: ScreenState, step: number): ScreenState {
  const { settings } = state.exploration;
  const units = openLayerOf(state)?.units ?? counts.clusters.most;
  const most = Math.max(1, Math.min(counts.clusters.most, units));
  const next = Math.min(settings.clusters, most) + step;
  if (next < 1) return say(state, 'At least one cluster.');
  if (next <= most) return withExploration(state, { settings: { ...settings, clusters: next } });
  const few = units < counts.clusters.most ? `${units} neurons make at most ${units} clusters.` : undefined;
  return say(state, few ?? `At most ${counts.clusters.most} clusters.`);
}

function changedBuckets(state: ScreenState, step: number): ScreenState {
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  const levels = clamp(settings.levels + step, counts.levels.least, counts.levels.most);
  // The cursor stays at its value.
  const place = Math.floor(((bucket + 0.5) / settings.levels) * levels);
  return withExploration(state, { settings: { ...settings, levels }, bucket: clamp(place, 0, levels - 1) });
}

/** A click in the layer view; nothing for those that mean the same everywhere. */
export function clickedLayer(state: ScreenState, click: Click): ScreenState | undefined {
  switch (click.id) {
    case 'bucket':
      return withBucket(toEpoch(withPane(state, 'evolution'), click.epoch), click.bucket);
    case 'cluster':
      return withCluster(state, click.cluster);
    case 'neuron': {
      const again = state.exploration.neuron === click.neuron;
      return again && state.panes.layer !== 'evolution' ? openNeuron(state) : withNeuron(state, click.neuron);
    }
    default:
      return undefined;
  }
}

const levels: List = {
  place: 'layer',
  row: 'level',
  // The lowest level is the first, and at the bottom.
  move: (state, rows) => withBucket(state, bucketAt(state) - rows),
  page: () => 5,
  half: () => 5,
};

const members: List = {
  place: 'neurons',
  row: 'neuron',
  move: stepMember,
  page: (state) => Math.max(1, windowOf(state).neurons - 1),
};

const openCluster = (state: ScreenState): ScreenState =>
  withExploration(withPane(state, 'neurons'), { neuron: neuronOf(state) });
const stepLayer = (state: ScreenState, step: number): ScreenState => toLayer(state, state.cursor.layer + step);

export const layerKeys = [
  ...rowKeys(levels),
  ...rowKeys(members),
  ...planeKeys('map', 'cluster', stepCluster),
  ...epochKeys(['layer', 'neurons']),
  ...bindings(
    ['map', 'neurons'],
    [
      {
        command: 'number',
        keys: Array.from('123456789'),
        label: 'cluster by its number',
        keyOnly: true,
        click: (key) => ({ id: 'cluster', cluster: Number(key) - 1 }),
      },
    ],
  ),
  ...openKeys('layer', 'to the neurons of this level', 'neurons', openBucket),
  ...openKeys('map', 'to the neurons of this cluster', 'neurons', openCluster),
  ...openKeys('neurons', 'open what is selected', 'open', openNeuron),
  ...bindings(layerPlaces, [backKey]),
  ...paneKeys(layerPlaces, stepPane),
  ...stepKeys(layerPlaces, stepLayer, [
    { command: 'previous-layer', keys: ['[', 'ctrl+left'], label: 'previous layer', by: -1, hint: ['[', 'prev'] },
    { command: 'next-layer', keys: [']', 'ctrl+right'], label: 'next layer', by: 1, hint: [']', 'next'] },
  ]),
  ...stepKeys(layerPlaces, stepOutlier, [
    {
      command: 'next-outlier',
      keys: ['x'],
      label: 'next outlier: dead, saturated, duplicate or far from the others',
      by: 1,
      hint: ['x', 'outliers'],
    },
    { command: 'previous-outlier', keys: ['X'], label: 'previous outlier', by: -1 },
  ]),
  ...countKeys(['layer'], 'levels', changedBuckets),
  ...countKeys(['map', 'neurons'], 'clusters', changedK),
  ...pageKeys(levels),
  ...pageKeys(members),
];
