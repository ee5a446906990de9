import { printable } from '../../engine/base/printable.ts';
import type { Colours } from '../../imaging/colour/colour-depth.ts';
import type { ColourDepth } from '../../imaging/cells/cells.ts';
import type { Discovery } from '../../imaging/pictures/discover.ts';
import { pictureModeFor } from '../../imaging/pictures/picture-mode.ts';
import type { PictureProtocol } from '../../imaging/pictures/protocol.ts';
import { runTmux, tellsFocus } from '../../imaging/pictures/tmux.ts';
import { discoveryOf, lookOf } from '../ask-terminal.ts';
import type { Characters } from '../../imaging/terminal/characters.ts';
import { knowsSize, windowSize } from '../../imaging/terminal/window-size.ts';
import type { CommandContext } from '../common.ts';
import type { Problem } from '../doctor.ts';

export interface TerminalState {
  isTerminal: boolean;
  /** TERM */
  type: string;
  columns?: number;
  rows?: number;
  /** Whether it has been told its size; otherwise that of COLUMNS and LINES, or 80x24, is taken. */
  knowsSize?: boolean;
  colours: ColourDepth;
  /** Why this number of colours. */
  coloursReason: string;
  /** Whether only ASCII characters are drawn, and why. */
  characters?: Characters;
  /** What it calls itself. */
  name?: string;
  isLight?: boolean;
  isSynchronised?: boolean;
  /** How pictures are drawn, and why; pixels of a cell. */
  pictures?: { protocol: PictureProtocol; reason: string; cell: { width: number; height: number } };
}

/** The smallest screen that shows a network without leaving things out. */
const comfortable = { columns: 80, rows: 24 };

/** Asks the terminal, if there is one, what it can do; takes at most a second, two in tmux. */
export async function checkTerminal(
  context: Pick<CommandContext, 'stdin' | 'stdout' | 'env' | 'leaving' | 'screen' | 'json'>,
): Promise<{ state: TerminalState; problems: Problem[] }> {
  const { stdout, env } = context;
  const isTerminal = Boolean(stdout.isTTY);
  const discovery = await discoveryOf(context);
  const { characters, colours } = await lookOf(context, discovery);
  const state: TerminalState = {
    isTerminal,
    type: env['TERM'] ?? '',
    ...(isTerminal && { ...windowSize(stdout, env), knowsSize: knowsSize(stdout) }),
    colours: colours.depth,
    coloursReason: colours.reason,
  };
  if (!isTerminal) return { state, problems: [] };
  Object.assign(state, { characters, ...known(discovery, { characters, colours }, context) });
  const problems: Problem[] = [];
  if (state.type === 'dumb' || state.type === '') {
    problems.push({
      code: 'dumb-terminal',
      message: `The terminal calls itself "${state.type}": nothing can be drawn on it.`,
      remedy: 'Set TERM to what the terminal is, xterm-256color in most cases.',
      severe: false,
    });
  } else if (state.knowsSize === false) {
    problems.push({
      code: 'unknown-size',
      message: `The terminal does not know its size; ${state.columns}x${state.rows} is taken.`,
      remedy: 'Tell it: stty rows 24 cols 80, with the numbers of the window.',
      severe: false,
    });
  } else if ((state.columns ?? 0) < comfortable.columns || (state.rows ?? 0) < comfortable.rows) {
    problems.push({
      code: 'small-terminal',
      message: `The terminal has ${state.columns}x${state.rows} cells; below 80x24 parts of the screen are left out.`,
      remedy: 'Make the window larger or the font smaller.',
      severe: false,
    });
  }
  if (env['TMUX'] && state.pictures?.protocol.startsWith('kitty') && !(await tellsFocus(runTmux))) {
    problems.push({
      code: 'no-focus-events',
      message:
        'tmux does not say when our pane is shown again: pictures may be missing after another window or terminal.',
      remedy: 'Write "set -g focus-events on" in ~/.tmux.conf, or press Ctrl-L when a picture is missing.',
      severe: false,
    });
  }
  return { state, problems };
}

/** What follows from the terminal's answers. */
function known(
  discovery: Discovery,
  { characters: { ascii }, colours: { depth } }: { characters: Characters; colours: Colours },
  { stdout, env, screen }: Pick<CommandContext, 'stdout' | 'env' | 'screen'>,
): Partial<TerminalState> {
  const { name, isLight, isSynchronised } = discovery.abilities;
  const { chosen, cell } = pictureModeFor(discovery, {
    choice: screen.images,
    env,
    depth,
    ascii,
    size: windowSize(stdout, env),
  });
  return {
    ...(name !== undefined && { name: printable(name, 80) }),
    ...(isLight !== undefined && { isLight }),
    ...(isSynchronised !== undefined && { isSynchronised }),
    pictures: { protocol: chosen.protocol, reason: printable(chosen.reason, 160), cell },
  };
}
