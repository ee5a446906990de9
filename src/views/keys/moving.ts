import { toEpoch } from '../model/navigation.ts';
import { screenOf, shownRun, type ScreenState } from '../model/state.ts';
import { bindings, stepKeys, type Outcome, type Place } from './binding.ts';

/** Before the first epoch there is nothing to move over. */
export const hasEpochs = (state: ScreenState): boolean => shownRun(state).epochs.length > 0;

/** A list with a cursor, at a place. */
export interface List {
  place: Place;
  /** What a row is. */
  row: string;
  /** Its word in the footer, where that is another. */
  hint?: string;
  isOffered?: (state: ScreenState) => boolean;
  /** Moves the cursor by rows; ±Infinity goes to either end. */
  move: (state: ScreenState, rows: number) => ScreenState;
  /** Rows of a page, and of half of one. */
  page: (state: ScreenState) => number;
  half?: (state: ScreenState) => number;
}

/** The keys from row to row. */
export const rowKeys = ({ place, row, hint = row, move, isOffered = hasEpochs }: List) =>
  stepKeys([place], move, [
    { command: 'up', keys: ['up', 'k'], label: `${row} above`, by: -1, hint: ['↑↓', hint], isOffered, keyOnly: true },
    { command: 'down', keys: ['down', 'j'], label: `${row} below`, by: 1, keyOnly: true },
  ]);

/** The keys to either end of a list, and by pages. */
export const pageKeys = ({ place, move, page, half = (state) => Math.ceil(page(state) / 2) }: List) =>
  stepKeys([place], move, [
    { command: 'first-row', keys: ['g'], label: 'first row', by: -Infinity },
    { command: 'last-row', keys: ['G'], label: 'last row', by: Infinity },
    { command: 'page-up', keys: ['pageup'], label: 'a page up', by: (state) => -page(state), keyOnly: true },
    { command: 'page-down', keys: ['pagedown'], label: 'a page down', by: page, keyOnly: true },
    { command: 'half-page-up', keys: ['ctrl+u'], label: 'half a page up', by: (state) => -half(state), keyOnly: true },
    { command: 'half-page-down', keys: ['ctrl+d'], label: 'half a page down', by: half, keyOnly: true },
  ]);

const stepEpoch = (state: ScreenState, by: number): ScreenState => toEpoch(state, state.cursor.epoch + by);

/** The keys from epoch to epoch. */
export const epochKeys = (where: readonly Place[]) =>
  stepKeys(where, stepEpoch, [
    {
      command: 'left',
      keys: ['left', 'h'],
      label: 'epoch before',
      by: -1,
      hint: ['←→', 'epoch'],
      isOffered: hasEpochs,
      keyOnly: true,
    },
    { command: 'right', keys: ['right', 'l'], label: 'epoch after', by: 1, keyOnly: true },
  ]);

/** Enter. @param word says in the footer where it leads */
export const openKeys = (place: Place, label: string, word: string, run: (state: ScreenState) => Outcome) =>
  bindings([place], [{ command: 'open', keys: ['return'], label, hint: ['⏎', word], isOffered: canOpen, run }]);

/** On the screens of a run there is nothing to open before its layers are known. */
const canOpen = (state: ScreenState): boolean => screenOf(state) === 'home' || shownRun(state).header !== undefined;

/** The keys round the panes of a screen. */
export const paneKeys = (where: readonly Place[], step: (state: ScreenState, by: number) => ScreenState) =>
  stepKeys(where, step, [
    { command: 'next-pane', keys: ['tab'], label: 'next pane', by: 1, hint: ['tab', 'pane'] },
    { command: 'previous-pane', keys: ['shift+tab'], label: 'previous pane', by: -1, keyOnly: true },
  ]);

/** The keys for how many there are of something. */
export const countKeys = (
  where: readonly Place[],
  things: string,
  step: (state: ScreenState, by: number) => ScreenState,
) =>
  stepKeys(where, step, [
    { command: 'more', keys: ['+', '='], label: `more ${things}`, by: 1, hint: ['+-', things] },
    { command: 'fewer', keys: ['-', '_'], label: `fewer ${things}`, by: -1 },
  ]);

/** A step on the plane: one of the two is 0. Down is positive, as rows are counted. */
export type Direction = readonly [right: number, down: number];

/** The keys over things that lie on a plane. @param sides what a step to the left and one to the right lead to */
export const planeKeys = (
  place: Place,
  thing: string,
  move: (state: ScreenState, direction: Direction) => ScreenState,
  sides: readonly [string, string] = [`${thing} to the left`, `${thing} to the right`],
) =>
  stepKeys<'up' | 'down' | 'left' | 'right', Direction>([place], move, [
    {
      command: 'up',
      keys: ['up', 'k'],
      label: `${thing} above`,
      by: [0, -1],
      hint: ['←↑↓→', thing],
      isOffered: hasEpochs,
      keyOnly: true,
    },
    { command: 'down', keys: ['down', 'j'], label: `${thing} below`, by: [0, 1], keyOnly: true },
    { command: 'left', keys: ['left', 'h'], label: sides[0], by: [-1, 0], keyOnly: true },
    // On the map `l` is the linkage.
    {
      command: 'right',
      keys: place === 'map' ? ['right'] : ['right', 'l'],
      label: sides[1],
      by: [1, 0],
      keyOnly: true,
    },
  ]);

/**
 * The nearest of some points in a direction from one of them: what lies aside counts double.
 * @param points in units that are as long across as down @returns its position; nothing where none lies there
 */
export function nearestTowards(
  points: readonly (readonly [x: number, y: number])[],
  from: number,
  [right, down]: Direction,
): number | undefined {
  const [x, y] = points[from] ?? [0, 0];
  let best: { place: number; cost: number } | undefined;
  points.forEach(([otherX, otherY], place) => {
    const along = (otherX - x) * right + (otherY - y) * down;
    const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * right);
    const cost = along + 2 * aside;
    if (along > 0 && (!best || cost < best.cost)) best = { place, cost };
  });
  return best?.place;
}
