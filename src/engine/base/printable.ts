import { limits } from './limits.ts';

/** What a reader sees of a name: a letter, a mark or a picture. */
const seen = String.raw`[^\p{Z}\p{Cc}\p{Cf}\p{Cs}]`;

/**
 * What could steer a terminal or hide text: C0, DEL, C1, line and paragraph separators, bidirectional controls, lone
 * surrogates, and whatever else has no width and no ink. Kept of these are what scripts and emoji are written with:
 * joiners (U+200C, U+200D) between two characters that are seen, variation selectors, and the tags of a flag.
 */
const unprintable = new RegExp(
  [
    String.raw`(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]+\u{e007f})`,
    String.raw`(?<!${seen})[\u200c\u200d]|[\u200c\u200d](?!${seen})`,
    String.raw`(?![\u200c\u200d\ufe00-\ufe0f\u180b-\u180d\u180f\u{e0100}-\u{e01ef}])\p{Default_Ignorable_Code_Point}`,
    String.raw`[\u0000-\u001f\u007f-\u009f\u2028-\u202e\ufff9-\ufffb]|\p{Cs}`,
  ].join('|'),
  'gu',
);

const plain = /^[ -~]*$/;

const replaced = (text: string, by: (character: string) => string): string =>
  text.replace(unprintable, (character, flag?: string) => flag ?? by(character));

/**
 * A text made safe to print, whole. What prints, prints this: whatever a text is made of, wherever that came from, it
 * neither steers the terminal nor hides anything.
 */
export const harmless = (text: string): string => (plain.test(text) ? text : replaced(text, () => '\ufffd'));

/** JSON in which what could steer a terminal is escaped; it means the same. */
export const harmlessJson = (json: string): string =>
  plain.test(json) ? json : replaced(json, (character) => character.split('').map(escapeOf).join(''));

const escapeOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * A name from outside made safe to show: what could steer a terminal or hide text becomes `\u{fffd}`,
 * and a long name is cut with an ellipsis.
 * @param maximum characters kept
 */
export function printable(text: string, maximum: number = limits.nameLength): string {
  // Most names are this, and every frame asks.
  if (text.length <= maximum && plain.test(text)) return text;
  const clean = replaced(text, () => '\ufffd');
  const characters = Array.from(clean.slice(0, maximum * 2 + 2));
  if (characters.length <= maximum) return clean;
  // A joiner that the cut leaves at the end joins nothing any more.
  return `${characters
    .slice(0, maximum - 1)
    .join('')
    .replace(/[\u200c\u200d]+$/, '')}…`;
}

/**
 * Names that are to be told apart when they are shown: what `printable` would replace is spelled, `zero<U+200B>width`,
 * and of names that would look the same the later ones are counted.
 */
export function visibleNames(names: readonly string[]): string[] {
  const given = new Set<string>();
  return names.map((name) => {
    const spelled = printable(replaced(name, (character) => `<${codePointOf(character)}>`));
    let visible = spelled;
    for (let count = 2; given.has(lookOf(visible)); count++) visible = `${spelled} (${count})`;
    given.add(lookOf(visible));
    return visible;
  });
}

/** Joiners may change how letters are drawn, or nothing at all. */
const lookOf = (name: string): string => name.replace(/[\u200c\u200d]/g, '').normalize('NFC');

/** `U+200B` */
export const codePointOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** A word of a command line as a shell takes it: quoted where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${printable(word, 1000).replaceAll("'", `'\\''`)}'`;
