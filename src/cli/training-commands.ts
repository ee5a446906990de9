import type { TrainOptions } from '../commands/train.ts';
import { optimisationOptions, overridesOf } from './optimisation-options.ts';
import type { CommandSpecification, Given, OptionSpecification } from './specification.ts';
import { lazily } from './specification.ts';

/** What may be said about a training; each is a setting too. */
const trainingOptions: readonly OptionSpecification[] = [
  { name: 'data', value: 'NAME', description: 'Data set: cifar10 or shapes.', default: 'cifar10', setting: 'data' },
  {
    name: 'epochs',
    value: 'N',
    description: 'Passes over the training images; with --resume, the epoch to go on to.',
    default: "the network's",
    setting: 'epochs',
  },
  { name: 'batch', value: 'N', description: 'Images a training step.', default: "the network's", setting: 'batch' },
  { name: 'limit', value: 'N', description: 'Use only the first N training images.', default: 'all', setting: 'limit' },
  { name: 'seed', value: 'N', description: 'Same seed, same engine: same numbers.', default: '1', setting: 'seed' },
  {
    name: 'engine',
    value: 'NAME',
    choices: ['auto', 'tensorflow', 'wasm'],
    description: 'What computes.',
    default: 'auto: the first that works',
    setting: 'engine',
  },
  {
    name: 'probe',
    value: 'N',
    description: 'Images that every epoch is measured on.',
    default: '1000',
    setting: 'probe',
  },
  {
    name: 'features',
    value: 'N|off',
    description: 'Store the strongest patches with the first, the last and every Nth epoch.',
    default: '5',
    setting: 'features',
  },
  ...optimisationOptions,
  { name: 'weights', value: 'FILE', description: 'Begin with the weights of a safetensors file.', default: 'random' },
  { name: 'run', value: 'DIR', description: 'Where the run is written.', default: "a new one among the user's runs" },
  { name: 'resume', value: 'RUN', description: 'Go on with a stopped or crashed run from its last checkpoint.' },
  { name: 'source', value: 'FILE', description: "Take the data set's archive from a file instead of the network." },
  { name: 'headless', description: 'Print a line an epoch instead of drawing; so without a terminal.' },
];

const text = (given: Given, name: string): string | undefined => {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
};

function trainOptions(given: Given): TrainOptions {
  const { settings } = given;
  const { network, data, seed, engine, epochs, batch, limit, probe, features } = settings;
  const run = text(given, 'run');
  const resume = text(given, 'resume');
  const source = text(given, 'source');
  const weights = text(given, 'weights');
  const training = overridesOf(given, resume !== undefined);
  // A run goes on to its own last epoch, whatever a settings file says of new ones.
  const asked = given.origins.some((entry) => entry.name === 'epochs' && entry.from === '--epochs');
  return {
    headless: given.options['headless'] === true,
    request: {
      network: network ?? 'lenet',
      data: data ?? 'cifar10',
      seed: seed ?? 1,
      engine: engine ?? 'auto',
      // Settings may lie about in a folder; what they name is read, but not run.
      mayRunNetwork: given.origins.some((entry) => entry.name === 'network' && entry.from === '--network'),
      dataByDefault: given.origins.some((entry) => entry.name === 'data' && entry.from === 'default'),
      ...(epochs !== undefined && (resume === undefined || asked) && { epochs }),
      ...(batch !== undefined && { batch }),
      ...(limit !== undefined && { limit }),
      ...(probe !== undefined && { probe }),
      ...(features !== undefined && { features }),
      ...(run !== undefined && { run }),
      ...(resume !== undefined && { resume }),
      ...(source !== undefined && { source }),
      ...(weights !== undefined && { weights }),
      ...(training && { training }),
    },
  };
}

export const trainingCommands: readonly CommandSpecification[] = [
  {
    path: ['train'],
    summary: 'Train a network, and see it learn.',
    details:
      'Without a terminal, with --headless or with --json it prints a line an epoch. Ctrl-C stops it; every epoch that ' +
      'was shown is on the disk, and --resume goes on from there.',
    arguments: [
      {
        name: 'NETWORK',
        description: 'a name from `deepview-tui networks`, or a network file: ./mynet.json [lenet]',
        setting: 'network',
      },
    ],
    options: trainingOptions,
    outlivesOutput: true,
    stopsItself: true,
    examples: [
      ['deepview-tui train', 'lenet on CIFAR-10, with the fastest engine that can be had'],
      ['deepview-tui train shallow --data shapes --epochs 5', 'a small one, without any download'],
      ['deepview-tui train ./mynet.json', 'your own network, as docs/network-files.md describes it'],
      ['deepview-tui train --headless --json > events.jsonl', 'one JSON object an event, for programs'],
      ['deepview-tui train --resume last', 'go on where the last run ended'],
    ],
    run: lazily(async () => (await import('../commands/train.ts')).train, trainOptions),
  },
];
