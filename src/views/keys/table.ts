import { choicesIn, dialogKeys, matches, type Choice } from '../dialogs/keys.ts';
import { lastOffset } from '../dialogs/lines.ts';
import { compareKeys } from '../compare/keys.ts';
import { homeKeys } from '../home/keys.ts';
import { layerKeys } from '../layer/keys.ts';
import { networkKeys } from '../network/keys.ts';
import { neuronKeys } from '../neuron/keys.ts';
import type { ScreenState } from '../model/state.ts';
import { keyLabel, lists, type Click, type KeyBinding, type Place } from './binding.ts';
import { alwaysKeys, everywhereKeys, runKeys } from './common.ts';

export type { KeyBinding, Place } from './binding.ts';

const screenKeys = [
  ...homeKeys,
  ...networkKeys,
  ...layerKeys,
  ...neuronKeys,
  ...compareKeys,
  ...runKeys,
  ...everywhereKeys,
  ...alwaysKeys,
];

/** Commands that the palette offers at a screen for what was typed. */
export const paletteChoices = (
  place: Place,
  text: string,
  words = (label: string): string => label,
): (Choice & { command: string })[] =>
  screenKeys.flatMap((binding) => {
    const { command, where, keyOnly, keys } = binding;
    const label = words(binding.label);
    const isOffered = where.includes(place) && !keyOnly && command !== 'palette';
    if (!isOffered || !('run' in binding) || !matches(`${command} ${label}`, text)) return [];
    return [{ command, text: label, beside: keys.slice(0, 1).map(keyLabel).join(''), run: binding.run }];
  });

/** What the open list offers. */
export const choicesOf = (state: ScreenState): Choice[] => choicesIn(state, paletteChoices);

function lastOffsetOf(state: ScreenState): number {
  return lastOffset(state, bindingsAt);
}

/**
 * The key table: the only place that says which key does what, where, and when that means something. Dispatch, help,
 * footer, command palette and documentation are all made from it, so they cannot disagree; its order is theirs.
 */
export const keyTable = [...screenKeys, ...dialogKeys(choicesOf, lastOffsetOf)];

export type CommandId = (typeof keyTable)[number]['command'];

/** What a key or a click asks for. */
export type Command =
  | { id: CommandId }
  | Click
  /** Text typed into a dialog. */
  | { id: 'type'; text: string }
  /** The wheel, one step. */
  | { id: 'wheel'; direction: 'up' | 'down' | 'left' | 'right' };

/** The bindings that apply at a place, in the table's order. */
export const bindingsAt = (place: Place): readonly KeyBinding<CommandId>[] =>
  keyTable.filter(({ where }) => where.includes(place));

/** What a key does at a place; nothing for keys without a meaning there. */
export function commandFor(key: string, place: Place): Command | undefined {
  const binding = bindingsAt(place).find(({ keys }) => keys.includes(key));
  if (binding) return binding.click?.(key) ?? { id: binding.command };
  return (lists as readonly Place[]).includes(place) && Array.from(key).length === 1
    ? { id: 'type', text: key }
    : undefined;
}
