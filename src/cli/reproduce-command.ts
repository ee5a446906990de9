import type { ReproduceOptions } from '../commands/reproduce.ts';
import { lazily, textGiven, type CommandSpecification, type Given } from './specification.ts';
import { trainingOptions } from './training-options.ts';

function reproduceOptions(given: Given): ReproduceOptions {
  const { settings, options, words } = given;
  const directory = textGiven(given, 'directory');
  const data = textGiven(given, 'data');
  const number = (name: 'steps' | 'epochs' | 'limit' | 'seed'): Partial<Record<typeof name, number>> => {
    const value = options[name];
    return typeof value === 'number' ? { [name]: value } : {};
  };
  return {
    networks: words,
    tableOnly: options['table'] === true,
    engine: settings.engine ?? 'auto',
    ...number('steps'),
    ...number('epochs'),
    ...number('limit'),
    ...number('seed'),
    ...(settings.probe !== undefined && { probe: settings.probe }),
    ...(directory !== undefined && { directory }),
    ...(data !== undefined && { data }),
  };
}

export const reproduceCommand: CommandSpecification = {
  path: ['reproduce'],
  summary: "Train the paper's networks by the paper's settings, and print its accuracies beside the measured ones.",
  details:
    'One after another, each to its last epoch and in a directory of its own (reproduce-NETWORK). What is finished is ' +
    'skipped and what was stopped or crashed goes on, so the same command finishes what was begun. Full trainings of ' +
    'all twelve are for a machine with a GPU. A network that fails leaves the others to be trained; the exit code is ' +
    'then 1, as it is where a loss does not fall.\n' +
    'With --steps, --epochs, --limit, --data or --seed the runs are others, in directories of their own.',
  arguments: [{ name: 'NETWORK', many: true, description: 'names from `deepview-tui networks` [all twelve]' }],
  options: [
    { name: 'directory', value: 'DIR', description: 'Where the runs are written.', default: "among the user's runs" },
    { name: 'table', description: 'Only print the table of the runs there are.' },
    {
      name: 'steps',
      value: 'N',
      description: 'Only so many training steps of each: a check that the loss falls.',
      integer: { minimum: 2, maximum: 1_000_000 },
    },
    {
      name: 'epochs',
      value: 'N',
      description: 'Only so many epochs.',
      default: "the network's",
      integer: { minimum: 1, maximum: 1_000_000 },
    },
    {
      name: 'limit',
      value: 'N',
      description: 'Only the first N training images.',
      default: 'all',
      integer: { minimum: 1, maximum: 100_000_000 },
    },
    { name: 'data', value: 'NAME', description: 'Data set.', default: 'cifar10' },
    {
      name: 'seed',
      value: 'N',
      description: 'Same seed, same engine: same numbers.',
      default: '1',
      integer: { minimum: 0, maximum: 2 ** 32 - 1 },
    },
    ...trainingOptions.filter(({ name }) => name === 'engine' || name === 'probe'),
  ],
  outlivesOutput: true,
  stopsItself: true,
  examples: [
    ['deepview-tui reproduce', "all twelve, resumed where they were: the paper's table"],
    ['deepview-tui reproduce lenet shallow --directory paper', 'two of them, in a directory of their own'],
    ['deepview-tui reproduce --steps 200', 'that each of the twelve learns, in minutes'],
    ['deepview-tui reproduce --table --json', 'what there is so far, for programs'],
  ],
  run: lazily(async () => (await import('../commands/reproduce.ts')).reproduce, reproduceOptions),
};
