/** A key's name for people: `ctrl+u` as `Ctrl-U`, `pageup` as `PgUp`. */
export function keyLabel(key: string): string {
  const names: Record<string, string> = {
    up: '↑',
    down: '↓',
    left: '←',
    right: '→',
    return: 'Enter',
    escape: 'Esc',
    tab: 'Tab',
    'shift+tab': 'Shift-Tab',
    pageup: 'PgUp',
    pagedown: 'PgDn',
    home: 'Home',
    end: 'End',
    ' ': 'Space',
    backspace: 'Backspace',
    delete: 'Del',
  };
  const named = names[key];
  if (named) return named;
  return key.startsWith('ctrl+') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}
