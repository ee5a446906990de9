import { preparations } from '../engine/preparations.ts';
import type { ReproduceOptions } from '../commands/reproduce.ts';
import type { TrainOptions } from '../commands/train.ts';
import { optimisationOptions, overridesOf } from './optimisation-options.ts';
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

/** By which chance is drawn. */
export const seedOption: OptionSpecification = {
  name: 'seed',
  value: 'N',
  description: 'Same seed, same engine: same numbers.',
  default: '1',
  setting: 'seed',
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
    description: 'Passes over the training images; with --resume, the epoch to go on to.',
    default: "the network's",
    setting: 'epochs',
  },
  { name: 'batch', value: 'N', description: 'Images a training step.', default: "the network's", setting: 'batch' },
  { name: 'limit', value: 'N', description: 'Use only the first N training images.', default: 'all', setting: 'limit' },
  seedOption,
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
    name: 'preparation',
    value: 'NAME',
    choices: preparations,
    description: 'What is done to the images first.',
    default: "the network's",
    setting: 'preparation',
  },
  {
    name: 'augment',
    value: 'HOW',
    description: 'Change training images at random: mirror,shift=4,crop=0.8,colour=0.2 or some of these, or none.',
    default: "the network's",
    setting: 'augment',
  },
  ...optimisationOptions,
  {
    name: 'weights',
    value: 'FILE',
    description: 'Begin with the weights of a safetensors file or of a Keras model.json.',
    default: 'random',
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

/** What an option means to `probe`, where that differs. */
const probeWords: Readonly<Record<string, string>> = {
  data: 'What to measure on: what `train` takes.',
  batch: 'Training images at a time.',
  limit: 'Measure only the first N training images; all validation images are measured.',
  probe: 'Images whose answers are stored.',
  features: 'Store the strongest patches; off leaves them out.',
};

/** What may be said about measuring: all that is not about learning. */
const probeOptions: readonly OptionSpecification[] = trainingOptions
  .filter(
    ({ name }) =>
      !['epochs', 'resume', 'augment'].includes(name) && !optimisationOptions.some((one) => one.name === name),
  )
  .map((option) => ({ ...option, description: probeWords[option.name] ?? option.description }));

const text = (given: Given, name: string): string | undefined => {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
};

function trainOptions(given: Given): TrainOptions {
  const { settings } = given;
  const { network, data, seed, engine, epochs, batch, limit, probe, features, preparation, augment } = settings;
  const { imageSize, fit, validation } = settings;
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
      ...(preparation !== undefined && { preparation }),
      ...(augment !== undefined && { augmentation: parseAugmentation(augment, '--augment') }),
      ...(run !== undefined && { run }),
      ...(resume !== undefined && { resume }),
      ...(source !== undefined && { source }),
      ...(weights !== undefined && { weights }),
      ...(training && { training }),
      ...(imageSize !== undefined && { imageSize }),
      ...(fit !== undefined && { fit }),
      ...(validation !== undefined && { validation }),
      ...(given.options['skip-corrupt'] === true && { skipCorrupt: true }),
    },
  };
}

function reproduceOptions(given: Given): ReproduceOptions {
  const { settings, options, words } = given;
  const directory = text(given, 'directory');
  const data = text(given, 'data');
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

/** One look at a network: what settings files say of learning is for trainings. */
function probeRequest(given: Given): TrainOptions {
  const { headless, request } = trainOptions(given);
  const { epochs: _, training: __, ...rest } = request;
  return { headless, request: { ...rest, probeOnly: true } };
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
        description: 'a name from `deepview-tui networks`, or a file: ./mynet.json, or a Keras model.json [lenet]',
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
      ['deepview-tui train --data ./pets --image-size 32', 'on images of your own, a folder for each class'],
      ['deepview-tui train --headless --json > events.jsonl', 'one JSON object an event, for programs'],
      ['deepview-tui train --resume last', 'go on where the last run ended'],
    ],
    run: lazily(async () => (await import('../commands/train.ts')).train, trainOptions),
  },
  {
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
  },
  {
    path: ['probe'],
    summary: 'Measure a network as it is, without training it.',
    details:
      'It makes a run with one epoch: losses and errors, discriminability and density of every layer, the strongest ' +
      'patches. Nothing is learned; a network without --weights, unless it is a Keras model, has random ones.',
    arguments: [{ name: 'NETWORK', description: 'what `train` takes [lenet]', setting: 'network' }],
    options: probeOptions,
    outlivesOutput: true,
    stopsItself: true,
    examples: [
      ['deepview-tui probe ./model.json', 'a Keras model on CIFAR-10'],
      ['deepview-tui probe lenet --weights lenet.safetensors', 'weights of another run'],
    ],
    run: lazily(async () => (await import('../commands/train.ts')).train, probeRequest),
  },
];
