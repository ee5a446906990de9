import { screenForms } from '../commands/config.ts';
import { exitCodes } from '../engine/base/errors.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { runCommands } from './run-commands.ts';
import { setupCommands } from './setup-commands.ts';
import type { CommandSpecification, OptionSpecification } from './specification.ts';
import { probeCommand, trainCommand } from './training-commands.ts';

/** Options that every command has. */
export const globalOptions: readonly OptionSpecification[] = [
  { name: 'json', description: 'Print JSON for programs; errors too.' },
  {
    name: 'color',
    value: 'DEPTH',
    form: screenForms.color,
    description: 'Colours to draw with; NO_COLOR is respected.',
    default: 'auto',
    setting: 'color',
  },
  {
    name: 'theme',
    value: 'NAME',
    form: screenForms.theme,
    description: 'Colours for a dark or a light background; auto asks the terminal, high-contrast too.',
    default: 'auto',
    setting: 'theme',
  },
  {
    name: 'colour-map',
    value: 'NAME',
    form: screenForms.colourMap,
    description: 'Colours of heatmaps; cividis is made for colour blindness.',
    default: 'viridis',
    setting: 'colourMap',
  },
  {
    name: 'ascii',
    description: 'Draw with ASCII characters only; the default where there is no UTF-8.',
    setting: 'ascii',
  },
  {
    name: 'mouse',
    description: 'Listen to the mouse; --no-mouse leaves it to the terminal.',
    default: 'on',
    setting: 'mouse',
  },
  {
    name: 'images',
    value: 'WAY',
    form: screenForms.images,
    description: 'How to draw pictures; auto asks the terminal.',
    default: 'auto',
    setting: 'images',
  },
  {
    name: 'announce',
    value: 'WHAT',
    form: screenForms.announce,
    description:
      "What to tell beside the screen: the window's title and progress; auto also rings at a training's end.",
    default: 'auto',
    setting: 'announce',
  },
  { name: 'debug', description: 'Show where an error happened.' },
  { name: 'help', short: 'h', description: 'Show help and leave.' },
  { name: 'version', short: 'v', description: 'Show the version and leave.' },
];

/** The program without a command: the home screen on a terminal, help anywhere else. */
const homeCommand: CommandSpecification = {
  path: [],
  stopsItself: true,
  summary: 'Without a command it opens the home screen: recent runs, training lenet on CIFAR-10, and the demo.',
  async run(_given, context) {
    const { hasScreen } = await import('../commands/common.ts');
    if (hasScreen(context)) return (await import('../commands/home.ts')).home(context);
    const [{ parseCommandLine }, { helpWidth }] = await Promise.all([
      import('./program.ts'),
      import('../commands/output.ts'),
    ]);
    const { answer } = parseCommandLine(['--help'], commands, globalOptions, {
      width: helpWidth(context.stdout, context.env),
    });
    context.stdout.write(`${answer}\n`);
    return exitCodes.done;
  },
};

/** Every command: what the parser, help, completion and docs/commands.md are made from. */
export const commands: readonly CommandSpecification[] = [
  homeCommand,
  trainCommand,
  reproduceCommand,
  probeCommand,
  ...runCommands,
  ...setupCommands,
];
