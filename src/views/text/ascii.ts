import { graphemesOf, widthOf } from '../../imaging/cells/graphemes.ts';

/** What stands for signs that texts use anywhere; the views' own signs have theirs in glyphs.ts. */
const replacements: Readonly<Record<string, string>> = {
  '…': '~',
  '–': '-',
  '‖': '"',
  '·': '.',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '∞': '~',
  '×': 'x',
  '▏': '_',
};

/** A text in ASCII, as wide as it was: names in other scripts become question marks. */
export function asciiText(text: string): string {
  return graphemesOf(text)
    .map((grapheme) => {
      const width = widthOf(grapheme);
      if (width === 0 || (grapheme >= ' ' && grapheme <= '~')) return grapheme;
      return replacements[grapheme] ?? '?'.repeat(width);
    })
    .join('');
}
