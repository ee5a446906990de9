import { diagnose, type Finding } from '../../engine/findings/index.ts';
import type { RunHeader, RunRecord } from '../../engine/run/format.ts';
import { memoize } from '../frame/memoize.ts';
import { revealed } from './layer-rows.ts';
import { toEpoch, toLayer } from './navigation.ts';
import type { RunModel } from './run-model.ts';
import { shownRun, type ScreenState } from './state.ts';

/** Every frame asks; records are another list once there is a new one. */
const found = memoize((header: RunHeader, records: readonly RunRecord[]) => diagnose({ header, records }));

/** What is wrong with a run so far, the gravest first. */
export const findingsOf = ({ header, epochs }: RunModel): readonly Finding[] => (header ? found(header, epochs) : []);

/** The state at the place of a finding: its first layer, at the first record that it is about. */
export function toFinding(state: ScreenState, { layers, records }: Finding): ScreenState {
  const row = layers?.[0] === undefined ? undefined : layers[0] - 1;
  const there = row === undefined ? state : toLayer(revealed(state, row), row);
  const column = shownRun(state).epochs.findIndex(({ number }) => number === records?.[0]);
  // What is of the whole run is nowhere in particular.
  return column > 0 ? toEpoch(there, column) : there;
}
