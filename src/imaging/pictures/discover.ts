import { askTerminal, type Questions, type TerminalAbilities } from '../terminal/detect.ts';
import type { AskedTerminal } from '../terminal/stdin-filter.ts';
import { takesKitty } from './protocol.ts';
import { allowPassthrough, isInFront, outerName, throughTmux, type TmuxCommand } from './tmux.ts';

/** The terminal, and the one outside it where there is tmux between. */
export interface Discovery {
  abilities: TerminalAbilities;
  outside?: { abilities: TerminalAbilities; isReached: boolean };
  /** Takes back what tmux was told. */
  undo: () => Promise<void>;
}

export interface DiscoveryOptions {
  terminal: AskedTerminal;
  env: Readonly<Record<string, string | undefined>>;
  tmux: TmuxCommand;
  /** Whether the user says that the terminal has kitty's protocol. */
  isKitty?: boolean;
  /** As for {@link askTerminal}. */
  characters?: boolean;
  /** Whether pictures are to be drawn: about those, and in tmux the terminal outside, is asked only then. */
  pictures?: boolean;
  /** Milliseconds for each of at most four rounds. */
  timeout?: number;
}

/**
 * Asks a terminal for its name first, and about kitty's protocol only where it is one that has it: others print the
 * question.
 * @param known its name, where that is known already
 */
async function askByName(
  { terminal, timeout = 1000, isKitty = false }: DiscoveryOptions,
  questions: Questions,
  known?: string,
): Promise<TerminalAbilities> {
  const isKnown = isKitty || takesKitty(known);
  const abilities = await askTerminal(terminal, timeout, { ...questions, kitty: isKnown ? 'too' : 'no' });
  if (isKnown || !takesKitty(abilities.name)) return abilities;
  const { wrap } = questions;
  return { ...abilities, ...(await askTerminal(terminal, timeout, { ...(wrap && { wrap }), kitty: 'alone' })) };
}

/**
 * Asks the terminal what it can do; in tmux also the terminal outside, one after the other, for their answers look
 * alike, and only while its answers come to us. Never rejects.
 */
export async function discover(options: DiscoveryOptions): Promise<Discovery> {
  const { terminal, env, tmux, timeout = 1000, characters = false, pictures = true } = options;
  const isTmux = Boolean(env['TMUX']);
  const isMultiplexed = isTmux || Boolean(env['STY']) || /^(screen|tmux)/.test(env['TERM'] ?? '');
  const questions = { characters, colours: !isMultiplexed };
  const abilities = await (pictures && !isMultiplexed
    ? askByName(options, questions)
    : askTerminal(terminal, timeout, questions));
  if (!isTmux || !pictures) return { abilities, undo: () => Promise.resolve() };
  const pane = env['TMUX_PANE'];
  const passthrough = await allowPassthrough(tmux, pane);
  const isReached = passthrough.isAllowed;
  const isHeard = isReached && (await isInFront(tmux, pane));
  const name = await outerName(tmux, pane);
  const outside: TerminalAbilities = isHeard
    ? await askByName(options, { wrap: throughTmux }, name)
    : { isAnswering: false };
  if (outside.name === undefined && name !== undefined) outside.name = name;
  return { abilities, outside: { abilities: outside, isReached }, undo: passthrough.undo };
}
