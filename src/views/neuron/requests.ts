import type { ExplorationRequest } from '../../engine/analysis/questions/messages.ts';
import { epochOf, neuronOf, openLayerOf } from '../layer/explored.ts';
import type { ScreenState } from '../model/state.ts';
import { neuronLayout } from './layout.ts';
import { sheetPage } from './patch-sheet.ts';
import { classesOf, selectedFacet, shownFacets } from './scene.ts';

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
    { type: 'distributions', ...about },
    { type: 'facets', ...about, k: state.exploration.settings.facetK },
  ];
}
