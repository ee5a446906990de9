import { askTerminal, type TerminalAbilities } from '../terminal/detect.ts';
import type { TerminalEvent } from '../terminal/terminal-input.ts';
import { allowPassthrough, isInFront, outerName, throughTmux, type TmuxCommand } from './tmux.ts';

/** The terminal, and the one outside it where there is tmux between. */
export interface Discovery {
  abilities: TerminalAbilities;
  outside?: { abilities: TerminalAbilities; isReached: boolean };
  /** Takes back what tmux was told. */
  undo: () => Promise<void>;
}

export interface DiscoveryOptions {
  /** As for {@link askTerminal}. */
  write: (data: string) => void;
  onEvent: (listener: (event: TerminalEvent) => void) => () => void;
  env: Readonly<Record<string, string | undefined>>;
  tmux: TmuxCommand;
  /** Milliseconds for each of at most two rounds. */
  timeout?: number;
}

/** Terminals that print a question they do not know. */
const isTalkative = (env: DiscoveryOptions['env']): boolean => env['TERM_PROGRAM'] === 'Apple_Terminal';

/**
 * Asks the terminal what it can do; in tmux also the terminal outside, one after the other, for their answers look
 * alike, and only while its answers come to us. Never rejects.
 */
export async function discover({ write, onEvent, env, tmux, timeout = 1000 }: DiscoveryOptions): Promise<Discovery> {
  const isTmux = Boolean(env['TMUX']);
  const isMultiplexed = isTmux || Boolean(env['STY']) || /^(screen|tmux)/.test(env['TERM'] ?? '');
  const terminal = { write, onEvent };
  const kitty = !isMultiplexed && !isTalkative(env);
  const abilities = await askTerminal(terminal, timeout, { kitty });
  if (!isTmux) return { abilities, undo: () => Promise.resolve() };
  const pane = env['TMUX_PANE'];
  const passthrough = await allowPassthrough(tmux, pane);
  const isReached = passthrough.isAllowed;
  const isHeard = isReached && (await isInFront(tmux, pane));
  const outside: TerminalAbilities = isHeard
    ? await askTerminal(terminal, timeout, { kitty: true, wrap: throughTmux })
    : { isAnswering: false };
  const name = outside.name ?? (await outerName(tmux, pane));
  if (name !== undefined) outside.name = name;
  return { abilities, outside: { abilities: outside, isReached }, undo: passthrough.undo };
}
