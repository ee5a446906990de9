import type { Cell, CellGrid, Rgb } from '../../src/imaging/cells/cells.ts';
import { defaultTheme, styleOf, type Token } from '../../src/views/theme/theme.ts';

/** A letter for each colour of the theme, by one of the meanings that have it. */
const letters: Partial<Record<Token, string>> = {
  ...{ key: 'a', train: 'o', validation: 'b', live: 'g', cursor: 'y', error: 'r', outlier: 'p' },
  ...{ muted: 'm', border: 'l', dialog: 't', dialogMuted: 'u' },
};
const letterOf = new Map(
  Object.entries(letters).map(([token, letter]) => [String(styleOf(token as Token, defaultTheme).foreground), letter]),
);
const panel = String(styleOf('dialog', defaultTheme).background);

/** How light a colour is, 0 to 9. */
const lightness = ([red, green, blue]: Rgb): string =>
  String(Math.min(9, Math.floor((0.2126 * red + 0.7152 * green + 0.0722 * blue) / 25.6)));

function signOf({ text, foreground, background, bold, inverse }: Cell): string {
  if (inverse) return 'i';
  if (background && String(background) !== panel)
    return foreground && /[▀▄▌▐]/.test(text) ? '#' : lightness(background);
  if (text.trim() === '') return background ? '_' : ' ';
  if (!foreground) return bold ? '!' : '.';
  const letter = letterOf.get(String(foreground)) ?? '?';
  return bold ? letter.toUpperCase() : letter;
}

/**
 * What cells look like, a sign for each: a dot is plain text and `!` bold; a letter is the colour of text, a capital bold
 * (accent, orange, blue, green, yellow, red, purple, muted, line, text and u for what is muted on a panel), a digit how
 * light the background is, `_` an empty panel, `#` a picture, `i` what is inverted and `?` text of another colour, as clusters
 * have.
 */
export const stylesOf = (grid: CellGrid): string =>
  grid
    .map((row) =>
      row
        .map((cell) => (cell.text === '' ? '' : signOf(cell)))
        .join('')
        .trimEnd(),
    )
    .join('\n');
