import type { ErrorReport } from '../../engine/base/errors.ts';
import type {
  ExplorationAnswer,
  LayerEvolution,
  LayerMap,
  LayerPictures,
  NeuronDistributions,
  NeuronFacets,
  NeuronFlag,
  NeuronPatches,
} from '../../engine/analysis/questions/messages.ts';
import { memoize } from '../frame/memoize.ts';
import { clocked, declaredRange, metricsOfRun } from '../model/metrics.ts';
import { fullestLevel, valuesAtEpoch, type ShownEvolution } from './buckets.ts';
import type { ExplorationState, NeuronRows, Subject, Unavailable } from './state.ts';
import { isUnderWay, valueAt, type RunModel } from '../model/run-model.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';

/** The layer on the screen: its index in the paper's counting, from 1, and its neurons. */
export function openLayerOf(state: ScreenState): { index: number; units: number } | undefined {
  const layer = shownRun(state).header?.network.layers[state.cursor.layer];
  return layer && { index: layer.index, units: layer.units };
}

/** The epoch under the cursor, as the run counts it; nothing before the first is committed. */
export const epochOf = (state: ScreenState): number | undefined => shownRun(state).epochs[state.cursor.epoch]?.number;

/** What a pane waits for. @param what it then shows: `The map appears` @param doing what goes on once there is a record */
export function awaited(state: ScreenState, what: string, doing: string): string {
  const run = shownRun(state);
  if (epochOf(state) !== undefined) return doing;
  return clocked(
    run,
    isUnderWay(run.state) ? `No epoch is done yet. ${what} here with the first.` : 'No epoch is done.',
  );
}

/** The neuron that is selected: the chosen one, else the one that stands for the selected cluster. */
export function neuronOf(state: ScreenState): number {
  const { neuron, cluster } = state.exploration;
  return neuron ?? mapOf(state)?.medoids[cluster] ?? 0;
}

const ofLayer = <T extends { layer: number }>(state: ScreenState, answer: T | undefined): T | undefined =>
  answer && answer.layer === openLayerOf(state)?.index ? answer : undefined;

const ofNeuron = <T extends { layer: number; neuron: number }>(
  state: ScreenState,
  answer: T | undefined,
): T | undefined => (answer && answer.neuron === neuronOf(state) ? ofLayer(state, answer) : undefined);

/** The open layer's evolution, an epoch of the run's a row; it may lack the newest ones. */
export function evolutionOf(state: ScreenState): ShownEvolution | undefined {
  const evolution = ofLayer(state, state.exploration.evolution);
  const { epochs, header } = shownRun(state);
  return evolution && aligned(evolution, epochs, header);
}

/** An epoch whose file is gone or damaged is not answered: its values are NaN then, so that the others keep their places. */
const aligned = memoize(
  (evolution: LayerEvolution, epochs: RunModel['epochs'], header: RunModel['header']): ShownEvolution => ({
    ...(isPrefix(evolution, epochs) ? evolution : spreadOut(evolution, epochs)),
    declared: Object.fromEntries(Object.keys(evolution.metrics).map((id) => [id, declaredRange({ header }, id)])),
  }),
);

const isPrefix = ({ epochs }: LayerEvolution, run: RunModel['epochs']): boolean =>
  epochs.every((epoch, place) => place >= run.length || run[place]?.number === epoch);

function spreadOut(evolution: LayerEvolution, run: RunModel['epochs']): LayerEvolution {
  const { neurons } = evolution;
  const last = evolution.epochs.at(-1) ?? 0;
  const epochs = run.map(({ number }) => number).filter((epoch) => epoch <= last);
  const spread = (values: Float64Array): Float64Array => {
    const rows = new Float64Array(epochs.length * neurons).fill(Number.NaN);
    epochs.forEach((epoch, row) => {
      const at = evolution.epochs.indexOf(epoch);
      if (at >= 0) rows.set(values.subarray(at * neurons, (at + 1) * neurons), row * neurons);
    });
    return rows;
  };
  return {
    ...evolution,
    epochs,
    metrics: Object.fromEntries(Object.entries(evolution.metrics).map(([metric, values]) => [metric, spread(values)])),
  };
}

/** The level under the evolution's cursor: until one is chosen the fullest at the cursor's epoch. */
export function bucketAt(state: ScreenState): number {
  const { bucket, settings } = state.exploration;
  if (bucket !== undefined) return bucket;
  const evolution = evolutionOf(state);
  const at = evolution?.epochs.indexOf(epochOf(state) ?? 0) ?? -1;
  return evolution && at >= 0 ? fullestLevel(evolution, state.metric, settings.levels, at) : 0;
}

/** The open layer's map: of the cursor's epoch, or of the one before until that is known. */
export const mapOf = (state: ScreenState): LayerMap | undefined => ofLayer(state, state.exploration.map);

export const picturesOf = (state: ScreenState): LayerPictures | undefined => ofLayer(state, state.exploration.pictures);

export const rowsOf = (state: ScreenState): NeuronRows | undefined => ofLayer(state, state.exploration.rows);

/** What is known of the selected neuron. */
export const patchesOf = (state: ScreenState): NeuronPatches | undefined => ofNeuron(state, state.exploration.patches);

export const distributionsOf = (state: ScreenState): NeuronDistributions | undefined =>
  ofNeuron(state, state.exploration.distributions);

export const facetsOf = (state: ScreenState): NeuronFacets | undefined => ofNeuron(state, state.exploration.facets);

const ofOneNeuron: ReadonlySet<Subject> = new Set<Subject>(['patches', 'distributions', 'facets']);

