import type { ColourDepth, Rgb } from '../cells/cells.ts';
import { oklabOf } from './oklab.ts';
import { xtermColours } from './terminal-colours.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How many colours are sent, and why. */
export interface Colours {
  depth: ColourDepth;
  /** For the user, one line. */
  reason: string;
}

/** What has been heard of a terminal's colours. */
export interface HeardColours {
  /** Whether it keeps a colour of 24 bits or makes another of it, as it says itself. */
  isTrueColour?: boolean;
  /** What tmux, which makes others of them where it must, says of the terminal outside: `#{client_termfeatures}`. */
  clientFeatures?: string | undefined;
}

const forced = new Map<string, ColourDepth>([
  ['0', 'none'],
  ['false', 'none'],
  ['2', '256'],
  ['3', 'truecolour'],
]);

function depthOfTerminal(env: Environment): Colours {
  const term = (env['TERM'] ?? '').toLowerCase();
  const byTerm = (depth: ColourDepth): Colours => ({ depth, reason: `TERM is ${env['TERM'] ?? 'not set'}` });
  if (term === 'dumb' || (term === '' && env['COLORTERM'] === undefined)) return byTerm('none');
  const isMultiplexer = /^(screen|tmux)/.test(term) || Boolean(env['TMUX']) || Boolean(env['STY']);
  // GNU screen passes COLORTERM on from outside but shows 256 colours at most; tmux converts truecolour itself.
  const isScreen = Boolean(env['STY']) || (term.startsWith('screen') && !env['TMUX']);
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') && !isScreen) {
    return { depth: 'truecolour', reason: `COLORTERM is ${env['COLORTERM']}` };
  }
  if (/(-direct|-truecolor)$/.test(term)) return byTerm('truecolour');
  if (/^(xterm-kitty|xterm-ghostty|wezterm|alacritty|foot|contour|rio)/.test(term)) return byTerm('truecolour');
  const named = ['WT_SESSION', 'TERM_PROGRAM'].find((name) => env[name] !== undefined) ?? '';
  const isNamed = named === 'WT_SESSION' || /^(iTerm\.app|WezTerm|vscode|ghostty|mintty)$/.test(env[named] ?? '');
  if (!isMultiplexer && isNamed) return { depth: 'truecolour', reason: `${named} is ${env[named]}` };
  if (/-256(color)?$/.test(term) || isMultiplexer) return byTerm('256');
  if (/^(vt100|vt102|vt220|vt52|ansi-m|xterm-mono)/.test(term)) return byTerm('none');
  return byTerm('16');
}

/**
 * What the user and the environment say of colours. In order: what is asked for, `FORCE_COLOR` (0-3, wins even without
 * a terminal), `NO_COLOR` (set and not empty), not a terminal: none. Nothing where only the terminal can tell.
 */
function wantedColours(choice: ColourDepth | 'auto', env: Environment, isTTY: boolean): Colours | undefined {
  if (choice !== 'auto') return { depth: choice, reason: 'asked for' };
  const force = env['FORCE_COLOR'];
  if (force !== undefined) {
    const asked = forced.get(force.toLowerCase()) ?? '16';
    const found = asked === '16' && force !== '1' ? depthOfTerminal(env).depth : asked;
    return { depth: found === 'none' && asked !== 'none' ? '16' : found, reason: `FORCE_COLOR is ${force}` };
  }
  if (env['NO_COLOR']) return { depth: 'none', reason: 'NO_COLOR is set' };
  return isTTY ? undefined : { depth: 'none', reason: 'not a terminal' };
}

/** Whether the terminal is to be asked for its colours: tmux knows without. */
export const isUnsureOfColours = (choice: ColourDepth | 'auto', env: Environment, isTTY: boolean): boolean =>
  !wantedColours(choice, env, isTTY) && !env['TMUX'] && ['256', '16'].includes(depthOfTerminal(env).depth);

/**
 * The colours to draw with: {@link wantedColours}; else what the terminal has said, which crosses SSH and is never out of
 * date; else COLORTERM, TERM and the names that terminals give themselves.
 */
export function coloursFor(
  choice: ColourDepth | 'auto',
  env: Environment,
  isTTY: boolean,
  { isTrueColour, clientFeatures }: HeardColours = {},
): Colours {
  const wanted = wantedColours(choice, env, isTTY);
  const told = wanted ?? depthOfTerminal(env);
  if (wanted || told.depth === 'none') return told;
  const isTrue = clientFeatures ? clientFeatures.split(',').includes('RGB') : isTrueColour;
  const source = clientFeatures ? 'tmux says so of the terminal outside' : 'the terminal says so';
  if (isTrue) return { depth: 'truecolour', reason: source };
  return isTrue === false && told.depth === 'truecolour' ? { depth: '256', reason: source } : told;
}

/** Whether a background needs dark ink. */
export function isLight(background: Rgb): boolean {
  return oklabOf(background)[0] > 0.6;
}

/** Whether the background is light according to COLORFGBG (rxvt, Konsole, ...: `15;0`); undefined when it does not say. */
export function lightBackgroundFromEnv(env: Environment): boolean | undefined {
  const last = env['COLORFGBG']?.split(';').at(-1);
  if (last === undefined || !/^\d{1,2}$/.test(last)) return undefined;
  const colour = xtermColours[Number(last)];
  return colour && isLight(colour);
}

/** The colour in an OSC 11 reply's text, `11;rgb:ffff/ffff/ffff` with 1-4 hexadecimal digits a channel. */
export function backgroundOfReply(reply: string): Rgb | undefined {
  const match = /^11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(reply);
  if (!match) return undefined;
  const channel = (digits: string): number => Math.round((parseInt(digits, 16) * 255) / (16 ** digits.length - 1));
  return [channel(match[1]), channel(match[2]), channel(match[3])];
}
