import { layerLayoutOf } from '../layer/layout.ts';
import { fitsMinimum, networkLayout } from '../frame/layout.ts';
import type { CommandId } from '../keys/index.ts';
import { membersOf, neuronOf } from '../layer/explored.ts';
import { isUnderWay } from './run-model.ts';
import { rowSteps } from './row-steps.ts';
import { epochColumn, layerRow, screenOf, shownRun, type ScreenState } from './state.ts';

/** Layers and epochs of the run as shown. */
export function extent(state: ScreenState): { layers: number; epochs: number; planned: number } {
  const run = shownRun(state);
  return {
    layers: run.header?.network.layers.length ?? 0,
    epochs: run.epochs.length,
    planned: isUnderWay(run.state) ? (run.header?.training.epochs ?? 0) : 0,
  };
}

/** How many layers, epochs and (in the layer view) neurons the window of the screen holds. */
export function windowOf(state: ScreenState): { layers: number; epochs: number; neurons: number } {
  const { layers, epochs, planned } = extent(state);
  if (!fitsMinimum(state.size)) return { layers: 1, epochs: 1, neurons: 1 };
  if (screenOf(state) === 'layer' || screenOf(state) === 'neuron') {
    const layout = layerLayoutOf(state, epochs, planned);
    return { layers: 1, epochs: layout.epochs.slots, neurons: layout.neurons?.visible ?? 1 };
  }
  return { ...networkLayout(state.size, layers, epochs, planned).visible, neurons: 1 };
}

/** The window of the layer view's list put where its neuron is. */
function withRowsSettled(state: ScreenState): ScreenState {
  if (screenOf(state) !== 'layer') return state;
  const { exploration } = state;
  const members = membersOf(state);
  const place = Math.max(0, members.indexOf(neuronOf(state)));
  const rowOffset = offsetFor(exploration.rowOffset, place, windowOf(state).neurons, members.length);
  return rowOffset === exploration.rowOffset ? state : { ...state, exploration: { ...exploration, rowOffset } };
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

/** The offset nearest to the present one that shows a position, without empty room at the end. */
function offsetFor(offset: number, position: number, visible: number, total: number): number {
  const shown = position < offset ? position : position >= offset + visible ? position - visible + 1 : offset;
  return clamp(shown, Math.max(0, total - visible));
}

/** The state with cursor and window put right after anything changed: run, size, cursor. */
export function settled(state: ScreenState): ScreenState {
  const { layers, epochs } = extent(state);
  const visible = windowOf(state);
  const layer = clamp(state.cursor.layer, Math.max(0, layers - 1));
  const newest = Math.max(0, epochs - 1);
  const epoch = state.follow ? newest : clamp(state.cursor.epoch, newest);
  const offset = {
    layer:
      screenOf(state) === 'network' || screenOf(state) === 'home'
        ? offsetFor(state.offset.layer, layer, visible.layers, layers)
        : state.offset.layer,
    epoch: offsetFor(state.offset.epoch, epoch, visible.epochs, epochs),
  };
  return withRowsSettled({ ...state, cursor: { layer: layerRow(layer), epoch: epochColumn(epoch) }, offset });
}

/** The cursor moved by a command, or nothing if the command is no movement. */
export function moved(state: ScreenState, command: CommandId): ScreenState | undefined {
  const { layers, epochs } = extent(state);
  const page = Math.max(1, windowOf(state).layers - 1);
  const half = Math.max(1, Math.floor(page / 2));
  const { layer, epoch } = state.cursor;
  const toLayer = (next: number): ScreenState =>
    settled({ ...state, cursor: { ...state.cursor, layer: layerRow(clamp(next, Math.max(0, layers - 1))) } });
  const toEpoch = (next: number): ScreenState => {
    const column = clamp(next, Math.max(0, epochs - 1));
    return settled({
      ...state,
      cursor: { ...state.cursor, epoch: epochColumn(column) },
      follow: column >= epochs - 1,
    });
  };
  const step = rowSteps(page, half)[command];
  if (step !== undefined) return toLayer(layer + step);
  switch (command) {
    case 'previous-layer':
      return toLayer(layer - 1);
    case 'next-layer':
      return toLayer(layer + 1);
    case 'left':
      return toEpoch(epoch - 1);
    case 'right':
      return toEpoch(epoch + 1);
    case 'first-epoch':
      return toEpoch(0);
    case 'last-epoch':
      return toEpoch(epochs - 1);
    default:
      return undefined;
  }
}
