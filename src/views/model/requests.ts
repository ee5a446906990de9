import type { ExplorationRequest } from '../../engine/analysis/questions/messages.ts';
import { comparedSides } from '../compare/state.ts';
import { epochOf, mapOf, membersOf, neuronOf, openLayerOf, reasonFor } from '../layer/explored.ts';
import { layerLayoutOf } from '../layer/layout.ts';
import { neuronLayout } from '../neuron/layout.ts';
import { sheetPage } from '../neuron/patch-sheet.ts';
import { classesOf, selectedFacet, shownFacets } from '../neuron/scene.ts';
import { screenOf, type ScreenState } from './state.ts';

/** What the screen needs to know of the run's layers and neurons: the same state asks for the same. */
export function requestsOf(state: ScreenState): ExplorationRequest[] {
  switch (screenOf(state)) {
    case 'layer':
      return layerRequests(state);
    case 'neuron':
      return neuronRequests(state);
    case 'compare':
      return compareRequests(state);
    default:
      return [];
  }
}

/** How alike the layers are, once that is looked at. */
function compareRequests({ comparison }: ScreenState): ExplorationRequest[] {
  if (comparison?.part !== 'similarity') return [];
  const [[one], [other]] = comparedSides(comparison.sides, comparison.other).map(({ runs }) => runs);
  const last = ({ records }: typeof one): number => records.at(-1)?.number ?? 0;
  return [{ type: 'similarities', epoch: last(one), other: { directory: other.directory, epoch: last(other) } }];
}

/** Neurons asked for at a time: a step through the list rarely asks anew. */
const page = 8;

/** The strongest patches of the neurons in the window, and some around them. */
function rowsRequest(state: ScreenState, layer: number, epoch: number): ExplorationRequest[] {
  const { neurons } = layerLayoutOf(state);
  if (!neurons || neurons.pictures < 2 || !mapOf(state) || reasonFor(state, 'pictures')) return [];
  const { rowOffset } = state.exploration;
  const first = Math.floor(rowOffset / page) * page;
  const end = Math.ceil((rowOffset + neurons.visible) / page) * page;
  const members = membersOf(state).slice(first, end);
  // In the order of their numbers: while values change, the same neurons ask for the same.
  const sorted = members.toSorted((one, other) => one - other);
  return sorted.length === 0 ? [] : [{ type: 'rows', layer, neurons: sorted, epoch, count: neurons.pictures - 1 }];
}

/** What the layer view needs to know: the same state asks for the same. */
export function layerRequests(state: ScreenState): ExplorationRequest[] {
  const layer = openLayerOf(state);
  const epoch = epochOf(state);
  if (!layer || epoch === undefined) return [];
  const { clusters } = state.exploration.settings;
  const { linkage } = state.toggles;
  return [
    { type: 'evolution', layer: layer.index },
    { type: 'map', layer: layer.index, epoch, k: Math.max(1, Math.min(clusters, layer.units)), linkage },
    ...rowsRequest(state, layer.index, epoch),
  ];
}

/** What the neuron view needs to know: the same state asks for the same. */
export function neuronRequests(state: ScreenState): ExplorationRequest[] {
  const layer = openLayerOf(state)?.index;
  const epoch = epochOf(state);
  if (layer === undefined || epoch === undefined) return [];
  const neuron = neuronOf(state);
  const about = { layer, neuron, epoch };
  // The pages before and after too, so that turning them need not wait; from a whole page on, so that a step does not
  // ask anew.
  const { sheet } = neuronLayout(state.size, classesOf(state).length, 'patches').patches ?? {};
  const { first, count } = sheet ? sheetPage(state, sheet) : { first: 0, count: 0 };
  const facet = selectedFacet(state);
  const members = facet === undefined ? undefined : shownFacets(state)?.facets[facet]?.patches;
  const from = Math.max(0, first - count);
  return [
    { type: 'evolution', layer },
    {
      type: 'patches',
      ...about,
      first: from,
      count: first - from + 2 * count,
      ...(members && { members: Array.from(members) }),
    },
    ...(classesOf(state).length > 0 ? [{ type: 'distributions' as const, ...about }] : []),
    { type: 'facets', ...about, k: state.exploration.settings.facets },
  ];
}
