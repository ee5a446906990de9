import { detectColourDepth } from '../../imaging/colour-depth.ts';
import { askTerminal, canBeAsked } from '../../imaging/detect.ts';
import { StdinFilter } from '../../imaging/stdin-filter.ts';
import type { CommandContext } from '../common.ts';
import type { Problem } from '../doctor.ts';

export interface TerminalState {
  isTerminal: boolean;
  /** TERM */
  type: string;
  columns?: number;
  rows?: number;
  colours: string;
  /** What it calls itself. */
  name?: string;
  isLight?: boolean;
  isSynchronised?: boolean;
}

/** The smallest screen that shows a network without leaving things out. */
const comfortable = { columns: 80, rows: 24 };

/** Asks the terminal, if there is one, what it can do; takes at most a second. */
export async function checkTerminal(
  context: Pick<CommandContext, 'stdin' | 'stdout' | 'env' | 'screen' | 'json'>,
): Promise<{ state: TerminalState; problems: Problem[] }> {
  const { stdin, stdout, env, screen } = context;
  const isTerminal = Boolean(stdout.isTTY);
  const found = detectColourDepth(env, isTerminal);
  const state: TerminalState = {
    isTerminal,
    type: env['TERM'] ?? '',
    ...(isTerminal && { columns: stdout.columns, rows: stdout.rows }),
    colours: screen.colour === 'auto' ? found : screen.colour,
  };
  if (!isTerminal) return { state, problems: [] };
  if (stdin.isTTY && canBeAsked(env, true)) Object.assign(state, await answers(stdin, stdout));
  const problems: Problem[] = [];
  if (state.type === 'dumb' || state.type === '') {
    problems.push({
      code: 'dumb-terminal',
      message: `The terminal calls itself "${state.type}": nothing can be drawn on it.`,
      remedy: 'Set TERM to what the terminal is, xterm-256color in most cases.',
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
  return { state, problems };
}

async function answers(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<Pick<TerminalState, 'name' | 'isLight' | 'isSynchronised'>> {
  const input = new StdinFilter(stdin);
  const wasRaw = stdin.isRaw;
  // Not raw, the answers would be echoed and kept until a line ends.
  stdin.setRawMode(true);
  try {
    input.resume();
    const { name, isLight, isSynchronised } = await askTerminal({
      write: (data) => stdout.write(data),
      onEvent: (listener) => input.onEvent(listener),
    });
    return {
      ...(name !== undefined && { name }),
      ...(isLight !== undefined && { isLight }),
      ...(isSynchronised !== undefined && { isSynchronised }),
    };
  } finally {
    stdin.setRawMode(wasRaw);
    input.destroy();
  }
}
