export type { Command, CommandId, KeyBinding, Place } from './binding.ts';
export { commandFor } from './dispatch.ts';
export { keyLabel } from './label.ts';
export { bindingsAt, keyTable } from './table.ts';
