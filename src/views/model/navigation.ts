import { layerLayoutOf } from '../layer/layout.ts';
import { fitsMinimum } from '../frame/layout.ts';
import { networkLayoutOf } from '../network/layout.ts';
import { membersOf, neuronOf } from '../layer/explored.ts';
import { cursorPlace, rowsShown } from './layer-rows.ts';
import { epochColumn, extent, focusedPane, layerRow, screenOf, type ScreenState } from './state.ts';
import { panesOf, type NeuronPane, type Pane } from '../keys/toggles.ts';
import { clamp, cycled } from './steps.ts';

/** How many rows, epochs and (in the layer view) neurons the window of the screen holds. */
export function windowOf(state: ScreenState): { rows: number; epochs: number; neurons: number } {
  if (!fitsMinimum(state.size)) return { rows: 1, epochs: 1, neurons: 1 };
  if (screenOf(state) === 'layer' || screenOf(state) === 'neuron') {
    const layout = layerLayoutOf(state);
    return { rows: 1, epochs: layout.epochs.slots, neurons: layout.neurons?.visible ?? 1 };
  }
  return { ...networkLayoutOf(state).visible, neurons: 1 };
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

/** The offset nearest to the present one that shows a position, without empty room at the end. */
function offsetFor(offset: number, position: number, visible: number, total: number): number {
  const shown = position < offset ? position : position >= offset + visible ? position - visible + 1 : offset;
  return clamp(shown, 0, Math.max(0, total - visible));
}

/** The state with cursor and window put right after anything changed: run, size, cursor. */
export function settled(state: ScreenState): ScreenState {
  const { layers, epochs } = extent(state);
  const visible = windowOf(state);
  const layer = clamp(state.cursor.layer, 0, Math.max(0, layers - 1));
  const newest = Math.max(0, epochs - 1);
  const epoch = state.follow ? newest : clamp(state.cursor.epoch, 0, newest);
  const next = { ...state, cursor: { layer: layerRow(layer), epoch: epochColumn(epoch) } };
  const offset = {
    row:
      screenOf(state) === 'network' || screenOf(state) === 'home'
        ? offsetFor(state.offset.row, cursorPlace(next), visible.rows, rowsShown(next).length)
        : state.offset.row,
    epoch: offsetFor(state.offset.epoch, epoch, visible.epochs, epochs),
  };
  return withRowsSettled({ ...next, offset });
}

/** The cursor on a layer, or on the nearest there is. @param row from 0 */
export const toLayer = (state: ScreenState, row: number): ScreenState =>
  settled({ ...state, cursor: { ...state.cursor, layer: layerRow(clamp(row, 0, extent(state).layers - 1)) } });

/** The cursor some rows further down the network view, or at either end. */
export function stepRow(state: ScreenState, rows: number): ScreenState {
  const all = rowsShown(state);
  return toLayer(state, all[clamp(cursorPlace(state) + rows, 0, all.length - 1)]?.first ?? 0);
}

/** The cursor on an epoch, or on the nearest there is; on the newest it follows. @param column from 0 */
export function toEpoch(state: ScreenState, column: number): ScreenState {
  const last = Math.max(0, extent(state).epochs - 1);
  const epoch = clamp(column, 0, last);
  return settled({ ...state, cursor: { ...state.cursor, epoch: epochColumn(epoch) }, follow: epoch >= last });
}

const isOfNeuron = (pane: Pane): pane is NeuronPane => (panesOf.neuron as readonly Pane[]).includes(pane);

/** The state with the focus on a pane. */
export const withPane = (state: ScreenState, pane: Pane): ScreenState =>
  settled({ ...state, panes: { ...state.panes, ...(isOfNeuron(pane) ? { neuron: pane } : { layer: pane }) } });

/** The focus on the pane that many places further round the screen. */
export function stepPane(state: ScreenState, step: number): ScreenState {
  const pane = focusedPane(state);
  if (!pane) return state;
  return withPane(state, cycled<Pane>(isOfNeuron(pane) ? panesOf.neuron : panesOf.layer, pane, step));
}
