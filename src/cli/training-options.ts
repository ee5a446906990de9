import { preparations } from '../engine/base/preparations.ts';
import { optimisationOptions } from './optimisation-options.ts';
import type { OptionSpecification } from './specification.ts';

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
export const trainingOptions: readonly OptionSpecification[] = [
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
export const probeOptions: readonly OptionSpecification[] = trainingOptions
  .filter(
    ({ name }) =>
      !['epochs', 'resume', 'augment'].includes(name) && !optimisationOptions.some((one) => one.name === name),
  )
  .map((option) => ({ ...option, description: probeWords[option.name] ?? option.description }));
