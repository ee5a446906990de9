import { graphemesOf, textWidth, widthOf } from '../../imaging/cells/graphemes.ts';
import type { CommandId } from '../keys/table.ts';
import type { Style, Token } from '../theme/theme.ts';

/** A piece of one line, with one meaning. */
export interface Span {
  text: string;
  token?: Token;
  /** A look of its own, such as a colour map's: instead of a token. */
  style?: Style;
  /** What a click on it does. */
  command?: CommandId;
  /** Where a line has no room for all, the spans of the highest rank are left out first; one without a rank stays. */
  rank?: number;
}

/** @param rank as {@link Span} has it */
export const span = (text: string, token?: Token, rank?: number): Span => ({
  text,
  ...(token && { token }),
  ...(rank !== undefined && { rank }),
});

export const muted = (text: string, rank?: number): Span => span(text, 'muted', rank);

/** One line of text on the screen. */
export type Line = readonly Span[];

/** Columns that a text takes in the terminal. */
export { textWidth };

/** A text cut to a width, the last column then being an ellipsis. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const grapheme of graphemesOf(text)) {
    const columns = widthOf(grapheme);
    if (used + columns > width - 1) break;
    kept += grapheme;
    used += columns;
  }
  return kept + ellipsis;
}

/** A text cut or padded to exactly a width. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const kept = cut(text, width);
  const padding = ' '.repeat(Math.max(0, width - textWidth(kept)));
  return align === 'left' ? kept + padding : padding + kept;
}

export const lineWidth = (line: Line): number => line.reduce((sum, span) => sum + textWidth(span.text), 0);

/** A line cut to a width. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let left = width;
  for (const span of line) {
    if (left <= 0) break;
    const text = cut(span.text, left);
    kept.push({ ...span, text });
    left -= textWidth(text);
  }
  return kept;
}

/**
 * A line with one part at the left and one at the right border. Where there is no room for both, the right one stays
 * and the left one is cut.
 */
export function spread(left: Line, right: Line, width: number): Line {
  const rightPart = cutLine(right, width);
  const rightWidth = lineWidth(rightPart);
  const room = width - rightWidth - (rightWidth > 0 ? 1 : 0);
  const leftPart = room > 0 ? cutLine(left, room) : [];
  const gap = Math.max(0, width - lineWidth(leftPart) - rightWidth);
  return [...leftPart, { text: ' '.repeat(gap) }, ...rightPart];
}

/** A line without those of its spans that have no room, rank by rank; what has none is cut. */
export function shrunk(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const highest = Math.max(0, ...line.map(({ rank = 0 }) => rank));
  return highest > 0
    ? shrunk(
        line.filter(({ rank = 0 }) => rank < highest),
        width,
      )
    : cutLine(line, width);
}

/**
 * A line of exactly this many columns with spans at their places, moved in from the borders. Where two would touch, the
 * one that comes first stays.
 */
export function placed(width: number, wanted: readonly (readonly [at: number, span: Span])[]): Line {
  const kept: { from: number; end: number; span: Span }[] = [];
  for (const [at, one] of wanted) {
    const columns = textWidth(one.text);
    const from = Math.max(0, Math.min(width - columns, at));
    const isFree = kept.every((other) => from > other.end || from + columns < other.from);
    if (columns > 0 && columns <= width && isFree) kept.push({ from, end: from + columns, span: one });
  }
  kept.sort((one, other) => one.from - other.from);
  const spans = kept.flatMap(({ from, span: one }, place): Line => [
    { text: ' '.repeat(from - (kept[place - 1]?.end ?? 0)) },
    one,
  ]);
  return [...spans, { text: ' '.repeat(Math.max(0, width - (kept.at(-1)?.end ?? 0))) }];
}

/** The text of a line, without its looks. */
export const plainText = (line: Line): string => line.map(({ text }) => text).join('');

/** The first of some ever shorter variants that fits a width; the last one cut if none does. */
export function firstFitting(variants: readonly Line[], width: number): Line {
  return variants.find((line) => lineWidth(line) <= width) ?? cutLine(variants.at(-1) ?? [], width);
}

/** The first of some ever shorter texts that fits a width, else the last one cut. */
export const fittingText = (variants: readonly string[], width: number): string =>
  variants.find((text) => textWidth(text) <= width) ?? cut(variants.at(-1) ?? '', width);

/** A word in pieces that fit a line: paths are longer than a narrow terminal. */
function piecesOf(word: string, columns: number): string[] {
  const pieces = [''];
  for (const grapheme of graphemesOf(word)) {
    if (textWidth(pieces[pieces.length - 1] + grapheme) > columns) pieces.push('');
    pieces[pieces.length - 1] += grapheme;
  }
  return pieces;
}

/** A text broken into lines between words, and within those that are longer than a line. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ').flatMap((one) => piecesOf(one, columns))) {
    const next = current ? `${current} ${word}` : word;
    if (textWidth(next) > columns && current) {
      lines.push(current);
      current = word;
    } else current = next;
  }
  return [...lines, current];
}

/** A line of one span. */
export const line = (text: string, token?: Token): Line => [token ? { text, token } : { text }];
