import type { Reduced, ScreenState } from '../model/state.ts';
import type { Pane } from './toggles.ts';

/** Where a key may apply: a screen, or a dialog that is open over it. */
export type Place =
  | 'home'
  | 'compare'
  | 'network'
  /** The layer view's evolution; its other panes have places of their own. */
  | 'layer'
  | 'map'
  | 'neurons'
  /** The neuron view's activations; its other panes have places of their own. */
  | 'neuron'
  | 'facets'
  | 'patches'
  | 'help'
  | 'leave'
  | 'palette'
  | 'find'
  | 'metrics'
  | 'findings'
  | 'failure'
  | 'message';

export const layerPlaces = ['layer', 'map', 'neurons'] as const satisfies readonly Place[];
export const neuronPlaces = ['neuron', 'facets', 'patches'] as const satisfies readonly Place[];
/** Every screen that shows a run. */
export const runScreens = ['network', ...layerPlaces, ...neuronPlaces] as const satisfies readonly Place[];
export const screens = ['home', 'compare', ...runScreens] as const satisfies readonly Place[];
/** Dialogs with a text to type. */
export const lists = ['palette', 'find', 'metrics', 'findings'] as const satisfies readonly Place[];
/** Everywhere: the screens, and all that may lie over them. */
export const places = [...screens, ...lists, 'help', 'leave', 'failure', 'message'] as const satisfies readonly Place[];

/** What a click means, and a digit: something with a place or a number of its own. */
export type Click =
  /** A row of a list, by its place. */
  | { id: 'choose'; index: number }
  /** A layer and, unless its name was clicked, an epoch; positions in the run, from 0. */
  | { id: 'cell'; layer: number; epoch: number | undefined }
  /** A metric to be shown, by its id. */
  | { id: 'metric'; metric: string }
  /** A pane of the screen. */
  | { id: 'pane'; pane: Pane }
  /** The layer view: a level of the evolution at an epoch, a cluster, a neuron. */
  | { id: 'bucket'; bucket: number; epoch: number }
  | { id: 'cluster'; cluster: number }
  | { id: 'neuron'; neuron: number }
  /** The neuron view: a facet (none: all patches), a patch by its place among those listed. */
  | { id: 'facet'; facet: number | undefined }
  | { id: 'patch'; index: number };

/** What a command makes of the state; with effects where the world has something to do about it. */
export type Outcome = ScreenState | Reduced;

/** A key and its words. */
interface Words<Id extends string> {
  /** Its name: for a screen's click targets and for tests. Several places may give one name meanings of their own. */
  command: Id;
  /** Names as `keyNames` makes them. */
  keys: readonly string[];
  /** What it does, for help and palette. */
  label: string;
  /** Shown in the footer: the sign for the key, and a word. Order in the table is order in the footer. */
  hint?: readonly [sign: string, word: string | ((state: ScreenState) => string)];
  /** Whether it means something now; the footer leaves it out otherwise. Without this it always does. */
  isOffered?: (state: ScreenState) => boolean;
  /** Not among the palette's commands: keys that only make sense as keys. */
  keyOnly?: boolean;
}

/** What it makes of the state, or the click that it stands for; where several keys share a command both. */
type Does =
  { run: (state: ScreenState) => Outcome; click?: (key: string) => Click } | { click: (key: string) => Click };

/** One row of the key table. */
export type KeyBinding<Id extends string = string> = Words<Id> & Does & { where: readonly Place[] };

/** The bindings of some places, their commands' names as types. */
export const bindings = <const Id extends string>(
  where: readonly Place[],
  list: readonly (Words<Id> & Does)[],
): readonly KeyBinding<Id>[] => list.map((binding) => ({ ...binding, where }));

/**
 * The bindings that move one thing by different amounts.
 * @param move moves it; of a number ±Infinity goes to either end
 */
export const stepKeys = <const Id extends string, By = number>(
  where: readonly Place[],
  move: (state: ScreenState, by: NoInfer<By>) => Outcome,
  list: readonly (Words<Id> & { by: By | ((state: ScreenState) => By) })[],
): readonly KeyBinding<Id>[] =>
  list.map(({ by, ...words }) => ({
    ...words,
    where,
    run: (state) => move(state, by instanceof Function ? by(state) : by),
  }));

/** A key's name for people: `ctrl+u` as `Ctrl-U`, `pageup` as `PgUp`. */
export function keyLabel(key: string): string {
  const names: Record<string, string> = {
    up: '↑',
    down: '↓',
    left: '←',
    right: '→',
    return: 'Enter',
    escape: 'Esc',
    tab: 'Tab',
    'shift+tab': 'Shift-Tab',
    pageup: 'PgUp',
    pagedown: 'PgDn',
    home: 'Home',
    end: 'End',
    ' ': 'Space',
    backspace: 'Backspace',
    delete: 'Del',
  };
  const named = names[key];
  if (named) return named;
  if (!key.startsWith('ctrl+')) return key;
  const held = key.slice(5);
  return `Ctrl-${names[held] ?? held.toUpperCase()}`;
}
