import { toEpoch } from '../model/navigation.ts';
import { shownRun, type ScreenState } from '../model/state.ts';
import { bindings, type KeyBinding, type Place } from './binding.ts';

/** Before the first epoch there is nothing to move over. */
export const hasEpochs = (state: ScreenState): boolean => shownRun(state).epochs.length > 0;

/** A list with a cursor, at a place. */
interface List {
  where: readonly Place[];
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
export const rowKeys = ({ where, row, hint = row, move, isOffered = hasEpochs }: List) =>
  bindings([
    {
      command: 'up',
      keys: ['up', 'k'],
      label: `${row} above`,
      where,
      hint: ['↑↓', hint],
      isOffered,
      keyOnly: true,
      run: (state) => move(state, -1),
    },
    {
      command: 'down',
      keys: ['down', 'j'],
      label: `${row} below`,
      where,
      keyOnly: true,
      run: (state) => move(state, 1),
    },
  ]);

/** The keys to either end of a list, and by pages. */
export function pageKeys({ where, move, page, half = (state) => Math.ceil(page(state) / 2) }: List) {
  const step = <const Id extends string>(
    command: Id,
    key: string,
    label: string,
    rows: (state: ScreenState) => number,
    keyOnly = true,
  ): KeyBinding<Id> => ({ command, keys: [key], label, where, keyOnly, run: (state) => move(state, rows(state)) });
  return [
    step('first-row', 'g', 'first row', () => -Infinity, false),
    step('last-row', 'G', 'last row', () => Infinity, false),
    step('page-up', 'pageup', 'a page up', (state) => -page(state)),
    step('page-down', 'pagedown', 'a page down', page),
    step('half-page-up', 'ctrl+u', 'half a page up', (state) => -half(state)),
    step('half-page-down', 'ctrl+d', 'half a page down', half),
  ];
}

/** The keys from epoch to epoch. */
export const epochKeys = (where: readonly Place[]) =>
  bindings([
    {
      command: 'left',
      keys: ['left', 'h'],
      label: 'epoch before',
      where,
      hint: ['←→', 'epoch'],
      isOffered: hasEpochs,
      keyOnly: true,
      run: (state) => toEpoch(state, state.cursor.epoch - 1),
    },
    {
      command: 'right',
      keys: ['right', 'l'],
      label: 'epoch after',
      where,
      keyOnly: true,
      run: (state) => toEpoch(state, state.cursor.epoch + 1),
    },
  ]);

/** A step on the plane: one of the two is 0. Down is positive, as rows are counted. */
export type Direction = readonly [right: number, down: number];

/** The keys over things that lie on a plane. @param sides what a step to the left and one to the right lead to */
export function planeKeys(
  place: Place,
  thing: string,
  move: (state: ScreenState, direction: Direction) => ScreenState,
  sides: readonly [string, string] = [`${thing} to the left`, `${thing} to the right`],
) {
  const step = <const Id extends string>(
    command: Id,
    letters: readonly string[],
    label: string,
    direction: Direction,
  ): KeyBinding<Id> => ({
    command,
    keys: [command, ...letters],
    label,
    where: [place],
    keyOnly: true,
    run: (state) => move(state, direction),
  });
  return [
    { ...step('up', ['k'], `${thing} above`, [0, -1]), hint: ['←↑↓→', thing] as const, isOffered: hasEpochs },
    step('down', ['j'], `${thing} below`, [0, 1]),
    step('left', ['h'], sides[0], [-1, 0]),
    // On the map `l` is the linkage.
    step('right', place === 'map' ? [] : ['l'], sides[1], [1, 0]),
  ];
}

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
