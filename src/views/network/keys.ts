import { backKey } from '../keys/common.ts';
import { bindings, type Click } from '../keys/binding.ts';
import { epochKeys, openKeys, pageKeys, rowKeys, type List } from '../keys/moving.ts';
import { settled, toEpoch, toLayer, windowOf } from '../model/navigation.ts';
import { screenOf, type ScreenState } from '../model/state.ts';

const openLayer = (state: ScreenState): ScreenState =>
  state.run.header ? settled({ ...state, screens: [...state.screens, 'layer'] }) : state;

/** A click on a layer's name or a cell, on any screen of a run that has them; once more on the name opens the layer. */
export function clickedCell(state: ScreenState, { layer, epoch }: Extract<Click, { id: 'cell' }>): ScreenState {
  const again = layer === state.cursor.layer && epoch === undefined;
  if (again && screenOf(state) === 'network') return openLayer(state);
  return toLayer(epoch === undefined ? state : toEpoch(state, epoch), layer);
}

const layers: List = {
  place: 'network',
  row: 'row',
  hint: 'layer',
  move: (state, rows) => toLayer(state, state.cursor.layer + rows),
  page: (state) => Math.max(1, windowOf(state).layers - 1),
};

export const networkKeys = [
  ...rowKeys(layers),
  ...epochKeys(['network']),
  ...openKeys('network', 'open what is selected', 'open', openLayer),
  ...bindings(['network'], [backKey]),
  ...pageKeys(layers),
];
