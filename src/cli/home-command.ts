import { exitCodes } from '../engine/base/errors.ts';
import { globalOptions } from './globals.ts';
import { programHelp } from './help.ts';
import type { CommandSpecification } from './specification.ts';

/** The program without a command: the home screen on a terminal, help anywhere else. */
export const homeCommand = (all: () => readonly CommandSpecification[]): CommandSpecification => ({
  path: [],
  stopsItself: true,
  summary: 'Without a command it opens the home screen: recent runs, training lenet on CIFAR-10, and the demo.',
  async run(_given, context) {
    const { hasScreen } = await import('../commands/screen.ts');
    if (hasScreen(context)) return (await import('../commands/home.ts')).home({}, context);
    context.stdout.write(programHelp(all(), globalOptions, Math.min(context.stdout.columns || 100, 110)));
    return exitCodes.done;
  },
});
