import type { Command } from '../keys/index.ts';
import { mostFacets } from '../layer/state.ts';
import { neuronOf, openLayerOf } from '../layer/explored.ts';
import { moved } from '../model/navigation.ts';
import { neuronPanes, type NeuronState } from './state.ts';
import { rowSteps } from '../model/row-steps.ts';
import type { ScreenState } from '../model/state.ts';
import { classCursor, classOrder } from './distributions.ts';
import { facetPlaces } from './facet-map.ts';
import { neuronLayout, type NeuronLayout } from './layout.ts';
import { classesOf, listedPatches, patchCursor, selectedFacet, shownFacets } from './scene.ts';

const within = (value: number, most: number): number => Math.max(0, Math.min(value, Math.max(0, most)));

const withNeuronState = (state: ScreenState, change: Partial<NeuronState>): ScreenState => ({
  ...state,
  neuron: { ...state.neuron, ...change },
});

const say = (state: ScreenState, text: string): ScreenState => ({ ...state, message: { text, tone: 'plain' } });

/** Where the parts of the view are in this state. */
export const layoutOf = (state: ScreenState): NeuronLayout =>
  neuronLayout(state.size, classesOf(state).length, state.neuron.pane);

/** The neuron before or after, of the same layer. */
function stepNeuron(state: ScreenState, step: 1 | -1): ScreenState {
  const units = openLayerOf(state)?.units ?? 0;
  const before = neuronOf(state);
  const neuron = within(before + step, units - 1);
  if (neuron === before) return say(state, step > 0 ? 'This is the layer’s last neuron.' : 'This is the first neuron.');
  return { ...state, exploration: { ...state.exploration, neuron } };
}

function changeFacets(state: ScreenState, step: 1 | -1): ScreenState {
  const { settings } = state.exploration;
  const facetK = Math.max(1, Math.min(mostFacets, settings.facetK + step));
  if (facetK === settings.facetK) return say(state, step > 0 ? `At most ${mostFacets} facets.` : 'At least one facet.');
  return {
    ...withNeuronState(state, { facet: undefined, patch: 0 }),
    exploration: { ...state.exploration, settings: { ...settings, facetK } },
  };
}

function selectFacet(state: ScreenState, facet: number | undefined): ScreenState {
  const count = shownFacets(state)?.facets.length ?? 0;
  if (facet !== undefined && facet >= count) {
    return say(state, count === 0 ? 'The facets are not known yet.' : `There are ${count} facets.`);
  }
  return withNeuronState(state, { facet, patch: 0 });
}

const directions = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] } as const;

/** The facet whose picture is nearest in a direction; the largest one where none is selected yet. */
function facetTowards(state: ScreenState, direction: keyof typeof directions): number | undefined {
  const facets = shownFacets(state);
  const { facets: layout } = layoutOf(state);
  if (!facets || !layout) return undefined;
  const places = facetPlaces(facets, layout.map).map(({ facet, row, column, rows, columns }) => ({
    facet,
    // A row is as far as two columns.
    y: 2 * (row + rows / 2),
    x: column + columns / 2,
  }));
  const here = places.find(({ facet }) => facet === selectedFacet(state));
  if (!here) {
    const sizes = facets.facets.map(({ size }) => size);
    return sizes.indexOf(Math.max(...sizes));
  }
  const [down, right] = directions[direction];
  let best: { facet: number; cost: number } | undefined;
  for (const { facet, x, y } of places) {
    const along = (x - here.x) * right + (y - here.y) * down;
    const aside = Math.abs((x - here.x) * down) + Math.abs((y - here.y) * right);
    const cost = along + 2 * aside;
    if (along > 0 && (!best || cost < best.cost)) best = { facet, cost };
  }
  return best?.facet;
}

function inFacets(state: ScreenState, id: string): ScreenState | undefined {
  switch (id) {
    case 'left':
    case 'right':
    case 'up':
    case 'down': {
      const facet = facetTowards(state, id);
      return facet === undefined ? state : selectFacet(state, facet);
    }
    case 'open':
      return withNeuronState(state, { pane: 'patches', patch: 0 });
    default:
      return undefined;
  }
}

/** How far each key goes in a list with so many rows in view and so many entries a row. */
const stepsIn = (rows: number, across = 1): ReturnType<typeof rowSteps> =>
  rowSteps(rows, Math.max(1, Math.floor(rows / 2)), across);

function inPatches(state: ScreenState, id: string): ScreenState | undefined {
  const sheet = layoutOf(state).patches?.sheet;
  const across = sheet?.across ?? 1;
  const steps: ReturnType<typeof rowSteps> = { left: -1, right: 1, ...stepsIn(sheet?.down ?? 1, across) };
  const step = steps[id];
  if (step === undefined) return undefined;
  return toPatch(state, patchCursor(state) + step);
}

const toPatch = (state: ScreenState, place: number): ScreenState =>
  withNeuronState(state, { patch: within(place, listedPatches(state).length - 1) });

function inActivations(state: ScreenState, id: string): ScreenState | undefined {
  const last = classOrder(state).length - 1;
  const { row } = classCursor(state);
  const step = stepsIn(layoutOf(state).activations?.classes.visible ?? 1)[id];
  return step === undefined ? undefined : withNeuronState(state, { row: within(row + step, last) });
}

const stepPane = (state: ScreenState, step: number): ScreenState => {
  const place = neuronPanes.indexOf(state.neuron.pane) + step + neuronPanes.length;
  return withNeuronState(state, { pane: neuronPanes[place % neuronPanes.length] ?? 'activations' });
};

/** The classes ordered anew, the cursor staying on its class. */
function reorder(state: ScreenState): ScreenState {
  const order = state.neuron.order === 'class' ? 'median' : 'class';
  const { label } = classCursor(state);
  const next = withNeuronState(state, { order });
  const row = label === undefined ? 0 : classOrder(next).indexOf(label);
  return say(
    withNeuronState(next, { row: Math.max(0, row) }),
    order === 'median' ? 'Classes by the median of their activations.' : 'Classes as in the data.',
  );
}

/** What a command does in the neuron view; nothing for those that mean the same everywhere. */
export function reduceNeuron(state: ScreenState, command: Command): ScreenState | undefined {
  switch (command.id) {
    case 'next-neuron':
      return stepNeuron(state, 1);
    case 'previous-neuron':
      return stepNeuron(state, -1);
    case 'next-pane':
      return stepPane(state, 1);
    case 'previous-pane':
      return stepPane(state, -1);
    case 'neuron-pane':
      return withNeuronState(state, { pane: command.pane });
    case 'more':
      return changeFacets(state, 1);
    case 'fewer':
      return changeFacets(state, -1);
    case 'facet': {
      const again = command.facet !== undefined && command.facet === selectedFacet(state);
      return selectFacet(state, again ? undefined : command.facet);
    }
    case 'patch':
      return toPatch(withNeuronState(state, { pane: 'patches' }), command.index);
    case 'order':
      return reorder(state);
  }
  const { pane } = state.neuron;
  // The wheel scrolls what can be scrolled.
  const id = command.id === 'wheel' ? command.direction : command.id;
  const own = { activations: inActivations, facets: inFacets, patches: inPatches }[pane](state, id);
  if (own) return own;
  if (command.id === 'wheel') return moved(state, command.direction) ?? state;
  // Layers are not walked through from a neuron: it belongs to one.
  return command.id === 'up' || command.id === 'down' ? state : undefined;
}
