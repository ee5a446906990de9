import { backKey } from '../keys/common.ts';
import { counts } from '../keys/toggles.ts';
import { bindings, neuronPlaces, stepKeys, type Click } from '../keys/binding.ts';
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
import { neuronOf, openLayerOf } from '../layer/explored.ts';
import type { NeuronState } from '../layer/state.ts';
import { stepPane, withPane } from '../model/navigation.ts';
import { say, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';
import { classCursor, classOrder } from './distributions.ts';
import { facetPlaces } from './facet-map.ts';
import { neuronLayoutOf } from './layout.ts';
import { listedPatches, patchCursor, selectedFacet, shownFacets } from './scene.ts';

const withNeuronState = (state: ScreenState, change: Partial<NeuronState>): ScreenState => ({
  ...state,
  neuron: { ...state.neuron, ...change },
});

/** The neuron before or after, of the same layer. */
function stepNeuron(state: ScreenState, step: number): ScreenState {
  const units = openLayerOf(state)?.units ?? 0;
  const before = neuronOf(state);
  const neuron = clamp(before + step, 0, units - 1);
  if (neuron === before) return say(state, step > 0 ? 'This is the layer’s last neuron.' : 'This is the first neuron.');
  return { ...state, exploration: { ...state.exploration, neuron } };
}

function changeFacets(state: ScreenState, step: number): ScreenState {
  const { settings } = state.exploration;
  const { least, most } = counts.facets;
  const facets = clamp(settings.facets + step, least, most);
  if (facets === settings.facets) return say(state, step > 0 ? `At most ${most} facets.` : 'At least one facet.');
  return {
    ...withNeuronState(state, { facet: undefined, patch: 0 }),
    exploration: { ...state.exploration, settings: { ...settings, facets } },
  };
}

function selectFacet(state: ScreenState, facet: number | undefined): ScreenState {
  const count = shownFacets(state)?.facets.length ?? 0;
  if (facet !== undefined && facet >= count) {
    return say(state, count === 0 ? 'The facets are not known yet.' : `There are ${count} facets.`);
  }
  return withNeuronState(state, { facet, patch: 0 });
}

/** To the facet whose picture is nearest in a direction; to the largest one where none is selected yet. */
function stepFacet(state: ScreenState, direction: Direction): ScreenState {
  const facets = shownFacets(state);
  const { facets: layout } = neuronLayoutOf(state);
  if (!facets || !layout) return state;
  const places = facetPlaces(facets, layout.map);
  const here = places.findIndex(({ facet }) => facet === selectedFacet(state));
  if (here < 0) {
    const sizes = facets.facets.map(({ size }) => size);
    return selectFacet(state, sizes.indexOf(Math.max(...sizes)));
  }
  // A row is as far as two columns.
  const centres = places.map(({ row, column, rows, columns }) => [column + columns / 2, 2 * (row + rows / 2)] as const);
  const found = nearestTowards(centres, here, direction);
  return found === undefined ? state : selectFacet(state, places[found]?.facet);
}

const toPatch = (state: ScreenState, place: number): ScreenState =>
  withNeuronState(state, { patch: clamp(place, 0, listedPatches(state).length - 1) });

/** Tiles across and down in the sheet. */
const sheetSize = (state: ScreenState): { across: number; down: number } =>
  neuronLayoutOf(state).patches?.sheet ?? { across: 1, down: 1 };

const stepPatch = (state: ScreenState, [right, down]: Direction): ScreenState =>
  toPatch(state, patchCursor(state) + right + down * sheetSize(state).across);

const openFacet = (state: ScreenState): ScreenState => withNeuronState(withPane(state, 'patches'), { patch: 0 });

function stepClass(state: ScreenState, step: number): ScreenState {
  const order = classOrder(state);
  return withNeuronState(state, { label: order[clamp(classCursor(state).row + step, 0, order.length - 1)] ?? 0 });
}

/** A click in the neuron view; nothing for those that mean the same everywhere. */
export function clickedNeuron(state: ScreenState, click: Click): ScreenState | undefined {
  switch (click.id) {
    case 'facet': {
      const again = click.facet !== undefined && click.facet === selectedFacet(state);
      return selectFacet(state, again ? undefined : click.facet);
    }
    case 'patch':
      return toPatch(withPane(state, 'patches'), click.index);
    default:
      return undefined;
  }
}

const classes: List = {
  place: 'neuron',
  row: 'class',
  move: stepClass,
  page: (state) => neuronLayoutOf(state).activations?.classes.visible ?? 1,
};

const patches: List = {
  place: 'patches',
  row: 'patch',
  move: (state, rows) => stepPatch(state, [0, rows]),
  page: (state) => sheetSize(state).down,
};

export const neuronKeys = [
  ...epochKeys(['neuron']),
  ...rowKeys(classes),
  ...planeKeys('facets', 'facet', stepFacet),
  ...planeKeys('patches', 'patch', stepPatch, ['stronger patch', 'weaker patch']),
  ...bindings(neuronPlaces, [
    {
      command: 'number',
      keys: Array.from('1234567890'),
      label: 'facet by its number; 0 shows all patches',
      keyOnly: true,
      click: (key) => ({ id: 'facet', facet: key === '0' ? undefined : Number(key) - 1 }),
    },
  ]),
  ...openKeys('facets', 'to the patches', 'patches', openFacet),
  ...bindings(neuronPlaces, [backKey]),
  ...paneKeys(neuronPlaces, stepPane),
  ...stepKeys(neuronPlaces, stepNeuron, [
    { command: 'previous-neuron', keys: ['[', 'ctrl+left'], label: 'previous neuron', by: -1, hint: ['[', 'prev'] },
    { command: 'next-neuron', keys: [']', 'ctrl+right'], label: 'next neuron', by: 1, hint: [']', 'next'] },
  ]),
  ...countKeys(neuronPlaces, 'facets', changeFacets),
  ...pageKeys(classes),
  ...pageKeys(patches),
];
