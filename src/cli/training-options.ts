import {
  flagFor,
  trainingOptions as options,
  trainingSettingNames,
  type TrainingSettingName,
} from '../engine/base/training-settings.ts';
import type { OptionSpecification } from './specification.ts';

/** A setting as an option. */
export function settingOption(name: TrainingSettingName): OptionSpecification {
  const { form, value, summary, default: usual } = options[name];
  return {
    name: flagFor(name).slice(2),
    value,
    form,
    description: summary,
    default: usual,
    setting: name,
  };
}

const skipCorrupt: OptionSpecification = {
  name: 'skip-corrupt',
  description: 'Leave out image files that cannot be read instead of ending.',
};

const followLinks: OptionSpecification = {
  name: 'follow-links',
  description: 'Follow links of a folder of images wherever they lead, not within it alone.',
};

/** `reproduce` takes it too. */
export const deterministic: OptionSpecification = {
  name: 'deterministic',
  description: 'Use the same number of threads on any machine, for the same numbers on any number of cores.',
};

const keepGoing: OptionSpecification = {
  name: 'keep-going',
  description: 'Continue although the loss is not finite or has exploded, as long as the weights are finite.',
};

/** Switches, each behind a setting that it goes with. */
const switches: Readonly<Partial<Record<TrainingSettingName, readonly OptionSpecification[]>>> = {
  fit: [skipCorrupt, followLinks],
  engine: [deterministic],
  clipGradient: [keepGoing],
};

/** How images are read; `data fetch` takes them too. */
export const imageOptions = [settingOption('imageSize'), settingOption('fit'), skipCorrupt, followLinks];

/** Where weights, images and the run come from. */
const placeOptions: readonly OptionSpecification[] = [
  {
    name: 'weights',
    value: 'FILE',
    description: 'Begin with the weights of a safetensors file or of a Keras model.json.',
    default: 'random',
  },
  { name: 'run', value: 'DIR', description: 'Where the run is written.', default: "a new one among the user's runs" },
  {
    name: 'resume',
    value: 'RUN',
    description: 'Continue a run from its last checkpoint with its own settings; with --epochs, also past its end.',
  },
  {
    name: 'source',
    value: 'FILE',
    description: "Take the data set's archive or folder from a place instead of the network.",
  },
  {
    name: 'in-process',
    description: "Train in the screen's process, so that it ends with the screen, instead of in one of its own.",
  },
  {
    name: 'notify',
    value: 'COMMAND',
    description:
      'What the shell does when the training has ended; DEEPVIEW_STATE, DEEPVIEW_WHY, DEEPVIEW_EPOCH, DEEPVIEW_RUN ' +
      '(the directory) and DEEPVIEW_RUN_ID say how.',
  },
  { name: 'headless', description: 'Print one line per epoch instead of drawing; the default without a terminal.' },
];

/** What may be said about a training. */
export const trainingOptions: readonly OptionSpecification[] = [
  ...trainingSettingNames.flatMap((name) => [settingOption(name), ...(switches[name] ?? [])]),
  ...placeOptions,
];

/** What may be said about measuring: all that is not about learning. */
export const probeOptions: readonly OptionSpecification[] = trainingOptions.flatMap((option) => {
  const its = option.setting === undefined ? undefined : options[option.setting as TrainingSettingName].probe;
  if (its === false || option.name === 'resume' || option === keepGoing) return [];
  return its === undefined ? [option] : [{ ...option, description: its }];
});
