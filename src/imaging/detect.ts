import type { Rgb } from './cells.ts';
import { backgroundOfReply, isLight } from './colour-depth.ts';
import type { TerminalEvent } from './terminal-input.ts';

/** What a terminal said of itself; what it did not answer is absent. */
export interface TerminalAbilities {
  /** Whether it answered at all. */
  isAnswering: boolean;
  background?: Rgb;
  isLight?: boolean;
  /** Whether it knows synchronised updates (mode 2026). */
  isSynchronised?: boolean;
  /** Name and version, as `kitty(0.41.1)` (XTVERSION). */
  name?: string;
  /** Primary device attributes; 4 is sixel. */
  attributes?: readonly number[];
}

// Device attributes come last: every terminal answers them, so what has not come before them does not come.
const questions = '\u001b[>q\u001b[?2026$p\u001b]11;?\u001b\\\u001b[c';

/** Whether a terminal of this kind can be asked without risking that it prints the question. */
export function canBeAsked(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  return isTTY && !['', 'dumb', 'linux', 'vt52', 'emacs'].includes(env['TERM'] ?? '');
}

function learn(abilities: TerminalAbilities, event: TerminalEvent & { type: 'reply' }): boolean {
  const { kind, text } = event;
  const mode = kind === 'csi' ? /^\?2026;(\d)\$y$/.exec(text) : null;
  const attributes = kind === 'csi' ? /^\?([\d;]+)c$/.exec(text) : null;
  const background = kind === 'osc' ? backgroundOfReply(text) : undefined;
  if (mode) abilities.isSynchronised = mode[1] === '1' || mode[1] === '2' || mode[1] === '3';
  if (kind === 'dcs' && text.startsWith('>|')) abilities.name = text.slice(2);
  if (background) Object.assign(abilities, { background, isLight: isLight(background) });
  if (attributes) abilities.attributes = attributes[1].split(';').map(Number);
  abilities.isAnswering = true;
  return attributes !== null;
}

/**
 * Asks the terminal what it is, and resolves when it has answered everything or after `timeout` ms with what came.
 * Nothing waits for it: paint first, and change the theme when the answer comes.
 * @param terminal.write sends to the terminal (while it is in raw mode, or the answers are echoed)
 * @param terminal.onEvent as {@link import('./stdin-filter.ts').StdinFilter.onEvent}; something must be reading the input
 */
export function askTerminal(
  terminal: { write: (data: string) => void; onEvent: (listener: (event: TerminalEvent) => void) => () => void },
  timeout = 1000,
): Promise<TerminalAbilities> {
  return new Promise((resolve) => {
    const abilities: TerminalAbilities = { isAnswering: false };
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve(abilities);
    };
    const stop = terminal.onEvent((event) => {
      if (event.type === 'reply' && learn(abilities, event)) finish();
    });
    const timer = setTimeout(finish, timeout);
    terminal.write(questions);
  });
}
