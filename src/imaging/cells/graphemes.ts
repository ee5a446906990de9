import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
// eslint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/;
const printableAscii = /^[ -~]*$/;
const widths = new Map<string, number>();

/** The graphemes of a text, what a reader takes for one character each. */
export function graphemesOf(text: string): string[] {
  return ascii.test(text) ? Array.from(text) : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns a grapheme takes: 0 (control characters, lone marks), 1 or 2. */
export function widthOf(grapheme: string): number {
  if (grapheme.length === 1 && grapheme >= ' ' && grapheme <= '~') return 1;
  let width = widths.get(grapheme);
  if (width === undefined) {
    if (widths.size > 4096) widths.clear();
    width = Math.min(2, stringWidth(grapheme));
    widths.set(grapheme, width);
  }
  return width;
}

/** Columns a text takes. Most texts are ASCII, a column a character: the rest pays for the segmenter. */
export function textWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text)) width += widthOf(grapheme);
  return width;
}
