import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Characters that are a grapheme each beside any other of them: no marks, joiners or halves of a pair. */
// eslint-disable-next-line no-control-regex
const lone = /^[\u0000-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2bff]*$/;
const printableAscii = /^[ -~]*$/;
/** Signs and letters of one column that screens are full of: looking them up would take 20 ms before the first paint. */
const narrow =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2319\u231c-\u2328\u232b-\u23e8\u2500-\u25fc\u2800-\u28ff]$/;
const widths = new Map<string, number>();

/** Between a letter and the next within one grapheme: a conjunct of an Indic script, or Thai's and Lao's vowel AM. */
const betweenLetters = /(?<=\p{L}\P{L}*)(?=\p{L})/u;
const isHangul = /^\p{Script=Hangul}/u;

/**
 * The graphemes of a text, what a reader takes for one character each; but letters that terminals give columns of their
 * own are graphemes of their own here, so that none takes more than two columns.
 */
export function graphemesOf(text: string): string[] {
  if (lone.test(text)) return Array.from(text);
  return Array.from(segmenter.segment(text)).flatMap(({ segment }) =>
    segment.length === 1 || isHangul.test(segment) ? [segment] : segment.split(betweenLetters),
  );
}

/**
 * Columns that a terminal may take for a grapheme: where it does not know emoji that are joined or modified, it draws
 * their parts one after the other.
 */
export function mostWidthOf(grapheme: string): number {
  if (grapheme.length === 1) return widthOf(grapheme);
  const parts = Array.from(grapheme).filter((part) => widthOf(part) > 0);
  return parts.length === 1 ? widthOf(grapheme) : 2 * parts.length;
}

/** Columns a grapheme takes: 0 (control characters, lone marks), 1 or 2. */
export function widthOf(grapheme: string): number {
  if (narrow.test(grapheme)) return 1;
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
