import { backKeys } from '../keys/common.ts';
import { bindings, type Click } from '../keys/binding.ts';
import { epochKeys, pageKeys, rowKeys } from '../keys/moving.ts';
import { settled, toEpoch, toLayer, windowOf } from '../model/navigation.ts';
import { screenOf, shownRun, type ScreenState } from '../model/state.ts';

const openLayer = (state: ScreenState): ScreenState =>
  state.run.header ? settled({ ...state, screens: [...state.screens, 'layer'] }) : state;

/** A click on a layer's name or a cell, on any screen of a run that has them; once more on the name opens the layer. */
export function clickedCell(state: ScreenState, { layer, epoch }: Extract<Click, { id: 'cell' }>): ScreenState {
  const again = layer === state.cursor.layer && epoch === undefined;
  if (again && screenOf(state) === 'network') return openLayer(state);
  return toLayer(epoch === undefined ? state : toEpoch(state, epoch), layer);
}

const layers: Parameters<typeof rowKeys>[0] = {
  where: ['network'],
  row: 'row',
  hint: 'layer',
  move: (state, rows) => toLayer(state, state.cursor.layer + rows),
  page: (state) => Math.max(1, windowOf(state).layers - 1),
};

export const networkKeys = [
  ...rowKeys(layers),
  ...epochKeys(['network']),
  ...bindings([
    {
      command: 'open',
      keys: ['return'],
      label: 'open what is selected',
      where: ['network'],
      hint: ['⏎', 'open'],
      isOffered: (state) => shownRun(state).header !== undefined,
      run: openLayer,
    },
  ]),
  ...backKeys(['network']),
  ...pageKeys(layers),
];