/** Why the open layer (or neuron) has no answer about something; nothing if it has one or may still get it. */
export function reasonFor(state: ScreenState, about: Subject): ErrorReport | undefined {
  const entry = state.exploration.unavailable[about];
  if (!entry || entry.layer !== openLayerOf(state)?.index || entry.epoch !== epochOf(state)) return undefined;
  return ofOneNeuron.has(about) && entry.neuron !== neuronOf(state) ? undefined : entry.error;
}

/** Why a neuron of the open layer is an outlier; the gravest reason first. */
export function outlierOf(state: ScreenState, neuron: number): NeuronFlag | undefined {
  return mapOf(state)?.flags.find((entry) => entry.neuron === neuron);
}

/**
 * The neurons of the selected cluster: the one that stands for it, then by the shown metric, highest first; all of the
 * layer's where there is no map.
 */
export function membersOf(state: ScreenState): readonly number[] {
  const map = mapOf(state);
  const units = openLayerOf(state)?.units ?? 0;
  const all = Array.from({ length: units }, (_, neuron) => neuron);
  const members = map ? all.filter((neuron) => map.labels[neuron] === state.exploration.cluster) : all;
  const values = valuesAt(state);
  const medoid = map?.medoids[state.exploration.cluster];
  const rank = (neuron: number): number => (neuron === medoid ? Infinity : values ? finiteOr0(values[neuron]) : 0);
  return members.sort((one, other) => (rank(one) === rank(other) ? one - other : rank(other) - rank(one)));
}

const finiteOr0 = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : 0);

/** The shown metric of the open layer's neurons at the cursor's epoch, as far as it is known. */
export function valuesAt(state: ScreenState, metric = state.metric): Float64Array | undefined {
  const evolution = evolutionOf(state);
  const epoch = epochOf(state);
  if (!evolution || epoch === undefined) return undefined;
  const at = evolution.epochs.indexOf(epoch);
  return at < 0 ? undefined : valuesAtEpoch(evolution, metric, at);
}

/**
 * A neuron's value of a metric at the cursor's epoch. Undefined where it is not known: no neuron of the layer has one
 * then. NaN where it is the neuron that has none.
 */
export function valueOf(state: ScreenState, neuron: number, metric = state.metric): number | undefined {
  const values = valuesAt(state, metric);
  const value = values?.[neuron];
  return value !== undefined && Number.isNaN(value) && values?.every(Number.isNaN) ? undefined : value;
}

/** The run's metrics that the neurons of the open layer have, and the shown one; all, until that is known. */
export const neuronMetrics = (state: ScreenState): string[] =>
  metricsOfRun(shownRun(state)).filter(
    (metric) =>
      metric === state.metric ||
      evolutionOf(state) === undefined ||
      valueOf(state, neuronOf(state), metric) !== undefined,
  );

/** The open layer's own values of the shown metric at each of the run's records; NaN where it has none. */
export function layerCurve(state: ScreenState): number[] {
  const run = shownRun(state);
  return run.epochs.map((_, epoch) => valueAt(run, state.metric, state.cursor.layer, epoch) ?? Number.NaN);
}

/** The slice with an answer taken in. A late one is kept too: the selectors show only what belongs to the screen. */
export function withAnswer(state: ScreenState, answer: ExplorationAnswer): ScreenState {
  const about: Subject = answer.type === 'unavailable' ? answer.about : answer.type;
  const why = answer.type === 'unavailable' ? whyNot(state, answer) : undefined;
  const unavailable = { ...state.exploration.unavailable, [about]: why };
  return { ...state, exploration: { ...taken(state, answer), unavailable } };
}

function whyNot(state: ScreenState, { error }: Extract<ExplorationAnswer, { type: 'unavailable' }>): Unavailable {
  return { error, layer: openLayerOf(state)?.index ?? 0, neuron: neuronOf(state), epoch: epochOf(state) ?? 0 };
}

function taken({ exploration }: ScreenState, answer: ExplorationAnswer): ExplorationState {
  switch (answer.type) {
    case 'map':
      return withMap(exploration, answer.map);
    case 'rows':
      return { ...exploration, rows: withRows(exploration.rows, answer) };
    case 'unavailable':
      return exploration;
    default: {
      const { type: _, ...answered } = answer;
      return { ...exploration, ...answered };
    }
  }
}

/** A chosen neuron keeps its cluster selected, whatever number that has now. */
function withMap(exploration: ExplorationState, map: LayerMap): ExplorationState {
  const { neuron, cluster, pictures, map: before } = exploration;
  const own = neuron === undefined ? undefined : map.labels[neuron];
  return {
    ...exploration,
    map,
    cluster: own ?? clamp(cluster, 0, map.k - 1),
    pictures: pictures && before && sameClusters(before, map) ? pictures : withoutClusters(pictures),
  };
}

const sameClusters = (one: LayerMap, other: LayerMap): boolean =>
  one.layer === other.layer &&
  one.labels.length === other.labels.length &&
  one.labels.every((label, neuron) => label === other.labels[neuron]);

/** Pictures of other clusters would stand for the wrong ones until theirs arrive. */
const withoutClusters = (pictures: LayerPictures | undefined): LayerPictures | undefined =>
  pictures && { ...pictures, clusters: [] };

/** Rows of the same layer and epoch add up: they are still there when the list is scrolled back. */
function withRows(before: NeuronRows | undefined, answer: Extract<ExplorationAnswer, { type: 'rows' }>): NeuronRows {
  const { layer, epoch } = answer;
  const known = before?.layer === layer && before.epoch === epoch ? before.pictures : [];
  return {
    layer,
    epoch,
    pictures: new Map([...known, ...answer.rows.map((row) => [row.neuron, row.pictures] as const)]),
  };
}
