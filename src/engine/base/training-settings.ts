import { augmentationForm, augmentationTextForm } from './augmentation.ts';
import { limits } from './limits.ts';
import { preparations } from './preparations.ts';
import {
  above,
  below,
  checkOption,
  choice,
  either,
  filledText,
  flag,
  kinds,
  list,
  needed,
  number,
  object,
  openObject,
  optional,
  usually,
  whole,
  type Field,
  type Form,
  type Value,
} from './schema/index.ts';

/** What can compute. */
export const engineNames = ['tensorflow', 'webgpu', 'wasm'] as const;

/**
 * One setting of a training, in the places where it may stand: what is not said here of a setting is said nowhere.
 * Command line, DEEPVIEW_ variables, settings files, requests to the trainer, network files and run.json are all
 * checked against these forms; help, documentation and JSON Schemas show them.
 */
export interface TrainingSetting {
  /** On the command line, in a variable, in a settings file and in a request, by the setting's name. */
  option?: SettingOption;
  /** In `training` of a network file. */
  inNetwork?: Field;
  /** In `training` of run.json. Runs from before the setting lack it: it must be optional, or usually something. */
  inRun?: Field;
  /** Whether the option takes the place of the network's own value, `off` of none, and the run keeps it as it is. */
  isPlain?: true;
  /** A plain one as `networks NAME` tells of it. */
  told?: (value: never) => string;
}

export interface SettingOption<T = unknown> {
  form: Form<T>;
  /** What stands for its value in help: `N`. */
  value: string;
  /** One line, without its default. */
  summary: string;
  /** In words, for help: what holds where it is not given. */
  default: string;
  /** The value of that, where it depends on nothing. */
  otherwise?: T;
  /** What it means to `probe`, where that differs; false where it means nothing to it. */
  probe?: string | false;
  /** The command line may say it of a run that goes on, too; else the run has its own, as it has all the others. */
  resumes?: true;
}

const option = <T>(
  value: string,
  form: Form<T>,
  summary: string,
  usual: string,
  more: Partial<SettingOption<NoInfer<T>>> = {},
): SettingOption<T> => ({ value, form, summary, default: usual, ...more });

/** About learning: nothing to `probe`. */
const learning = <T>(value: string, form: Form<T>, summary: string, usual = ofNetwork): SettingOption<T> =>
  option(value, form, summary, usual, { probe: false });

const ofNetwork = "the network's";
const orOff = <T>(form: Form<T>) => either(form, choice(['off']));

/** A number that says how something is done, and that is left out where it is not done at all. */
const plain = <T>(
  value: string,
  form: Form<T>,
  { summary, about, told }: { summary: string; about: string; told: (value: T) => string },
) => ({
  option: learning(`${value}|off`, orOff(form), summary),
  ...{ inNetwork: optional(form, about), inRun: optional(form, about) },
  isPlain: true as const,
  told,
});

const rate = above(0, 1e6);
/** A rate of an epoch: one of zero learns nothing. */
export const rateOrZero = number(0, 1e6);
const epochs = whole(1, limits.epochs);
const batch = whole(1, 1_000_000);
const decay = number(0, 1e6);
const decayMeaning =
  'Share of a weight or bias in its gradient; of adamw, in its step. Gains and biases of normalisations have none.';
const share = below(0, 1);
const patience = epochs;
const minimumChange = number(0, 1e12);
const loss = choice(['cross-entropy', 'squared-error']);
/** Runs that say nothing of it have 0. */
const orUnknown = (form: { maximum: number }) => whole(0, form.maximum);

const moments = {
  beta1: usually(0.9, share, 'Share of what was in the mean of the gradients.'),
  beta2: usually(0.999, share, 'Share of what was in the mean of their squares.'),
  epsilon: usually(1e-8, number(0, 1000), 'Added to the root of the mean square.'),
};

/** An optimiser with its settings. */
export const optimiserForm = kinds({
  sgd: {
    about: 'Stochastic gradient descent.',
    fields: {
      momentum: usually(0.9, share, 'Share of the velocity that stays.'),
      nesterov: optional(flag, "Nesterov's momentum: looks ahead by one step of the velocity."),
    },
  },
  adam: { about: 'Adam (Kingma and Ba 2015).', fields: moments },
  adamw: { about: 'AdamW (Loshchilov and Hutter 2019).', fields: moments },
});

const warmUp = usually(0, whole(0, limits.epochs), 'Epochs in which the rate rises evenly to its first value.');
const firstRate = needed(rate, 'The first rate.');

