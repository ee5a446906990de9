import type { NeuronPane } from '../neuron/state.ts';

/** Where a key may apply: a screen, or a dialog that is open over it. */
export type Place =
  | 'home'
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
  | 'next-outlier'
  | 'previous-outlier'
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
