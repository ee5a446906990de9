import type { Key } from 'ink';
import type { TerminalEvent } from '../../imaging/terminal/stdin-filter.ts';

/** Keys that Ink has a flag for; we call `upArrow` `up`, and `pageUp` `pageup`. */
const named = [
  ...(['upArrow', 'downArrow', 'leftArrow', 'rightArrow', 'pageUp', 'pageDown', 'home', 'end'] as const),
  ...(['return', 'escape', 'backspace', 'delete'] as const),
] satisfies (keyof Key)[];

/**
 * What Ink reports of a key press as names that the key table uses: `up`, `ctrl+u`, `shift+tab`, `S`, `/`.
 * Fast typing and slow lines deliver several characters at once; each becomes a name of its own.
 */
export function keyNames(input: string, key: Key): string[] {
  if (key.eventType === 'release') return [];
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab'];
  const flag = named.find((one) => key[one]);
  const name = flag?.replace('Arrow', '').toLowerCase();
  if (name) return [key.ctrl ? `ctrl+${name}` : name];
  if (key.ctrl) return input ? [`ctrl+${input.toLowerCase()}`] : [];
  if (key.meta) return [];
  return Array.from(input).flatMap((character) => {
    if (character === '\r' || character === '\n') return ['return'];
    if (character === '\t') return ['tab'];
    return character >= ' ' && character !== '\u007f' ? [character] : [];
  });
}

/** A key by its name and by what it may stand for: without Ctrl, and a letter of full width as the letter it is. */
export function alternatives(name: string): [string, ...string[]] {
  const isNamed = name.startsWith('ctrl+') && name.length > 'ctrl+'.length + 1;
  return [name, isNamed ? name.slice('ctrl+'.length) : name.normalize('NFKC')];
}

/** A key of another keyboard: what it types, else what it is on a keyboard of the US. */
export function letterNames({ character, base, control }: TerminalEvent & { type: 'letter' }): [string, ...string[]] {
  const held = control ? 'ctrl+' : '';
  return [held + character, held + base];
}

/** As many keys are hardly pressed while a slow line keeps them back; of those before a text is opened, fewer. */
const manyKeys = { alone: 8, beforeText: 4 };

/**
 * Whether text that came at once is a paste, though the terminal does not say so. A line that stalls delivers several
 * keys at once too: one held down, a few that all mean something here, or such that open a text and what is typed in it.
 * @param commandOf what a character asks for where keys go now
 */
export function isPasted(input: string, commandOf: (character: string) => string | undefined): boolean {
  if (input.length < 4 || new Set(input).size < 3) return false;
  const commands = Array.from(input, commandOf);
  const opening = commands.findIndex((command) => command === 'palette' || command === 'find');
  const keys = opening < 0 ? commands : commands.slice(0, opening);
  const isOfLines = opening >= 0 && /[\r\n]./s.test(input);
  return isOfLines || keys.length >= (opening < 0 ? manyKeys.alone : manyKeys.beforeText) || keys.includes(undefined);
}
