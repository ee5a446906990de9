import { DeepviewError, exitCodes } from '../engine/base/errors.ts';
import type { CommandContext } from './common.ts';

/** Whether the screen can be drawn: somebody reads and somebody types. */
export const hasScreen = ({ stdin, stdout, env, json }: CommandContext): boolean =>
  !json && Boolean(stdin.isTTY) && Boolean(stdout.isTTY) && env['TERM'] !== 'dumb';

/** @throws DeepviewError `no-terminal` where there is no screen, saying what works without one */
export function requireScreen(context: CommandContext, instead: string): void {
  if (hasScreen(context)) return;
  const why =
    context.env['TERM'] === 'dumb' ? 'this terminal (TERM=dumb) cannot draw a screen' : 'there is no terminal here';
  throw new DeepviewError('no-terminal', why, { hint: `Works without one: ${instead}`, exitCode: exitCodes.usage });
}
