import type { TerminalAbilities } from '../terminal/detect.ts';

/** What the user may ask for: `--images`. */
export const imageChoices = ['auto', 'kitty', 'iterm2', 'sixel', 'blocks', 'off'] as const;
export type ImageChoice = (typeof imageChoices)[number];

/** How pictures are drawn: `kitty` by placeholders, `kitty-direct` without them. */
export type PictureProtocol = 'kitty' | 'kitty-direct' | 'iterm2' | 'sixel' | 'blocks' | 'off';

export interface ProtocolChoice {
  protocol: PictureProtocol;
  /** For the user, one line. */
  reason: string;
}

/** What is known of the terminal when the protocol is chosen. */
export interface PictureSurroundings {
  abilities: TerminalAbilities;
  env: Readonly<Record<string, string | undefined>>;
  /** In tmux: what the terminal outside answered, and whether sequences reach it. */
  outside?: { abilities: TerminalAbilities; isReached: boolean };
  /** Whether colours are wanted at all. */
  hasColours: boolean;
}

type Family = 'kitty' | 'kitty-direct' | 'iterm2' | 'xterm.js';

function versionOf(name: string): readonly number[] {
  return (/\d+(?:\.\d+)*/.exec(name)?.[0] ?? '').split('.').map(Number);
}

/** What is known of terminals by the names they give themselves. */
function familyOf(name: string | undefined): Family | undefined {
  if (name === undefined) return undefined;
  if (/^kitty\b/i.test(name)) {
    // Placeholders came with 0.28.
    const [major = 0, minor = 0] = versionOf(name);
    return major > 0 || minor >= 28 ? 'kitty' : 'kitty-direct';
  }
  if (/^(ghostty|rio)\b/i.test(name)) return 'kitty';
  if (/^(konsole|warp)/i.test(name)) return 'kitty-direct';
  if (/^(iterm2|wezterm|mintty)\b/i.test(name)) return 'iterm2';
  // VS Code's terminal among others; pictures are an addition that shows in the device attributes.
  return /^xterm\.js/i.test(name) ? 'xterm.js' : undefined;
}

/** Whether a terminal of this name has kitty's protocol, so that it can be asked about it. */
export const takesKitty = (name: string | undefined): boolean => familyOf(name)?.startsWith('kitty') ?? false;

const hasSixel = ({ attributes }: TerminalAbilities): boolean => attributes?.includes(4) ?? false;

function inTmux(abilities: TerminalAbilities, outside: PictureSurroundings['outside']): ProtocolChoice {
  const name = outside?.abilities.name;
  if (!outside?.isReached) return { protocol: 'blocks', reason: 'tmux does not let pictures through' };
  if (familyOf(name) === 'kitty' && outside.abilities.hasKittyGraphics !== false) {
    return { protocol: 'kitty', reason: `${name} outside tmux takes placeholders` };
  }
  if (hasSixel(abilities) && hasSixel(outside.abilities)) {
    return { protocol: 'sixel', reason: 'tmux and the terminal outside both take sixel' };
  }
  return { protocol: 'blocks', reason: `tmux in ${name ?? 'a terminal that gives no name'}: no protocol is safe` };
}

function automatic({ abilities, env, outside, hasColours }: PictureSurroundings): ProtocolChoice {
  if (!hasColours) return { protocol: 'blocks', reason: 'no colours are wanted' };
  if (env['TMUX']) return inTmux(abilities, outside);
  if (env['STY']) return { protocol: 'blocks', reason: 'GNU screen does not let pictures through' };
  if (!abilities.isAnswering) return { protocol: 'blocks', reason: 'the terminal does not answer' };
  const { name, hasKittyGraphics } = abilities;
  const family = familyOf(name);
  // Its OK alone proves nothing: some terminals say it and then show placeholders as characters.
  if ((family === 'kitty' || family === 'kitty-direct') && hasKittyGraphics) {
    return { protocol: family, reason: `${name} takes kitty's pictures` };
  }
  if (family === 'iterm2') return { protocol: 'iterm2', reason: `${name} takes iTerm2's pictures` };
  if (family === 'xterm.js' && hasSixel(abilities)) {
    return { protocol: 'iterm2', reason: `${name} with its image add-on takes iTerm2's pictures` };
  }
  if (name === undefined && (env['LC_TERMINAL'] === 'iTerm2' || env['TERM_PROGRAM'] === 'iTerm.app')) {
    return { protocol: 'iterm2', reason: 'the environment says iTerm2' };
  }
  if (hasSixel(abilities)) {
    return { protocol: 'sixel', reason: `${name ?? 'the terminal'} says it takes sixel` };
  }
  return { protocol: 'blocks', reason: `${name ?? 'the terminal'} offers no pictures` };
}

/**
 * How pictures are to be drawn. What the user asks for is done, whatever the terminal says; `auto` trusts the terminal's
 * own name first (XTVERSION), for it crosses SSH and does not outlive the terminal as variables do.
 */
export function chooseProtocol(wanted: ImageChoice, surroundings: PictureSurroundings): ProtocolChoice {
  if (wanted === 'auto') return automatic(surroundings);
  const reason = 'asked for';
  if (wanted !== 'kitty') return { protocol: wanted, reason };
  const isDirect = !surroundings.env['TMUX'] && familyOf(surroundings.abilities.name) === 'kitty-direct';
  return { protocol: isDirect ? 'kitty-direct' : 'kitty', reason };
}
