import type { ColourDepth, Rgb } from '../cells/cells.ts';
import { oklabOf } from './oklab.ts';
import { xtermColours } from './terminal-colours.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const forced = new Map<string, ColourDepth>([
  ['0', 'none'],
  ['false', 'none'],
  ['2', '256'],
  ['3', 'truecolour'],
]);

function depthOfTerminal(env: Environment): ColourDepth {
  const term = (env['TERM'] ?? '').toLowerCase();
  if (term === 'dumb' || (term === '' && env['COLORTERM'] === undefined)) return 'none';
  const isMultiplexer = /^(screen|tmux)/.test(term) || Boolean(env['TMUX']) || Boolean(env['STY']);
  // GNU screen passes COLORTERM on from outside but shows 256 colours at most; tmux converts truecolour itself.
  const isScreen = Boolean(env['STY']) || (term.startsWith('screen') && !env['TMUX']);
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') && !isScreen) return 'truecolour';
  if (/(-direct|-truecolor)$/.test(term)) return 'truecolour';
  if (/^(xterm-kitty|xterm-ghostty|wezterm|alacritty|foot|contour|rio)/.test(term)) return 'truecolour';
  if (!isMultiplexer && env['WT_SESSION'] !== undefined) return 'truecolour';
  if (!isMultiplexer && /^(iTerm\.app|WezTerm|vscode|ghostty|mintty)$/.test(env['TERM_PROGRAM'] ?? '')) {
    return 'truecolour';
  }
  if (/-256(color)?$/.test(term) || isMultiplexer) return '256';
  if (/^(vt100|vt102|vt220|vt52|ansi-m|xterm-mono)/.test(term)) return 'none';
  return '16';
}

/**
 * How many colours to send. In order: `FORCE_COLOR` (0-3, wins even without a terminal), `NO_COLOR` (set and not empty),
 * not a terminal: none; then COLORTERM, TERM and the names terminals give themselves.
 */
export function detectColourDepth(env: Environment, isTTY: boolean): ColourDepth {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) {
    const asked = forced.get(force.toLowerCase()) ?? '16';
    if (asked !== '16' || force === '1') return asked;
    const found = depthOfTerminal(env);
    return found === 'none' ? '16' : found;
  }
  if (env['NO_COLOR']) return 'none';
  return isTTY ? depthOfTerminal(env) : 'none';
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
