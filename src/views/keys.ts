/**
 * The key table: the only place that says which key does what, and where. Dispatch, help, footer and command palette
 * are all made from it, so they cannot disagree.
 */

import type { NeuronPane } from './model/neuron.ts';

/** Where a key may apply: a screen, or a dialog that is open over it. */
export type Place =
  | 'home'
  | 'network'
  /** The layer view's evolution; its other panes have places of their own. */
  | 'layer'
  | 'map'
  | 'neurons'
  /** The neuron view's answers; its other panes have places of their own. */
  | 'neuron'
  | 'facets'
  | 'patches'
  | 'help'
  | 'leave'
  | 'palette'
  | 'find'
  | 'failure';

export type CommandId =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'first-row'
  | 'last-row'
  | 'first-epoch'
  | 'last-epoch'
  | 'page-up'
  | 'page-down'
  | 'half-page-up'
  | 'half-page-down'
  | 'next-metric'
  | 'previous-metric'
  | 'discriminability'
  | 'density'
  | 'scale'
  | 'open'
  | 'back'
  | 'next-layer'
  | 'previous-layer'
  | 'next-pane'
  | 'previous-pane'
  | 'more'
  | 'fewer'
  | 'lines'
  | 'linkage'
  | 'number'
  | 'next-neuron'
  | 'previous-neuron'
  | 'order'
  | 'attention'
  | 'previous-attention'
  | 'find'
  | 'help'
  | 'palette'
  | 'leave'
  | 'freeze'
  | 'pause'
  | 'play'
  | 'faster'
  | 'slower'
  | 'screenshot'
  | 'redraw'
  | 'images'
  | 'mouse'
  | 'train'
  | 'demo'
  | 'detach'
  | 'stop-after-epoch'
  | 'stop-now'
  | 'cancel'
  | 'accept'
  | 'erase'
  | 'previous-choice'
  | 'next-choice';

/** What a key or a click asks for. */
export type Command =
  | { id: CommandId }
  /** Text typed into a dialog. */
  | { id: 'type'; text: string }
  /** The wheel, one step. */
  | { id: 'wheel'; direction: 'up' | 'down' | 'left' | 'right' }
  /** A row of a list or a cell of the network view, by its place. */
  | { id: 'choose'; index: number }
  | { id: 'cell'; layer: number; epoch: number | undefined }
  /** The layer view: one of its panes, a level of the evolution at an epoch, a cluster, a neuron. */
  | { id: 'pane'; pane: 'evolution' | 'map' | 'neurons' }
  | { id: 'bucket'; bucket: number; epoch: number }
  | { id: 'cluster'; cluster: number }
  | { id: 'neuron'; neuron: number }
  /** The neuron view: one of its panes, a facet (none: all patches), a patch by its place among those listed. */
  | { id: 'neuron-pane'; pane: NeuronPane }
  | { id: 'facet'; facet: number | undefined }
  | { id: 'patch'; index: number };

export interface KeyBinding {
  command: CommandId;
  /** Names as `keyName` makes them. */
  keys: readonly string[];
  /** What it does, for help and palette. */
  label: string;
  where: readonly Place[];
  /** Shown in the footer: the sign for the key, and a word. Order in the table is order in the footer. */
  hint?: readonly [keys: string, word: string];
  /** Not among the palette's commands: keys that only make sense as keys. */
  keyOnly?: boolean;
}

const layerPanes = ['layer', 'map', 'neurons'] as const;
const neuronPanes = ['neuron', 'facets', 'patches'] as const;
const runScreens = ['network', ...layerPanes, ...neuronPanes] as const;
const screens = ['home', ...runScreens] as const;
const lists = ['home', 'network', 'layer', 'neurons'] as const;

