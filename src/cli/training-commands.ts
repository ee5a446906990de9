import { preparations } from '../engine/preparations.ts';
import type { TrainOptions } from '../commands/train.ts';
import { parseAugmentation } from '../engine/augmentation.ts';
import type { CommandSpecification, Given, OptionSpecification } from './specification.ts';
import { lazily } from './specification.ts';

/** How images are read; `data fetch` takes them too. */
export const imageOptions: readonly OptionSpecification[] = [
  {
    name: 'image-size',
    value: 'N',
    description: 'Height and width that images are brought to, 8 to 224.',
    default: 'their own',
    setting: 'imageSize',
  },
  {
    name: 'fit',
    value: 'HOW',
    choices: ['crop', 'stretch'],
    description: 'How images of other proportions are brought there: cut to the middle, or stretched.',
    default: 'crop',
    setting: 'fit',
  },
  { name: 'skip-corrupt', description: 'Leave out image files that cannot be read instead of ending.' },
];

/** How images without a given split are split. */
export const validationOption: OptionSpecification = {
  name: 'validation',
  value: 'SHARE',
  description: 'Share of each class kept for validation where the images have no given split.',
  default: '0.1',
  setting: 'validation',
};

/** What may be said about a training; each is a setting too. */
const trainingOptions: readonly OptionSpecification[] = [
  {
    name: 'data',
    value: 'DATA',
    description:
      'What to train on: cifar10, cifar100, mnist, fashion-mnist or shapes; or a folder of class folders, an .npz file, ' +
      'or a folder of IDX files.',
    default: 'cifar10',
    setting: 'data',
  },
  ...imageOptions,
  validationOption,
  {
    name: 'epochs',
    value: 'N',
    description: 'Passes over the training images.',
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
  {
    name: 'augment',
    value: 'HOW',
    description: 'Change training images at random: mirror,shift=4,crop=0.8,colour=0.2 or some of these, or none.',
    default: "the network's",
    setting: 'augment',
  },
  {
    name: 'preparation',
    value: 'NAME',
    choices: preparations,
    description: 'What is done to the images first.',
    default: "the network's",
    setting: 'preparation',
  },
  { name: 'run', value: 'DIR', description: 'Where the run is written.', default: "a new one among the user's runs" },
  { name: 'resume', value: 'RUN', description: 'Go on with a stopped or crashed run from its last checkpoint.' },
  {
    name: 'source',
    value: 'FILE',
    description: "Take the data set's archive or folder from a place instead of the network.",
  },
  { name: 'headless', description: 'Print a line an epoch instead of drawing; so without a terminal.' },
];

const text = (given: Given, name: string): string | undefined => {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
};

function trainOptions(given: Given): TrainOptions {
  const { settings } = given;
  const { network, data, seed, engine, epochs, batch, limit, probe, features, augment } = settings;
  const { preparation, imageSize, fit, validation } = settings;
  const run = text(given, 'run');
  const resume = text(given, 'resume');
  const source = text(given, 'source');
  return {
    headless: given.options['headless'] === true,
    request: {
      network: network ?? 'lenet',
      data: data ?? 'cifar10',
      seed: seed ?? 1,
      engine: engine ?? 'auto',
      dataByDefault: given.origins.some((entry) => entry.name === 'data' && entry.from === 'default'),
      ...(epochs !== undefined && { epochs }),
      ...(batch !== undefined && { batch }),
      ...(limit !== undefined && { limit }),
      ...(probe !== undefined && { probe }),
      ...(features !== undefined && { features }),
      ...(augment !== undefined && { augmentation: parseAugmentation(augment, '--augment') }),
      ...(preparation !== undefined && { preparation }),
      ...(run !== undefined && { run }),
      ...(resume !== undefined && { resume }),
      ...(source !== undefined && { source }),
      ...(imageSize !== undefined && { imageSize }),
      ...(fit !== undefined && { fit }),
      ...(validation !== undefined && { validation }),
      ...(given.options['skip-corrupt'] === true && { skipCorrupt: true }),
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
    arguments: [{ name: 'NETWORK', description: 'a name from `deepview-tui networks` [lenet]', setting: 'network' }],
    options: trainingOptions,
    outlivesOutput: true,
    stopsItself: true,
    examples: [
      ['deepview-tui train', 'lenet on CIFAR-10, with the fastest engine that can be had'],
      ['deepview-tui train shallow --data shapes --epochs 5', 'a small one, without any download'],
      ['deepview-tui train --data ./pets --image-size 32', 'on images of your own, a folder for each class'],
      ['deepview-tui train --headless --json > events.jsonl', 'one JSON object an event, for programs'],
      ['deepview-tui train --resume last', 'go on where the last run ended'],
    ],
    run: lazily(async () => (await import('../commands/train.ts')).train, trainOptions),
  },
];
