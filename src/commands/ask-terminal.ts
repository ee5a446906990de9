import { canBeAsked, hasCarriedOut } from '../imaging/terminal/detect.ts';
import { discover, type Discovery } from '../imaging/pictures/discover.ts';
import { isInFront, runTmux, throughTmux } from '../imaging/pictures/tmux.ts';
import { StdinFilter } from '../imaging/terminal/stdin-filter.ts';
import type { CommandContext } from './common.ts';

const noAnswers: Discovery = { abilities: { isAnswering: false }, undo: () => Promise.resolve() };

/**
 * Asks the terminal what it can do, in at most a second (two in tmux), and works with that; tmux lets pictures through
 * for as long.
 * @param work gets no answers where there is no terminal to ask
 * @param options.isHandingOver whether pictures are sent, which must have arrived when this ends
 */
export async function withTerminal<Result>(
  { stdin, stdout, env }: Pick<CommandContext, 'stdin' | 'stdout' | 'env'>,
  work: (discovery: Discovery) => Promise<Result>,
  { isHandingOver = false }: { isHandingOver?: boolean } = {},
): Promise<Result> {
  if (!stdin.isTTY || !canBeAsked(env, Boolean(stdout.isTTY))) return work(noAnswers);
  const input = new StdinFilter(stdin);
  const wasRaw = stdin.isRaw;
  // Not raw, the answers would be echoed and kept until a line ends.
  stdin.setRawMode(true);
  try {
    input.resume();
    const terminal = {
      write: (data: string) => stdout.write(data),
      onEvent: (listener: Parameters<StdinFilter['onEvent']>[0]) => input.onEvent(listener),
    };
    const discovery = await discover({ ...terminal, env, tmux: runTmux });
    try {
      const result = await work(discovery);
      // tmux drops what it has not handed on when it may not any more. Answers come only to a pane that is in front.
      if (isHandingOver && env['TMUX'] && (await isInFront(runTmux, env['TMUX_PANE']))) {
        await hasCarriedOut(terminal, throughTmux);
      }
      return result;
    } finally {
      await discovery.undo();
    }
  } finally {
    stdin.setRawMode(wasRaw);
    input.destroy();
  }
}
