import type { Key } from 'ink';

const named = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

/**
 * What Ink reports of a key press as names that the key table uses: `up`, `ctrl+u`, `shift+tab`, `S`, `/`.
 * Fast typing and slow lines deliver several characters at once; each becomes a name of its own.
 */
export function keyNames(input: string, key: Key): string[] {
  if (key.eventType === 'release') return [];
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab'];
  for (const [flag, name] of named) if (key[flag]) return [name];
  if (key.ctrl) return input ? [`ctrl+${input.toLowerCase()}`] : [];
  if (key.meta) return [];
  return Array.from(input).flatMap((character) => {
    if (character === '\r' || character === '\n') return ['return'];
    if (character === '\t') return ['tab'];
    return character >= ' ' && character !== '\u007f' ? [character] : [];
  });
}
