import type { ColourDepth } from '../imaging/cells/cells.ts';
import { canBeAsked, hasCarriedOut } from '../imaging/terminal/detect.ts';
import { discover, type Discovery } from '../imaging/pictures/discover.ts';
import { clientOf, isInFront, runTmux, throughTmux } from '../imaging/pictures/tmux.ts';
import { coloursFor, isUnsureOfColours, type Colours } from '../imaging/colour/colour-depth.ts';
import { charactersFor, isUnsure, type Characters } from '../imaging/terminal/characters.ts';
import { beforeDeath, beforeStop } from '../imaging/terminal/deadly-signals.ts';
import { isInBackground } from '../imaging/terminal/foreground.ts';
import { StdinFilter } from '../imaging/terminal/stdin-filter.ts';
import type { CommandContext } from './common.ts';

const noAnswers: Discovery = { abilities: { isAnswering: false }, undo: () => Promise.resolve() };
const interruptKey = '\u0003';
const suspendKey = '\u001a';

interface AskOptions {
  isHandingOver?: boolean;
  characters?: boolean;
  pictures?: boolean;
}

/**
 * Asks the terminal what it can do, in at most a second (two in tmux), and works with that; tmux lets pictures through
 * for as long. Ends when the terminal has answered, or is not expected to any more: a shell would read the answers.
 * @param work gets no answers where there is no terminal to ask, or we are not in its foreground
 * @param options.characters as for `askTerminal` @param options.pictures as for `discover`
 * @param options.isHandingOver whether pictures are sent, which must have arrived when this ends
 */
export async function withTerminal<Result>(
  { stdin, stdout, env, leaving }: Pick<CommandContext, 'stdin' | 'stdout' | 'env' | 'leaving'>,
  work: (discovery: Discovery) => Promise<Result>,
  { isHandingOver = false, characters = false, pictures = true }: AskOptions = {},
): Promise<Result> {
  if (!stdin.isTTY || !canBeAsked(env, Boolean(stdout.isTTY)) || isInBackground()) return work(noAnswers);
  const input = new StdinFilter(stdin);
  const wasRaw = stdin.isRaw;
  const giveBack = async (): Promise<void> => {
    await input.answered();
    stdin.setRawMode(wasRaw);
  };
  leaving.add(giveBack);
  // Not raw, the answers would be echoed and kept until a line ends.
  stdin.setRawMode(true);
  const unhear = beforeDeath(giveBack);
  // Node takes an unchanged mode for done, and the shell has changed it.
  const stopping = beforeStop(giveBack, () => stdin.setRawMode(wasRaw).setRawMode(true));
  try {
    // Raw, Ctrl-C and Ctrl-Z are keys.
    input.setEncoding('utf8').on('data', (keys: string) => {
      if (keys.includes(interruptKey)) process.kill(process.pid, 'SIGINT');
      if (keys.includes(suspendKey)) stopping.stop();
    });
    // What a terminal prints of questions that it does not know is erased.
    const terminal = input.asked((data) => stdout.write(`${data}\r\u001b[K`));
    const discovery = await discover({ terminal, env, tmux: runTmux, characters, pictures });
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
    await giveBack();
    unhear();
    stopping.unhear();
    leaving.delete(giveBack);
    input.destroy();
  }
}

export { charactersFor, coloursFor };

type Asked = Pick<CommandContext, 'stdin' | 'stdout' | 'env' | 'leaving' | 'screen'>;

/** What the terminal says of itself, its characters too where only it can tell. @param pictures as for `withTerminal` */
export const discoveryOf = (context: Asked, pictures = true): Promise<Discovery> =>
  withTerminal(context, (discovery) => Promise.resolve(discovery), {
    characters: isUnsure(context.screen.ascii, context.env),
    pictures,
  });

/**
 * The characters and colours to print with: as the user says, else as the terminal has, which is asked where the
 * environment leaves it open.
 * @param discovery what it has said already
 */
export async function lookOf(
  context: Asked,
  discovery?: Discovery,
): Promise<{ characters: Characters; colours: Colours; look: { depth: ColourDepth; ascii: boolean } }> {
  const { env, stdout, screen } = context;
  const isTTY = Boolean(stdout.isTTY);
  const isOpen = isUnsure(screen.ascii, env) || isUnsureOfColours(screen.colour, env, isTTY);
  const isAuto = screen.ascii === 'auto' || screen.colour === 'auto';
  const { abilities } = discovery ?? (isOpen ? await discoveryOf(context, false) : noAnswers);
  const client = isTTY && isAuto && env['TMUX'] ? await clientOf(runTmux, env['TMUX_PANE']) : undefined;
  const heard = { ...abilities, ...client };
  const characters = charactersFor(screen.ascii, env, heard);
  const colours = coloursFor(screen.colour, env, isTTY, heard);
  return { characters, colours, look: { depth: colours.depth, ascii: characters.ascii } };
}
