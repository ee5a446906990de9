import { diagnose, type Finding } from '../../engine/findings/index.ts';
import type { RunRecord } from '../../engine/run/format.ts';
import { revealed } from './layer-rows.ts';
import { toEpoch, toLayer } from './navigation.ts';
import type { RunModel } from './run-model.ts';
import { shownRun, type ScreenState } from './state.ts';

/** What was found of some records: every frame asks, and records are another list once there is a new one. */
const known = new WeakMap<readonly RunRecord[], readonly Finding[]>();

/** What is wrong with a run so far, the gravest first. */
export function findingsOf({ header, epochs }: RunModel): readonly Finding[] {
  if (!header) return [];
  let found = known.get(epochs);
  if (!found) known.set(epochs, (found = diagnose({ header, records: epochs })));
  return found;
}

/** The state at the place of a finding: its first layer, at the first record that it is about. */
export function toFinding(state: ScreenState, { layers, records }: Finding): ScreenState {
  const row = layers?.[0] === undefined ? undefined : layers[0] - 1;
  const there = row === undefined ? state : toLayer(revealed(state, row), row);
  const column = shownRun(state).epochs.findIndex(({ number }) => number === records?.[0]);
  // What is of the whole run is nowhere in particular.
  return column > 0 ? toEpoch(there, column) : there;
}
