import type { KeyBinding } from './binding.ts';
import { screens } from './places.ts';

/** Every screen. */
export const everywhereKeys: readonly KeyBinding[] = [
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
];
