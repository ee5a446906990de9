import { reduce } from '../model/reducer.ts';
import type { Effect, ScreenState, ViewAction } from '../model/state.ts';

/** Holds the one state. Listeners are told after every change, and not when nothing changed. */
export interface Store {
  readonly state: ScreenState;
  /** @param isTentative whether {@link takeBack} may still undo it */
  readonly dispatch: (action: ViewAction, isTentative?: boolean) => void;
  /** Undoes the last tentative action, but for what has come since; unless the user has done something since. */
  readonly takeBack: () => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** Milliseconds after which nothing is taken back any more. */
const tentativeFor = 2000;

/** An action that may turn out not to have been meant: an Esc that a network cut off a report. */
interface Tentative {
  before: ScreenState;
  effects: readonly Effect[];
  since: ViewAction[];
  until: number;
}

/** @param perform carries out what the reducer asks for; called after the new state is in place */
export function createStore(initial: ScreenState, perform: (effect: Effect, store: Store) => void): Store {
  const listeners = new Set<() => void>();
  let state = initial;
  let tentative: Tentative | undefined;
  const become = (next: ScreenState): void => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  };
  const store: Store = {
    get state() {
      return state;
    },
    dispatch(action, isTentative = false) {
      const before = state;
      const { state: next, effects } = reduce(state, action);
      if (isTentative) tentative = { before, effects, since: [], until: performance.now() + tentativeFor };
      else if (action.source === 'key' || (tentative && tentative.until < performance.now())) tentative = undefined;
      else tentative?.since.push(action);
      become(next);
      for (const effect of effects) perform(effect, store);
    },
    takeBack() {
      if (!tentative) return;
      const { before, effects, since } = tentative;
      tentative = undefined;
      become(since.reduce((then, action) => reduce(then, action).state, before));
      const { directory } = before.run;
      // The run was let go, and is read anew.
      const isClosed = effects.some(({ type }) => type === 'close-run');
      if (isClosed && directory !== undefined) perform({ type: 'open-run', directory }, store);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}
