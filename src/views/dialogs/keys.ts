import type { LayerRecord } from '../../engine/run/format.ts';
import { bindingsAt, type Command, type KeyBinding, type Place } from '../keys/index.ts';
import { layerRow, placeUnder, shownRun, type Dialog, type ScreenState } from '../model/state.ts';
import { settled } from '../model/navigation.ts';

const contains = (text: string, wanted: string): boolean =>
  text.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase());

/** Commands that the palette offers at a screen for what was typed. */
export function paletteChoices(place: Place, text: string): KeyBinding[] {
  return bindingsAt(place).filter(
    (binding) =>
      !binding.keyOnly && binding.command !== 'palette' && contains(`${binding.command} ${binding.label}`, text),
  );
}

/** Layers that find offers for what was typed: by index, name or label. */
export function findChoices(layers: readonly LayerRecord[], text: string): { row: number; layer: LayerRecord }[] {
  return layers
    .map((layer, row) => ({ row, layer }))
    .filter(({ layer }) => contains(`${layer.index} ${layer.name} ${layer.label}`, text));
}

/** Characters that a dialog takes. */
const textMost = 60;

function choices(state: ScreenState, dialog: Dialog): number {
  if (dialog.kind === 'palette') return paletteChoices(placeUnder(state), dialog.text).length;
  if (dialog.kind === 'find') return findChoices(shownRun(state).header?.network.layers ?? [], dialog.text).length;
  return 0;
}

/** What a command does inside a dialog that takes text or scrolls; `run` is a command to carry out after it closed. */
export function inDialog(
  state: ScreenState,
  dialog: Dialog,
  command: Command,
): { state: ScreenState; run?: Command } | undefined {
  const shown = (next: Dialog | undefined): { state: ScreenState } => ({ state: { ...state, dialog: next } });
  if (command.id === 'cancel') return shown(undefined);
  if (dialog.kind === 'help') {
    if (command.id === 'next-choice') return shown({ ...dialog, offset: dialog.offset + 1 });
    if (command.id === 'previous-choice') return shown({ ...dialog, offset: Math.max(0, dialog.offset - 1) });
    if (command.id === 'wheel') {
      return shown({ ...dialog, offset: Math.max(0, dialog.offset + (command.direction === 'down' ? 1 : -1)) });
    }
    return undefined;
  }
  if (dialog.kind === 'leave' || dialog.kind === 'failure') return undefined;
  const count = choices(state, dialog);
  const chosen = Math.min(dialog.choice, Math.max(0, count - 1));
  switch (command.id) {
    case 'type':
      return shown({ ...dialog, text: (dialog.text + command.text).slice(0, textMost), choice: 0 });
    case 'erase':
      return shown({ ...dialog, text: Array.from(dialog.text).slice(0, -1).join(''), choice: 0 });
    case 'next-choice':
      return shown({ ...dialog, choice: Math.min(chosen + 1, Math.max(0, count - 1)) });
    case 'previous-choice':
      return shown({ ...dialog, choice: Math.max(0, chosen - 1) });
    case 'wheel':
      return shown({
        ...dialog,
        choice: Math.max(0, Math.min(chosen + (command.direction === 'down' ? 1 : -1), count - 1)),
      });
    case 'choose':
      return accept({ ...state, dialog: { ...dialog, choice: command.index } });
    case 'accept':
      return accept({ ...state, dialog: { ...dialog, choice: chosen } });
    default:
      return undefined;
  }
}

function accept(state: ScreenState): { state: ScreenState; run?: Command } {
  const { dialog } = state;
  const closed = { ...state, dialog: undefined };
  if (dialog?.kind === 'palette') {
    const binding = paletteChoices(placeUnder(state), dialog.text)[dialog.choice];
    return binding ? { state: closed, run: { id: binding.command } } : { state };
  }
  if (dialog?.kind === 'find') {
    const found = findChoices(shownRun(state).header?.network.layers ?? [], dialog.text)[dialog.choice];
    if (!found) return { state };
    return { state: settled({ ...closed, cursor: { ...closed.cursor, layer: layerRow(found.row) } }) };
  }
  return { state: closed };
}
