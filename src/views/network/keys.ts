import { backKey } from '../keys/common.ts';
import { bindings, type Click } from '../keys/binding.ts';
import { epochKeys, openKeys, pageKeys, rowKeys, type List } from '../keys/moving.ts';
import { allFolded, cursorRow, folded, hasGroups, opened, openGroup } from '../model/layer-rows.ts';
import { settled, stepRow, toEpoch, toLayer, windowOf } from '../model/navigation.ts';
import { say, screenOf, type ScreenState } from '../model/state.ts';

function openRow(state: ScreenState): ScreenState {
  const { group } = cursorRow(state);
  if (group !== undefined) return settled(opened(state, group));
  return state.run.header ? settled({ ...state, screens: [...state.screens, 'layer'] }) : state;
}

function fold(state: ScreenState): ScreenState {
  const group = openGroup(state);
  if (group !== undefined) return settled(folded(state, group));
  return say(state, hasGroups(state) ? 'This row is in no group of layers.' : noGroups);
}

function unfold(state: ScreenState): ScreenState {
  const { group } = cursorRow(state);
  return group === undefined
    ? say(state, 'This row is a layer; a group is what opens.')
    : settled(opened(state, group));
}

const noGroups = 'The names of these layers make no groups: they have no dots.';

function foldAll(state: ScreenState): ScreenState {
  const next = settled(allFolded(state));
  if (next.folded.size > 0 || state.folded.size > 0) return next;
  return say(state, hasGroups(state) ? 'The only groups are most of the network; - folds one.' : noGroups);
}

/** A click on a layer's name or a cell, on any screen of a run that has them; once more on the name opens the layer. */
export function clickedCell(state: ScreenState, { layer, epoch }: Extract<Click, { id: 'cell' }>): ScreenState {
  const again = layer === state.cursor.layer && epoch === undefined;
  if (again && screenOf(state) === 'network') return openRow(state);
  return toLayer(epoch === undefined ? state : toEpoch(state, epoch), layer);
}

const layers: List = {
  place: 'network',
  row: 'row',
  hint: 'layer',
  move: stepRow,
  page: (state) => Math.max(1, windowOf(state).rows - 1),
};

export const networkKeys = [
  ...rowKeys(layers),
  ...epochKeys(['network']),
  ...openKeys('network', 'open what is selected', 'open', openRow),
  ...bindings(['network'], [backKey]),
  ...pageKeys(layers),
  ...bindings(
    ['network'],
    [
      {
        command: 'fold',
        keys: ['-', '_'],
        label: 'fold the group of layers around the cursor',
        hint: ['-+', 'fold'],
        isOffered: hasGroups,
        run: fold,
      },
      { command: 'unfold', keys: ['+', '='], label: 'open the folded group', run: unfold },
      { command: 'fold-all', keys: ['F'], label: 'fold all groups of layers, or open them', run: foldAll },
    ],
  ),
];