export const keyTable: readonly KeyBinding[] = [
  {
    command: 'up',
    keys: ['up', 'k'],
    label: 'row above',
    where: ['home', 'network'],
    hint: ['↑↓', 'layer'],
    keyOnly: true,
  },
  { command: 'up', keys: ['up', 'k'], label: 'level above', where: ['layer'], hint: ['↑↓', 'level'], keyOnly: true },
  {
    command: 'up',
    keys: ['up', 'k'],
    label: 'neuron above',
    where: ['neurons'],
    hint: ['↑↓', 'neuron'],
    keyOnly: true,
  },
  {
    command: 'up',
    keys: ['up', 'k'],
    label: 'cluster above',
    where: ['map'],
    hint: ['←↑↓→', 'cluster'],
    keyOnly: true,
  },
  {
    command: 'down',
    keys: ['down', 'j'],
    label: 'row below',
    where: ['home', 'network'],
    keyOnly: true,
  },
  { command: 'down', keys: ['down', 'j'], label: 'level below', where: ['layer'], keyOnly: true },
  { command: 'down', keys: ['down', 'j'], label: 'neuron below', where: ['neurons'], keyOnly: true },
  { command: 'down', keys: ['down', 'j'], label: 'cluster below', where: ['map'], keyOnly: true },
  {
    command: 'left',
    keys: ['left', 'h'],
    label: 'epoch before',
    where: ['network', 'layer', 'neurons', 'neuron'],
    hint: ['←→', 'epoch'],
    keyOnly: true,
  },
  { command: 'left', keys: ['left', 'h'], label: 'cluster to the left', where: ['map'], keyOnly: true },
  {
    command: 'right',
    keys: ['right', 'l'],
    label: 'epoch after',
    where: ['network', 'layer', 'neurons', 'neuron'],
    keyOnly: true,
  },
  { command: 'right', keys: ['right'], label: 'cluster to the right', where: ['map'], keyOnly: true },
  { command: 'up', keys: ['up', 'k'], label: 'class above', where: ['neuron'], hint: ['↑↓', 'class'], keyOnly: true },
  { command: 'down', keys: ['down', 'j'], label: 'class below', where: ['neuron'], keyOnly: true },
  { command: 'up', keys: ['up', 'k'], label: 'facet above', where: ['facets'], hint: ['←↑↓→', 'facet'], keyOnly: true },
  { command: 'down', keys: ['down', 'j'], label: 'facet below', where: ['facets'], keyOnly: true },
  { command: 'left', keys: ['left', 'h'], label: 'facet to the left', where: ['facets'], keyOnly: true },
  { command: 'right', keys: ['right', 'l'], label: 'facet to the right', where: ['facets'], keyOnly: true },
  {
    command: 'up',
    keys: ['up', 'k'],
    label: 'patch above',
    where: ['patches'],
    hint: ['←↑↓→', 'patch'],
    keyOnly: true,
  },
  { command: 'down', keys: ['down', 'j'], label: 'patch below', where: ['patches'], keyOnly: true },
  { command: 'left', keys: ['left', 'h'], label: 'stronger patch', where: ['patches'], keyOnly: true },
  { command: 'right', keys: ['right', 'l'], label: 'weaker patch', where: ['patches'], keyOnly: true },
  {
    command: 'number',
    keys: Array.from('1234567890'),
    label: 'facet by its number; 0 shows all patches',
    where: neuronPanes,
    keyOnly: true,
  },
  { command: 'open', keys: ['return'], label: 'to the patches', where: ['facets'], hint: ['⏎', 'patches'] },
  {
    command: 'number',
    keys: Array.from('123456789'),
    label: 'cluster by its number',
    where: ['map', 'neurons'],
    keyOnly: true,
  },
  {
    command: 'open',
    keys: ['return'],
    label: 'open what is selected',
    where: ['home', 'network', 'neurons'],
    hint: ['⏎', 'open'],
  },
  {
    command: 'open',
    keys: ['return'],
    label: 'to the neurons of this level',
    where: ['layer'],
    hint: ['⏎', 'neurons'],
  },
  {
    command: 'open',
    keys: ['return'],
    label: 'to the neurons of this cluster',
    where: ['map'],
    hint: ['⏎', 'neurons'],
  },
  {
    command: 'back',
    keys: ['escape'],
    label: 'back to where you came from',
    where: screens,
    hint: ['esc', 'back'],
  },
  {
    command: 'next-pane',
    keys: ['tab'],
    label: 'next pane',
    where: [...layerPanes, ...neuronPanes],
    hint: ['tab', 'pane'],
  },
  {
    command: 'previous-pane',
    keys: ['shift+tab'],
    label: 'previous pane',
    where: [...layerPanes, ...neuronPanes],
    keyOnly: true,
  },
  { command: 'previous-neuron', keys: ['['], label: 'previous neuron', where: neuronPanes, hint: ['[', 'prev'] },
  { command: 'next-neuron', keys: [']'], label: 'next neuron', where: neuronPanes, hint: [']', 'next'] },
  { command: 'previous-layer', keys: ['['], label: 'previous layer', where: layerPanes, hint: ['[', 'prev'] },
  { command: 'next-layer', keys: [']'], label: 'next layer', where: layerPanes, hint: [']', 'next'] },
  {
    command: 'attention',
    keys: ['x'],
    label: 'next neuron that deserves a look',
    where: layerPanes,
    hint: ['x', 'odd ones'],
  },
  { command: 'previous-attention', keys: ['X'], label: 'previous neuron that deserves a look', where: layerPanes },
  {
    command: 'lines',
    keys: ['v'],
    label: 'lines: exceptional neurons, all, none, selected',
    where: ['layer'],
    hint: ['v', 'lines'],
  },
  { command: 'more', keys: ['+', '='], label: 'more levels', where: ['layer'], hint: ['+-', 'levels'] },
  { command: 'fewer', keys: ['-', '_'], label: 'fewer levels', where: ['layer'] },
  { command: 'more', keys: ['+', '='], label: 'more clusters', where: ['map', 'neurons'], hint: ['+-', 'clusters'] },
  { command: 'fewer', keys: ['-', '_'], label: 'fewer clusters', where: ['map', 'neurons'] },
  { command: 'more', keys: ['+', '='], label: 'more facets', where: neuronPanes, hint: ['+-', 'facets'] },
  { command: 'fewer', keys: ['-', '_'], label: 'fewer facets', where: neuronPanes },
  {
    command: 'order',
    keys: ['s'],
    label: 'classes by their median, or as in the data',
    where: neuronPanes,
    hint: ['s', 'sort'],
  },
  {
    command: 'linkage',
    keys: ['l'],
    label: 'how clusters are joined: the next linkage',
    where: ['map'],
    hint: ['l', 'linkage'],
  },
  { command: 'first-row', keys: ['g'], label: 'first row', where: [...lists, 'neuron', 'patches'] },
  { command: 'last-row', keys: ['G'], label: 'last row', where: [...lists, 'neuron', 'patches'] },
  { command: 'first-epoch', keys: ['home'], label: 'first epoch', where: runScreens },
  { command: 'last-epoch', keys: ['end'], label: 'newest epoch, and follow it', where: runScreens },
  { command: 'page-up', keys: ['pageup'], label: 'a page up', where: [...lists, 'neuron', 'patches'], keyOnly: true },
  {
    command: 'page-down',
    keys: ['pagedown'],
    label: 'a page down',
    where: [...lists, 'neuron', 'patches'],
    keyOnly: true,
  },
  {
    command: 'half-page-up',
    keys: ['ctrl+u'],
    label: 'half a page up',
    where: [...lists, 'neuron', 'patches'],
    keyOnly: true,
  },
  {
    command: 'half-page-down',
    keys: ['ctrl+d'],
    label: 'half a page down',
    where: [...lists, 'neuron', 'patches'],
    keyOnly: true,
  },
  { command: 'discriminability', keys: ['d'], label: 'show discriminability', where: runScreens },
  { command: 'density', keys: ['n'], label: 'show density', where: runScreens },
  { command: 'next-metric', keys: ['tab'], label: 'next metric', where: ['network'], hint: ['d/n', 'metric'] },
  { command: 'previous-metric', keys: ['shift+tab'], label: 'previous metric', where: ['network'], keyOnly: true },
  {
    command: 'scale',
    keys: ['s'],
    label: 'colour scale per layer or common',
    where: ['network'],
    hint: ['s', 'scale'],
  },
  {
    command: 'freeze',
    keys: ['f'],
    label: 'freeze the display; collecting goes on',
    where: runScreens,
    hint: ['f', 'freeze'],
  },
  { command: 'pause', keys: ['p'], label: 'pause training, or go on', where: runScreens, hint: ['p', 'pause'] },
  {
    command: 'play',
    keys: [' '],
    label: 'play the epochs of a finished run like a film, or pause',
    where: runScreens,
    hint: ['space', 'play'],
  },
  { command: 'slower', keys: ['<'], label: 'the film slower', where: runScreens },
  { command: 'faster', keys: ['>'], label: 'the film faster', where: runScreens },
  { command: 'find', keys: ['/'], label: 'find a layer by name', where: runScreens },
  { command: 'train', keys: ['t'], label: 'train lenet on CIFAR-10', where: ['home'], hint: ['t', 'train'] },
  { command: 'demo', keys: ['d'], label: 'open the recorded demo', where: ['home'], hint: ['d', 'demo'] },
  { command: 'screenshot', keys: ['S'], label: 'save a screenshot: PNG and text', where: screens, hint: ['S', 'shot'] },
  { command: 'palette', keys: [':'], label: 'all commands', where: screens },
  { command: 'help', keys: ['?'], label: 'this help', where: screens, hint: ['?', 'help'] },
  { command: 'redraw', keys: ['r', 'ctrl+l'], label: 'draw the screen anew', where: screens },
  { command: 'images', keys: ['i'], label: 'draw pictures in another way', where: screens },
  { command: 'mouse', keys: ['m'], label: 'listen to the mouse, or leave it to the terminal', where: screens },
  {
    command: 'leave',
    keys: ['q', 'ctrl+c'],
    label: 'leave; asks while training',
    where: screens,
    hint: ['q', 'leave'],
  },

  { command: 'cancel', keys: ['escape', 'c', 'q'], label: 'stay', where: ['leave'], hint: ['c', 'cancel'] },
  {
    command: 'detach',
    keys: ['d', 'ctrl+c'],
    label: 'leave, training goes on',
    where: ['leave'],
    hint: ['d', 'detach'],
  },
  {
    command: 'stop-after-epoch',
    keys: ['s'],
    label: 'stop after this epoch',
    where: ['leave'],
    hint: ['s', 'stop after this epoch'],
  },
  {
    command: 'stop-now',
    keys: ['x'],
    label: 'stop now; this epoch is lost',
    where: ['leave'],
    hint: ['x', 'stop now'],
  },

  {
    command: 'cancel',
    keys: ['escape', '?', 'q', 'return', 'ctrl+c'],
    label: 'close',
    where: ['help'],
    hint: ['esc', 'close'],
  },
  {
    command: 'cancel',
    keys: ['escape', 'return', 'q', 'ctrl+c'],
    label: 'close',
    where: ['failure'],
    hint: ['esc', 'close'],
  },
  { command: 'previous-choice', keys: ['up', 'k', 'pageup'], label: 'scroll up', where: ['help'] },
  { command: 'next-choice', keys: ['down', 'j', 'pagedown'], label: 'scroll down', where: ['help'] },

  { command: 'cancel', keys: ['escape', 'ctrl+c'], label: 'close', where: ['palette', 'find'], hint: ['esc', 'close'] },
  { command: 'accept', keys: ['return'], label: 'do it', where: ['palette', 'find'], hint: ['⏎', 'go'] },
  { command: 'erase', keys: ['backspace', 'delete'], label: 'erase a character', where: ['palette', 'find'] },
  {
    command: 'previous-choice',
    keys: ['up', 'shift+tab'],
    label: 'choice above',
    where: ['palette', 'find'],
    hint: ['↑↓', 'choose'],
  },
  { command: 'next-choice', keys: ['down', 'tab'], label: 'choice below', where: ['palette', 'find'] },
];

/** Whether text is typed there. */
const takesText = (place: Place): boolean => place === 'palette' || place === 'find';

/** The bindings that apply at a place, in the table's order. */
export const bindingsAt = (place: Place): readonly KeyBinding[] =>
  keyTable.filter((binding) => binding.where.includes(place));

/** What a key does at a place; nothing for keys without a meaning there. */
export function commandFor(key: string, place: Place): Command | undefined {
  const binding = bindingsAt(place).find(({ keys }) => keys.includes(key));
  if (binding?.command === 'number') return numbered(Number(key), place);
  if (binding) return { id: binding.command };
  if (takesText(place) && Array.from(key).length === 1) return { id: 'type', text: key };
  return undefined;
}

/** What a digit chooses: a cluster in the layer view, a facet in the neuron view, where 0 is none of them. */
function numbered(digit: number, place: Place): Command {
  const isFacet = (neuronPanes as readonly Place[]).includes(place);
  return isFacet ? { id: 'facet', facet: digit === 0 ? undefined : digit - 1 } : { id: 'cluster', cluster: digit - 1 };
}

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
  return key.startsWith('ctrl+') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}
