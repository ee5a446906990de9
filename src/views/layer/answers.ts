import type { ExplorationAnswer, LayerMap, LayerPictures } from '../../engine/analysis/questions/messages.ts';
import type { ExplorationState, NeuronRows, Subject, Unavailable } from './state.ts';
import { epochOf, neuronOf, openLayerOf } from './explored.ts';
import type { ScreenState } from '../model/state.ts';

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

function taken(state: ScreenState, answer: ExplorationAnswer): ExplorationState {
  const { exploration } = state;
  switch (answer.type) {
    case 'evolution':
      return { ...exploration, evolution: answer.evolution };
    case 'map':
      return withMap(exploration, answer.map);
    case 'pictures':
      return { ...exploration, pictures: answer.pictures };
    case 'rows':
      return { ...exploration, rows: withRows(exploration.rows, answer) };
    case 'patches':
      return { ...exploration, patches: answer.patches };
    case 'distributions':
      return { ...exploration, distributions: answer.distributions };
    case 'facets':
      return { ...exploration, facets: answer.facets };
    case 'unavailable':
      return exploration;
  }
}

/** A chosen neuron keeps its cluster selected, whatever number that has now. */
function withMap(exploration: ExplorationState, map: LayerMap): ExplorationState {
  const { neuron, cluster, pictures, map: before } = exploration;
  const own = neuron === undefined ? undefined : map.labels[neuron];
  return {
    ...exploration,
    map,
    cluster: own ?? Math.max(0, Math.min(cluster, map.k - 1)),
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

/** Rows of the same layer and epoch add up: whoever scrolls back finds them there. */
function withRows(before: NeuronRows | undefined, answer: Extract<ExplorationAnswer, { type: 'rows' }>): NeuronRows {
  const { layer, epoch } = answer;
  const known = before?.layer === layer && before.epoch === epoch ? before.pictures : [];
  return {
    layer,
    epoch,
    pictures: new Map([...known, ...answer.rows.map((row) => [row.neuron, row.pictures] as const)]),
  };
}
