import type { ReproduceOptions } from '../commands/reproduce.ts';
import { whole } from '../engine/base/schema/index.ts';
import {
  lazily,
  optionsGiven,
  takesHours,
  type CommandSpecification,
  type Given,
  type OptionSpecification,
} from './specification.ts';
import { deterministic, settingOption } from './training-options.ts';

/** Settings that only the command line gives: what files and variables say is not the paper's. */
const ownSettings = ['epochs', 'limit', 'data', 'seed'] as const;

const own = (name: (typeof ownSettings)[number], description: string): OptionSpecification => {
  const { setting: _, ...option } = settingOption(name);
  return { ...option, description };
};

function reproduceOptions(given: Given): ReproduceOptions {
  const { settings, options, words } = given;
  return {
    networks: words,
    tableOnly: options['table'] === true,
    engine: settings.engine ?? 'auto',
    ...(options['deterministic'] === true && { deterministic: true }),
    ...(settings.probe !== undefined && { probe: settings.probe }),
    ...optionsGiven<ReproduceOptions>(given, 'steps', 'directory', ...ownSettings),
  };
}

export const reproduceCommand: CommandSpecification = {
  path: ['reproduce'],
  summary: "Train the paper's networks by the paper's settings, and print its accuracies beside the measured ones.",
  details:
    'One after another, each to its last epoch and in a directory of its own (reproduce-NETWORK). What is finished is ' +
    'skipped and what was stopped or crashed continues, so the same command finishes what was begun. Training all ' +
    'twelve in full needs a GPU. A network that fails leaves the others to be trained; the exit code is ' +
    'then 1, as it is where a loss does not fall.\n' +
    'With --steps, --epochs, --limit, --data, --seed or --deterministic the runs are others, in directories of their own.',
  arguments: [{ name: 'NETWORK', many: true, description: 'names from `deepview-tui networks` [all twelve]' }],
  options: [
    { name: 'directory', value: 'DIR', description: 'Where the runs are written.', default: "among the user's runs" },
    { name: 'table', description: 'Only print the table of the runs there are.' },
    {
      name: 'steps',
      value: 'N',
      description: 'Only this number of training steps of each: a check that the loss falls.',
      form: whole(2, 1_000_000),
    },
    own('epochs', 'Only this number of epochs.'),
    own('limit', 'Only the first N training images.'),
    { ...own('data', 'Data set.'), value: 'NAME' },
    own('seed', settingOption('seed').description),
    settingOption('engine'),
    deterministic,
    settingOption('probe'),
  ],
  outlivesOutput: true,
  stopsItself: true,
  examples: [
    ['deepview-tui reproduce', "all twelve, resumed where they were: the paper's table", takesHours],
    ['deepview-tui reproduce lenet shallow --directory paper', 'two of them, in a directory of their own', takesHours],
    ['deepview-tui reproduce --steps 200', 'that each of the twelve learns, in minutes', takesHours],
    ['deepview-tui reproduce --table --json', 'what there is so far, for programs'],
  ],
  run: lazily(async () => (await import('../commands/reproduce.ts')).reproduce, reproduceOptions),
};
