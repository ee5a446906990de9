import type { OptionSpecification } from './specification.ts';

/** Options that every command has. */
export const globalOptions: readonly OptionSpecification[] = [
  { name: 'json', description: 'Print JSON for programs; errors too.' },
  {
    name: 'color',
    value: 'DEPTH',
    choices: ['auto', 'truecolour', '256', '16', 'none'],
    description: 'Colours to draw with; NO_COLOR is respected.',
    default: 'auto',
    setting: 'color',
  },
  { name: 'ascii', description: 'Draw with ASCII characters only.', setting: 'ascii' },
  {
    name: 'mouse',
    description: 'Listen to the mouse; --no-mouse leaves it to the terminal.',
    default: 'on',
    setting: 'mouse',
  },
  {
    name: 'images',
    value: 'WAY',
    choices: ['auto', 'kitty', 'iterm2', 'sixel', 'blocks', 'off'],
    description: 'How to draw pictures; auto asks the terminal.',
    default: 'auto',
    setting: 'images',
  },
  { name: 'debug', description: 'Show where an error happened.' },
  { name: 'help', short: 'h', description: 'Show help and leave.' },
  { name: 'version', short: 'v', description: 'Show the version and leave.' },
];
