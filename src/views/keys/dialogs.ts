import type { KeyBinding } from './binding.ts';

/** Dialogs: leaving, help, an error, palette and find. */
export const dialogKeys: readonly KeyBinding[] = [
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
