import { describe, expect, it } from 'vitest';
import { charactersFor, isUnsure } from '../../src/imaging/terminal/characters.ts';

describe('the characters of a terminal', () => {
  const ascii = (env: Record<string, string>, heard = {}): boolean => charactersFor('auto', env, heard).ascii;

  it('are what the user says', () => {
    expect(charactersFor('on', { LANG: 'C.UTF-8' }).ascii).toBe(true);
    expect(charactersFor('off', { TERM: 'linux', LC_ALL: 'de_DE.ISO-8859-1' }, { clientUtf8: '0' }).ascii).toBe(false);
  });

  it('are ASCII where the first of the variables that is set names another set than UTF-8', () => {
    expect(ascii({ LANG: 'de_DE.ISO-8859-1' })).toBe(true);
    expect(ascii({ LANG: 'ja_JP.eucJP@x' })).toBe(true);
    expect(ascii({ LC_ALL: 'de_DE.UTF-8', LC_CTYPE: 'de_DE.ISO-8859-1', LANG: 'C' })).toBe(false);
    expect(ascii({ LC_ALL: '', LC_CTYPE: 'de_DE.ISO-8859-15', LANG: 'de_DE.utf8' })).toBe(true);
    for (const LANG of ['C.UTF-8', 'de_DE.utf8', 'de_DE', 'de_DE@euro']) expect(ascii({ LANG }), LANG).toBe(false);
  });

  it('are all where nothing is set, as in a container', () => {
    expect(ascii({})).toBe(false);
    expect(ascii({ TERM: 'xterm' }, { columnsOfTwoBytes: 2 })).toBe(false);
    expect(isUnsure('auto', {})).toBe(false);
  });

  it('are what the terminal makes of two bytes where the locale is C', () => {
    for (const LC_ALL of ['C', 'POSIX']) {
      expect(isUnsure('auto', { LC_ALL })).toBe(true);
      expect(ascii({ LC_ALL })).toBe(false);
      expect(ascii({ LC_ALL }, { columnsOfTwoBytes: 1 })).toBe(false);
      expect(ascii({ LC_ALL }, { columnsOfTwoBytes: 2 })).toBe(true);
    }
    expect(isUnsure('on', { LC_ALL: 'C' })).toBe(false);
  });

  it('are ASCII on a console of Linux, whose font has no braille, and where tmux shows us without UTF-8', () => {
    expect(charactersFor('auto', { TERM: 'linux', LANG: 'C.UTF-8' })).toMatchObject({ ascii: true });
    expect(ascii({ TERM: 'tmux-256color', LANG: 'C.UTF-8' }, { clientUtf8: '0' })).toBe(true);
    for (const clientUtf8 of ['1', '', undefined]) expect(ascii({ LANG: 'C.UTF-8' }, { clientUtf8 })).toBe(false);
  });
});
