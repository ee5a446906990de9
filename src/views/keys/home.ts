import type { KeyBinding } from './binding.ts';

/** The home screen. */
export const homeKeys: readonly KeyBinding[] = [
  { command: 'train', keys: ['t'], label: 'train lenet on CIFAR-10', where: ['home'], hint: ['t', 'train'] },
  { command: 'demo', keys: ['d'], label: 'open the recorded demo', where: ['home'], hint: ['d', 'demo'] },
];
