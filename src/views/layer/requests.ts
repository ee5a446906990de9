import type { ExplorationRequest } from '../../engine/analysis/questions/messages.ts';
import { epochOf, mapOf, membersOf, openLayerOf, reasonFor } from './explored.ts';
import { extent } from '../model/navigation.ts';
import type { ScreenState } from '../model/state.ts';
import { layerLayoutOf } from './layout.ts';

/** Neurons asked for at a time: a step through the list rarely asks anew. */
const page = 8;

/** The strongest patches of the neurons in the window, and some around them. */
function rowsRequest(state: ScreenState, layer: number, epoch: number): ExplorationRequest[] {
  const { epochs, planned } = extent(state);
  const { neurons } = layerLayoutOf(state, epochs, planned);
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
  const { k } = state.exploration.settings;
  const { linkage } = state.toggles;
  return [
    { type: 'evolution', layer: layer.index },
    { type: 'map', layer: layer.index, epoch, k: Math.max(1, Math.min(k, layer.units)), linkage },
    ...rowsRequest(state, layer.index, epoch),
  ];
}
