import { linkages } from '../../engine/analysis/linkages.ts';
import type { Command } from '../keys/index.ts';
import { bucketLimits, linesModes, mostClusters, panes, type ExplorationSettings, type Pane } from './state.ts';
import { bucketAt, epochOf, evolutionOf, mapOf, membersOf, neuronOf, openLayerOf } from './explored.ts';
import { moved, settled, windowOf } from '../model/navigation.ts';
import { rowSteps } from '../model/row-steps.ts';
import { epochColumn, shownRun, type ScreenState } from '../model/state.ts';
import { membersOfBucket } from './buckets.ts';

type Exploration = ScreenState['exploration'];

const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

const withExploration = (state: ScreenState, change: Partial<Exploration>): ScreenState =>
  settled({ ...state, exploration: { ...state.exploration, ...change } });

const withSettings = (state: ScreenState, change: Partial<ExplorationSettings>): ScreenState =>
  withExploration(state, { settings: { ...state.exploration.settings, ...change } });

/** The next of a list after one of it, around the end. */
const after = <T>(list: readonly T[], one: T, step = 1): T =>
  list[(list.indexOf(one) + step + list.length) % list.length] ?? one;

const say = (state: ScreenState, text: string, tone: 'plain' | 'warning' = 'plain'): ScreenState => ({
  ...state,
  message: { text, tone },
});

/** A neuron chosen: its cluster comes with it. */
function withNeuron(state: ScreenState, neuron: number): ScreenState {
  const units = openLayerOf(state)?.units ?? 0;
  if (units === 0) return state;
  const chosen = within(neuron, 0, units - 1);
  return withExploration(state, { neuron: chosen, cluster: mapOf(state)?.labels[chosen] ?? state.exploration.cluster });
}

function withCluster(state: ScreenState, cluster: number): ScreenState {
  const map = mapOf(state);
  if (!map) return state;
  if (cluster >= map.k) return say(state, `There are ${map.k} clusters.`);
  return withExploration(state, { cluster: Math.max(0, cluster), neuron: undefined, rowOffset: 0 });
}

function withBucket(state: ScreenState, bucket: number): ScreenState {
  return withExploration(state, { bucket: within(bucket, 0, state.exploration.settings.buckets - 1) });
}

/** One of the selected cluster's neurons, by its place in the list. */
function withMember(state: ScreenState, place: number): ScreenState {
  const members = membersOf(state);
  const neuron = members[within(place, 0, members.length - 1)];
  return neuron === undefined ? state : withExploration(state, { neuron });
}

/** The cluster whose centre is nearest in a direction: what lies aside counts double. */
function clusterTowards(state: ScreenState, right: number, up: number): number | undefined {
  const map = mapOf(state);
  if (!map) return undefined;
  const centre = (cluster: number): [number, number] => {
    const medoid = map.medoids[cluster] ?? 0;
    return [map.positions[2 * medoid] ?? 0, map.positions[2 * medoid + 1] ?? 0];
  };
  const [x, y] = centre(state.exploration.cluster);
  let best: { cluster: number; cost: number } | undefined;
  for (let cluster = 0; cluster < map.k; cluster++) {
    const [otherX, otherY] = centre(cluster);
    const along = (otherX - x) * right + (otherY - y) * up;
    const aside = Math.abs((otherX - x) * up) + Math.abs((otherY - y) * right);
    const cost = along + 2 * aside;
    if (along > 0 && (!best || cost < best.cost)) best = { cluster, cost };
  }
  return best?.cluster;
}

const directions: Readonly<Partial<Record<Command['id'], readonly [right: number, up: number]>>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, 1],
  down: [0, -1],
};

function inMap(state: ScreenState, command: Command): ScreenState | undefined {
  const direction = directions[command.id === 'wheel' ? command.direction : command.id];
  if (direction) {
    const cluster = clusterTowards(state, ...direction);
    return cluster === undefined ? state : withCluster(state, cluster);
  }
  if (command.id === 'open') return withExploration(state, { pane: 'neurons', neuron: neuronOf(state) });
  if (command.id === 'linkage') {
    const linkage = after(linkages, state.exploration.settings.linkage);
    return say(withSettings(state, { linkage }), `Clusters are joined by ${linkage} linkage.`);
  }
  return undefined;
}

function inNeurons(state: ScreenState, command: Command): ScreenState | undefined {
  const members = membersOf(state);
  const place = Math.max(0, members.indexOf(neuronOf(state)));
  const page = Math.max(1, windowOf(state).neurons - 1);
  const step = rowSteps(page, Math.ceil(page / 2))[command.id === 'wheel' ? command.direction : command.id];
  if (step !== undefined) return withMember(state, place + step);
  return command.id === 'open' ? openNeuron(state) : undefined;
}

