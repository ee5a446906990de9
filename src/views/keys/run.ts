import type { KeyBinding } from './binding.ts';
import { runScreens } from './places.ts';

/** What any view of a run takes: its metric and colours, its training, its playback. */
export const runKeys: readonly KeyBinding[] = [
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
    label: 'play the epochs of a finished run, or pause',
    where: runScreens,
    hint: ['space', 'play'],
  },
  { command: 'slower', keys: ['<'], label: 'play slower', where: runScreens },
  { command: 'faster', keys: ['>'], label: 'play faster', where: runScreens },
  { command: 'find', keys: ['/'], label: 'find a layer by name', where: runScreens },
];
