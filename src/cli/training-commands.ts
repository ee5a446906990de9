import type { TrainOptions } from '../commands/train.ts';
import {
  flagFor,
  trainingOptions as settings,
  trainingSettingNames,
  type TrainingSettings,
} from '../engine/base/training-settings.ts';
import { lazily, optionsGiven, takesHours, type CommandSpecification, type Given } from './specification.ts';
import { probeOptions, trainingOptions } from './training-options.ts';

/**
 * The settings of a training. A run that is gone on with keeps its own: settings of files and variables are for new
 * runs, and what the command line asks for is refused later, unless it may change.
 */
export function settingsOf(given: Given, kind: 'train' | 'resume' | 'probe'): TrainingSettings {
  const wanted = trainingSettingNames.filter((name) => {
    if (kind === 'probe') return settings[name].probe !== false;
    return kind === 'train' || isAsked(given, name);
  });
  return Object.fromEntries(
    wanted.flatMap((name) => (given.settings[name] === undefined ? [] : [[name, given.settings[name]]])),
  );
}

/** Whether the command line itself says a setting. */
const isAsked = ({ origins }: Given, name: string): boolean =>
  origins.some((one) => one.name === name && one.from === flagFor(name));

function trainOptions(given: Given, kind: 'train' | 'probe' = 'train'): TrainOptions {
  const places = optionsGiven<TrainOptions['request']>(given, 'run', 'resume', 'source', 'weights', 'notify');
  const { resume } = places;
  const { network, data, seed } = given.settings;
  return {
    headless: given.options['headless'] === true,
    ...(given.options['in-process'] === true && { inProcess: true }),
    request: {
      ...{ network: given.settings.network ?? 'lenet', data: 'cifar10', seed: 1, engine: 'auto' },
      ...settingsOf(given, resume === undefined ? kind : 'resume'),
      // Settings may lie about in a folder; what they name is read, but not run.
      mayRunNetwork: isAsked(given, 'network'),
      dataByDefault: given.origins.some((entry) => entry.name === 'data' && entry.from === 'default'),
      ...places,
      ...(given.options['skip-corrupt'] === true && { skipCorrupt: true }),
      ...(given.options['follow-links'] === true && { followLinks: true }),
      ...(given.options['deterministic'] === true && { deterministic: true }),
      ...(given.options['keep-going'] === true && { keepGoing: true }),
      ...(kind === 'probe' && { probeOnly: true }),
      ...(resume !== undefined && {
        takenFor: {
          ...(isAsked(given, 'network') && { network }),
          ...(isAsked(given, 'data') && { data }),
          ...(isAsked(given, 'seed') && { seed }),
        },
      }),
    },
  };
}

export const trainCommand: CommandSpecification = {
  path: ['train'],
  summary: 'Train a network, and see it learn.',
  details:
    'Without a terminal, or with --headless or --json, it prints one line per epoch. Ctrl-C stops it; every epoch that ' +
    'was shown is on the disk, and --resume continues from there. A training that is shown on a screen continues when ' +
    'the screen is left; with --in-process it ends with the screen and the terminal. A headless one continues when its ' +
    'pipe or terminal is closed (SIGHUP), until SIGTERM or `runs stop`; it ends when its command is killed.',
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
    ['deepview-tui train', 'lenet on CIFAR-10, with the fastest engine that is available', takesHours],
    [
      'deepview-tui train shallow --data shapes --epochs 5',
      'a small one, without any download',
      'slow: trains for a minute',
    ],
    ['deepview-tui train ./mynet.json', 'your own network, as docs/network-files.md describes it', takesHours],
    [
      'deepview-tui train --data ./pets --image-size 32',
      'on images of your own, a folder for each class',
      'slow: trains for minutes',
    ],
    ['deepview-tui train --headless --json > events.jsonl', 'one JSON object per event, for programs', takesHours],
    ['deepview-tui train --resume last', 'continue the last run', 'not run: the last run of the test is finished'],
  ],
  run: lazily(
    async () => (await import('../commands/train.ts')).train,
    (given) => trainOptions(given),
  ),
};

export const probeCommand: CommandSpecification = {
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
    ['deepview-tui probe ./model.json', 'a Keras model on CIFAR-10', 'not run: fetches CIFAR-10'],
    ['deepview-tui probe lenet --weights lenet.safetensors', 'weights of another run', 'not run: fetches CIFAR-10'],
  ],
  run: lazily(
    async () => (await import('../commands/train.ts')).train,
    (given) => trainOptions(given, 'probe'),
  ),
};