function inEvolution(state: ScreenState, command: Command): ScreenState | undefined {
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  switch (command.id === 'wheel' ? command.direction : command.id) {
    case 'up':
      return withBucket(state, bucket + 1);
    case 'down':
      return withBucket(state, bucket - 1);
    case 'page-up':
    case 'half-page-up':
      return withBucket(state, bucket + 5);
    case 'page-down':
    case 'half-page-down':
      return withBucket(state, bucket - 5);
    case 'first-row':
      return withBucket(state, settings.buckets - 1);
    case 'last-row':
      return withBucket(state, 0);
    case 'lines': {
      const lines = after(linesModes, settings.lines);
      return say(withSettings(state, { lines }), `Lines: ${lines === 'none' ? 'none' : `${lines} neurons`}.`);
    }
    case 'open':
      return openBucket(state);
    default:
      return undefined;
  }
}

/** To the neurons of the level under the cursor: the first of them, then the next. */
function openBucket(state: ScreenState): ScreenState {
  const evolution = evolutionOf(state);
  const at = evolution?.epochs.indexOf(epochOf(state) ?? 0) ?? -1;
  if (!evolution || at < 0) return say(state, 'The neurons are still being read.');
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  const members = membersOfBucket(evolution, state.metric, settings.buckets, at, bucket);
  const [first] = members;
  if (first === undefined) return say(state, 'No neuron is at this level.');
  return withNeuron(withExploration(state, { pane: 'neurons' }), first);
}

const openNeuron = (state: ScreenState): ScreenState =>
  openLayerOf(state)
    ? settled({ ...withNeuron(state, neuronOf(state)), screens: [...state.screens, 'neuron'] })
    : state;

const names = { dead: 'is dead', saturated: 'is saturated', duplicate: 'is a duplicate', outstanding: 'is an outlier' };

/** To the next neuron that is an outlier, and why. */
function stepOutlier(state: ScreenState, step: 1 | -1): ScreenState {
  const map = mapOf(state);
  if (!map) return say(state, 'The distances of the neurons are still being measured.');
  const { attention } = map;
  if (attention.length === 0) return say(state, 'No neuron of this layer is an outlier.');
  const { neuron, attended } = state.exploration;
  const here = attention[attended]?.neuron === neuron ? attended : -1;
  const place = here < 0 ? (step > 0 ? 0 : attention.length - 1) : (here + step + attention.length) % attention.length;
  const entry = attention[place];
  if (!entry) return state;
  const chosen = withNeuron(withExploration(state, { attended: place }), entry.neuron);
  const text = `Neuron ${entry.neuron} ${names[entry.kind]}: ${entry.reason}  (${place + 1} of ${attention.length})`;
  return say(chosen, text, entry.kind === 'outstanding' ? 'plain' : 'warning');
}

function changedK(state: ScreenState, step: 1 | -1): ScreenState {
  const { k } = state.exploration.settings;
  const units = openLayerOf(state)?.units ?? mostClusters;
  const most = Math.max(1, Math.min(mostClusters, units));
  const shown = Math.min(k, most);
  const next = within(shown + step, 1, most);
  if (next === shown) {
    const why =
      next === 1
        ? 'At least one cluster.'
        : units < mostClusters
          ? `${units} neurons make at most ${units} clusters.`
          : `At most ${mostClusters} clusters.`;
    return say(state, why);
  }
  return withSettings(state, { k: next });
}

function changedBuckets(state: ScreenState, step: 1 | -1): ScreenState {
  const { settings } = state.exploration;
  const bucket = bucketAt(state);
  const buckets = within(settings.buckets + step, bucketLimits.least, bucketLimits.most);
  // The cursor stays at its value.
  const place = Math.floor(((bucket + 0.5) / settings.buckets) * buckets);
  return withExploration(state, { settings: { ...settings, buckets }, bucket: within(place, 0, buckets - 1) });
}

const toPane = (state: ScreenState, pane: Pane): ScreenState => withExploration(state, { pane });

/** What a command does in the layer view; nothing for those that mean the same everywhere. */
export function reduceLayer(state: ScreenState, command: Command): ScreenState | undefined {
  const { pane } = state.exploration;
  switch (command.id) {
    case 'next-pane':
      return toPane(state, after(panes, pane));
    case 'previous-pane':
      return toPane(state, after(panes, pane, -1));
    case 'pane':
      return toPane(state, command.pane);
    case 'bucket':
      return withBucket(
        settled({
          ...toPane(state, 'evolution'),
          cursor: { ...state.cursor, epoch: epochColumn(command.epoch) },
          follow: command.epoch >= shownRun(state).epochs.length - 1,
        }),
        command.bucket,
      );
    case 'cluster':
      return withCluster(state, command.cluster);
    case 'neuron': {
      const again = state.exploration.neuron === command.neuron;
      return again && pane !== 'evolution' ? openNeuron(state) : withNeuron(state, command.neuron);
    }
    case 'next-outlier':
      return stepOutlier(state, 1);
    case 'previous-outlier':
      return stepOutlier(state, -1);
    case 'more':
    case 'fewer': {
      const step = command.id === 'more' ? 1 : -1;
      return pane === 'evolution' ? changedBuckets(state, step) : changedK(state, step);
    }
  }
  const own = { evolution: inEvolution, map: inMap, neurons: inNeurons }[pane](state, command);
  if (own) return own;
  return command.id === 'wheel' ? moved(state, command.direction) : undefined;
}
