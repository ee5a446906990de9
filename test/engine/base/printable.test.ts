import { describe, expect, it } from 'vitest';
import { printable, visibleNames } from '../../../src/engine/base/printable.ts';

describe('printable', () => {
  it.each([
    ['plain', 'plain'],
    ['a Persian word with a non-joiner', 'درخت\u200cها'],
    ['a Sinhala word with a joiner', 'ශ්\u200dරී'],
    ['a Malayalam word', 'ക്\u200dഷ'],
    ['joined emoji', '👩\u200d🔬 👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f\u200d🔥'],
    ['a flag of tags', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['a flag of letters, a skin tone, a keycap', '🇩🇪 👍🏽 1\ufe0f\u20e3'],
    ['an ideograph in another form', '葛\u{e0100}'],
  ])('keeps %s', (_, text) => expect(printable(text)).toBe(text));

  it.each([
    ['an escape', 'a\u001b[2Jb', 'a\ufffd[2Jb'],
    ['a joiner at the end', '👩\u200d', '👩\ufffd'],
    ['a joiner at the beginning', '\u200da', '\ufffda'],
    ['a joiner beside a space', 'a\u200c b', 'a\ufffd b'],
    ['two joiners', 'a\u200d\u200db', 'a\ufffd\ufffdb'],
    ['a space of no width', 'zero\u200bwidth', 'zero\ufffdwidth'],
    ['a word joiner, a soft hyphen, a filler', 'a\u2060b\u00adc\u3164d', 'a\ufffdb\ufffdc\ufffdd'],
    ['a turn of direction', 'a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
    ['tags without a flag', 'a\u{e0067}\u{e007f}', 'a\ufffd\ufffd'],
    ['half a surrogate', 'a\ud83d', 'a\ufffd'],
  ])('replaces %s', (_, text, shown) => expect(printable(text)).toBe(shown));

  it('cuts a long name, and no joiner is left where it ends', () => {
    expect(printable('abcdef', 4)).toBe('abc…');
    expect(printable('👩\u200d🔬👩\u200d🔬', 3)).toBe('👩…');
  });
});

describe('visibleNames', () => {
  it('spells what cannot be seen, and tells apart what would look the same', () => {
    expect(visibleNames(['cat', 'zero\u200bwidth', 'c\u001bow', 'ශ්\u200dරී'])).toEqual([
      'cat',
      'zero<U+200B>width',
      'c<U+001B>ow',
      'ශ්\u200dරී',
    ]);
    expect(visibleNames(['ab', 'a\u200db', 'caf\u00e9', 'cafe\u0301'])).toEqual([
      'ab',
      'a\u200db (2)',
      'caf\u00e9',
      'cafe\u0301 (2)',
    ]);
    const [one, other] = visibleNames(['x'.repeat(250), `${'x'.repeat(249)}y`]);
    expect(one).toHaveLength(200);
    expect(other).not.toBe(one);
  });
});
