import type { KeyBinding } from './binding.ts';
import { layerPanes, neuronPanes, screens } from './places.ts';

/** From one thing to another: by its number, into what is selected and back, between panes, to a neighbour. */
export const goingKeys: readonly KeyBinding[] = [
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
    command: 'next-outlier',
    keys: ['x'],
    label: 'next outlier: dead, saturated, duplicate or far from the others',
    where: layerPanes,
    hint: ['x', 'outliers'],
  },
  { command: 'previous-outlier', keys: ['X'], label: 'previous outlier', where: layerPanes },
];
