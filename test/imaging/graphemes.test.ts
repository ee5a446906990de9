import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/commands/common.ts';
import { cellsOf } from '../../src/imaging/cells/grid.ts';
import { graphemesOf, mostWidthOf, textWidth, widthOf } from '../../src/imaging/cells/graphemes.ts';
import { screenDifference } from '../../src/imaging/terminal/screen-difference.ts';

describe('widths of names', () => {
  it.each([
    ['a joined emoji', '👩\u200d🔬', 1, 2],
    ['a family', '👨\u200d👩\u200d👧\u200d👦', 1, 2],
    ['a flag of tags', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', 1, 2],
    ['a flag, a skin tone, a keycap', '🇩🇪👍🏽1\ufe0f\u20e3', 3, 6],
    ['Persian with a non-joiner', 'درخت\u200cها', 6, 6],
    ['Sinhala with a joiner', 'ශ්\u200dරී', 2, 2],
    // Each letter has a column of its own, though they make one conjunct, or one vowel of Thai.
    ['Malayalam', 'ക്\u200dഷ', 2, 2],
    ['Devanagari', 'स्त्री', 3, 4],
    ['Thai', 'น้ำ', 2, 2],
    ['Hangul in parts', '\u1112\u1161\u11ab', 1, 2],
    ['a letter with a mark', 'x\u030c', 1, 1],
  ])('%s', (_, text, count, columns) => {
    expect(graphemesOf(text)).toHaveLength(count);
    expect(graphemesOf(text).join('')).toBe(text);
    expect(textWidth(text)).toBe(columns);
    expect(cellsOf(text)).toHaveLength(columns);
    for (const grapheme of graphemesOf(text)) expect(widthOf(grapheme)).toBeLessThanOrEqual(mostWidthOf(grapheme));
  });

  it('tables line up by what the terminal shows', () => {
    const lines = formatTable([
      ['犬', 'a'],
      ['👩\u200d🔬', 'b'],
      ['cat', 'c'],
    ]);
    expect(lines.map((line) => textWidth(line.slice(0, -1)))).toEqual([5, 5, 5]);
  });
});

describe('screenDifference', () => {
  const blank = (columns: number) => [Array.from({ length: columns }, () => ({ text: ' ' }))];
  it('puts what follows a joined emoji where it belongs, whatever the terminal makes of it', () => {
    const row = [...cellsOf('a👩\u200d🔬b'), ...cellsOf('   ')];
    const drawn = screenDifference(blank(7), [row], 'none');
    // Its two cells cleared, itself, then the letter at its own column, and the rest of the line erased.
    expect(drawn).toBe('\u001b[1;1Ha  \u001b[2G👩\u200d🔬\u001b[1;4Hb\u001b[K');
    // Plain wide letters need none of that.
    expect(screenDifference(blank(4), [cellsOf('犬b ')], 'none')).toBe('\u001b[1;1H犬b');
  });

  it('draws anew what parts of an emoji may have covered', () => {
    const before = [cellsOf('    xyz')];
    const after = [cellsOf('👩\u200d🔬  xyz')];
    expect(screenDifference(before, after, 'none')).toBe('\u001b[1;1H  \u001b[1G👩\u200d🔬\u001b[1;3H  ');
  });
});

it('signs that are not looked up take the columns that string-width gives them', () => {
  const others = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (sign) => widthOf(sign) !== Math.min(2, stringWidth(sign)),
  );
  expect(others).toEqual([]);
});