/** How a learning rate changes from epoch to epoch. */
export const scheduleForm = kinds({
  constant: { about: 'One rate.', fields: { rate: needed(rate, 'The rate.'), warmUp } },
  steps: {
    about: 'A rate that falls after certain epochs.',
    fields: {
      rate: firstRate,
      after: needed(list(epochs, 1, 1000), 'Epochs after which it is multiplied by the factor.'),
      factor: usually(0.1, above(0, 1), 'What it is multiplied by.'),
      warmUp,
    },
  },
  cosine: {
    about:
      'A rate that falls as half a wave of the cosine, over all epochs after the warm-up (Loshchilov and Hutter 2017).',
    fields: { rate: firstRate, least: usually(0, rateOrZero, 'What it tends to.'), warmUp },
  },
});

const earlyStopping = optional(
  object({
    patience: needed(patience, 'Epochs without an improvement after which training ends.'),
    minimumChange: usually(0, minimumChange, 'By how much the validation loss must fall to count as better.'),
  }),
  'Ends the training when it no longer gets better.',
);

/** All of them; options are in the order of help. */
export const trainingSettings = {
  data: {
    option: option(
      'DATA',
      filledText,
      'What to train on: cifar10, cifar100, mnist, fashion-mnist or shapes; or a folder of class folders, an .npz file, ' +
        'or a folder of IDX files.',
      'cifar10',
      { otherwise: 'cifar10', probe: 'What to measure on: what `train` takes.' },
    ),
  },
  imageSize: {
    option: option(
      'N',
      whole(8, limits.imageSide),
      `Height and width that images are brought to, 8 to ${limits.imageSide}.`,
      'their own',
    ),
  },
  fit: {
    option: option(
      'HOW',
      choice(['crop', 'stretch']),
      'How images of other proportions are brought there: cut to the middle, or stretched.',
      'crop',
    ),
  },
  validation: {
    option: option(
      'SHARE',
      { ...share, above: true },
      'Share of each class kept for validation where the images have no given split.',
      '0.1',
    ),
  },
  epochs: {
    option: option('N', epochs, 'Passes over the training images; with --resume, the epoch to go on to.', ofNetwork, {
      probe: false,
      resumes: true,
    }),
    inNetwork: optional(epochs, 'Passes over the training images; by default as many as rates are listed, or 20.'),
    inRun: usually(0, orUnknown(epochs), 'Passes over the training images that were planned.'),
  },
  batch: {
    option: option('N', batch, 'Images per training step.', ofNetwork, { probe: 'Training images at a time.' }),
    inNetwork: usually(100, batch, 'Images per step.'),
    inRun: usually(0, orUnknown(batch), 'Images per step.'),
    isPlain: true,
  },
  limit: {
    option: option(
      'N',
      whole(1, 100_000_000),
      'Use only the first N training images, and about as many validation images.',
      'all',
      {
        probe: 'Measure only the first N training images, and about as many validation images.',
      },
    ),
  },
  seed: {
    option: option(
      'N',
      whole(0, 2 ** 32 - 1),
      'The same numbers for the same seed, engine and processor, with as many cores or --deterministic.',
      '1',
      { otherwise: 1 },
    ),
  },
  engine: {
    option: option('NAME', choice(['auto', ...engineNames]), 'What computes.', 'auto: the first that works', {
      otherwise: 'auto',
      resumes: true,
    }),
  },
  probe: {
    option: option('N', whole(10, 10_000), 'Images that every epoch is measured on.', '1000', {
      probe: 'Images whose activations are stored.',
    }),
  },
  features: {
    option: option(
      'N|off',
      orOff(epochs),
      'Store the strongest patches with the first, the last and every Nth epoch.',
      '5',
      { probe: 'Store the strongest patches; off leaves them out.', resumes: true },
    ),
    inRun: optional(
      orOff(epochs),
      'Strongest patches are stored with the first, the last and every Nth epoch; absent in older runs.',
    ),
  },
  preparation: {
    option: option('NAME', choice(preparations), 'What is done to the images first.', ofNetwork),
    inNetwork: usually('standardise', choice(preparations), 'What is done to the pixels first.'),
  },
  augment: {
    option: learning(
      'HOW',
      augmentationTextForm,
      'Change training images at random: mirror,shift=4,crop=0.8,colour=0.2 or some of these, or none.',
    ),
  },
  augmentation: {
    inNetwork: optional(augmentationForm, 'How training images are changed at random.'),
    inRun: usually({}, augmentationForm, 'How training images were changed at random; what is absent was not done.'),
  },
  optimiser: {
    option: learning('NAME', choice(['sgd', 'nesterov', 'adam', 'adamw']), 'The rule by which weights are updated.'),
    inNetwork: usually('adamw', either(choice(['sgd', 'adam', 'adamw']), optimiserForm), 'What moves the weights.'),
    inRun: optional(optimiserForm, 'What moved the weights.'),
  },
  learningRate: {
    option: learning(
      'X',
      rate,
      "The highest rate; the network's schedule is scaled to it.",
      "the network's; 0.001 where adam takes the place of sgd, 0.05 the other way round",
    ),
    inNetwork: optional(
      either(rate, list(rateOrZero, 1, limits.epochs), scheduleForm),
      'A rate, a list with one per epoch, or a schedule; by default a cosine from 0.001, with sgd from 0.05.',
    ),
    inRun: usually([], list(rateOrZero, 0, limits.epochs), 'One rate per epoch.'),
  },
  momentum: { option: learning('X', share, 'Of sgd and nesterov.', "the network's, or 0.9") },
  weightDecay: {
    option: learning('X', decay, decayMeaning),
    inNetwork: optional(decay, `${decayMeaning} By default 0.01 with adamw, 0.0001 with sgd, 0 with adam.`),
    inRun: usually(0, decay, decayMeaning),
    isPlain: true,
  },
  loss: {
    inNetwork: usually(
      'cross-entropy',
      loss,
      "What is made small; squared-error is for one output, whose target is the class's number.",
    ),
    inRun: usually('cross-entropy', loss, 'What was made small.'),
  },
  clipGradient: plain('X', above(0, 1e12), {
    summary: 'Shorten all gradients together to this L2 norm.',
    about: 'Largest L2 norm of the gradient over all parameters.',
    told: (norm) => `gradients scaled down to a norm of ${norm}`,
  }),
  earlyStopping: {
    option: learning('N|off', orOff(patience), 'End when the validation loss has not fallen for N epochs.'),
    ...{ inNetwork: earlyStopping, inRun: earlyStopping },
  },
  minimumChange: {
    option: learning('X', minimumChange, 'The least fall of the validation loss that counts.', "the network's, or 0"),
  },
} as const satisfies Record<string, TrainingSetting>;

