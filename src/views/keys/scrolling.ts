import type { KeyBinding } from './binding.ts';
import { lists, runScreens } from './places.ts';

/** To either end of a list or of the epochs, and by pages. */
export const scrollingKeys: readonly KeyBinding[] = [
  { command: 'first-row', keys: ['g'], label: 'first row', where: lists },
  { command: 'last-row', keys: ['G'], label: 'last row', where: lists },
  { command: 'first-epoch', keys: ['home'], label: 'first epoch', where: runScreens },
  { command: 'last-epoch', keys: ['end'], label: 'newest epoch, and follow it', where: runScreens },
  { command: 'page-up', keys: ['pageup'], label: 'a page up', where: lists, keyOnly: true },
  {
    command: 'page-down',
    keys: ['pagedown'],
    label: 'a page down',
    where: lists,
    keyOnly: true,
  },
  {
    command: 'half-page-up',
    keys: ['ctrl+u'],
    label: 'half a page up',
    where: lists,
    keyOnly: true,
  },
  {
    command: 'half-page-down',
    keys: ['ctrl+d'],
    label: 'half a page down',
    where: lists,
    keyOnly: true,
  },
];
