import { reduce } from '../model/reducer.ts';
import type { Effect, ScreenState, ViewAction } from '../model/state.ts';

/** Holds the one state. Listeners are told after every change, and not when nothing changed. */
export interface Store {
  readonly state: ScreenState;
  readonly dispatch: (action: ViewAction) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** @param perform carries out what the reducer asks for; called after the new state is in place */
export function createStore(initial: ScreenState, perform: (effect: Effect, store: Store) => void): Store {
  const listeners = new Set<() => void>();
  let state = initial;
  const store: Store = {
    get state() {
      return state;
    },
    dispatch(action) {
      const { state: next, effects } = reduce(state, action);
      if (next !== state) {
        state = next;
        for (const listener of listeners) listener();
      }
      for (const effect of effects) perform(effect, store);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}
