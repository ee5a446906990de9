import type { KeyBinding, Place } from './binding.ts';
import { adjustingKeys } from './adjusting.ts';
import { dialogKeys } from './dialogs.ts';
import { everywhereKeys } from './everywhere.ts';
import { goingKeys } from './going.ts';
import { homeKeys } from './home.ts';
import { movingKeys } from './moving.ts';
import { runKeys } from './run.ts';
import { scrollingKeys } from './scrolling.ts';

/**
 * The key table: the only place that says which key does what, and where. Dispatch, help, footer, command palette and
 * documentation are all made from it, so they cannot disagree; its order is theirs.
 */
export const keyTable: readonly KeyBinding[] = [
  ...movingKeys,
  ...goingKeys,
  ...adjustingKeys,
  ...scrollingKeys,
  ...runKeys,
  ...homeKeys,
  ...everywhereKeys,
  ...dialogKeys,
];

/** The bindings that apply at a place, in the table's order. */
export const bindingsAt = (place: Place): readonly KeyBinding[] =>
  keyTable.filter((binding) => binding.where.includes(place));