type Table = typeof trainingSettings;
type Having<Part> = { [N in keyof Table as Table[N] extends Part ? N : never]: Table[N] };
type Options = Having<{ option: unknown }>;
type InNetwork = Having<{ inNetwork: unknown }>;
type InRun = Having<{ inRun: unknown }>;

/** Those that are options, variables, keys of settings files and parts of requests. */
export type TrainingSettingName = keyof Options;
/** What may be asked for of a training; what is absent is left to network, data and engine. */
export type TrainingSettings = { [N in TrainingSettingName]?: Value<Options[N]['option']['form']> };
export type PlainSetting = keyof Having<{ isPlain: true }>;

const entries = Object.entries(trainingSettings) as [string, TrainingSetting][];
const pick = <T>(part: (setting: TrainingSetting) => T | undefined): Record<string, T> =>
  Object.fromEntries(
    entries.flatMap(([name, setting]): [string, T][] => {
      const its = part(setting);
      return its === undefined ? [] : [[name, its]];
    }),
  );

export const trainingOptions = pick((setting) => setting.option) as Record<TrainingSettingName, SettingOption>;
export const trainingSettingNames = Object.keys(trainingOptions) as TrainingSettingName[];
export const plainSettings = Object.keys(pick((setting) => setting.isPlain)) as PlainSetting[];

/** `training` of a network file; all of it may be left out. */
export const networkTrainingForm = object(
  pick((setting) => setting.inNetwork) as { [N in keyof InNetwork]: InNetwork[N]['inNetwork'] },
);

/** `training` of run.json. Runs from before optimisers were a choice have `momentum` and `mirror` instead. */
export const runTrainingForm = openObject(
  pick((setting) => setting.inRun) as { [N in keyof InRun]: InRun[N]['inRun'] },
);

/** How a run was trained. */
export type RunTraining = Value<typeof runTrainingForm>;

/** What `networks NAME` tells of a plain setting; undefined where there is none, or where it stands with others. */
export function toldOf(name: PlainSetting, value: unknown): string | undefined {
  const { told }: TrainingSetting = trainingSettings[name];
  return value === undefined ? undefined : told?.(value as never);
}

/** `imageSize` -> `--image-size` */
export const flagFor = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Checks what was asked for; the command line did so before, but a request may come from elsewhere.
 * @throws DeepviewError `bad-option` (exit code 2)
 */
export function checkSettings(asked: { [N in TrainingSettingName]?: TrainingSettings[N] | undefined }): void {
  for (const name of trainingSettingNames) {
    if (asked[name] !== undefined) checkOption(trainingOptions[name].form, asked[name], flagFor(name));
  }
}
