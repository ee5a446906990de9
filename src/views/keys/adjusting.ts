import type { KeyBinding } from './binding.ts';
import { neuronPanes } from './places.ts';

/** How a layer or a neuron is shown: lines, how many parts, their order. */
export const adjustingKeys: readonly KeyBinding[] = [
  {
    command: 'lines',
    keys: ['v'],
    label: 'lines: outliers, all, none, selected',
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
];
