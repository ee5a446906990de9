import type { TrainOptions } from '../commands/train.ts';
import { parseAugmentation } from '../engine/base/augmentation.ts';
import { overridesOf } from './optimisation-options.ts';
import { lazily, textGiven, type CommandSpecification, type Given } from './specification.ts';
import { probeOptions, trainingOptions } from './training-options.ts';

function trainOptions(given: Given): TrainOptions {
  const { settings } = given;
  const { network, data, seed, engine, epochs, batch, limit, probe, features, preparation, augment } = settings;
  const { imageSize, fit, validation } = settings;
  const run = textGiven(given, 'run');
  const resume = textGiven(given, 'resume');
  const source = textGiven(given, 'source');
  const weights = textGiven(given, 'weights');
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

/** One look at a network: what settings files say of learning is for trainings. */
function probeRequest(given: Given): TrainOptions {
  const { headless, request } = trainOptions(given);
  const { epochs: _, training: __, ...rest } = request;
  return { headless, request: { ...rest, probeOnly: true } };
}

export const trainCommand: CommandSpecification = {
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
    ['deepview-tui probe ./model.json', 'a Keras model on CIFAR-10'],
    ['deepview-tui probe lenet --weights lenet.safetensors', 'weights of another run'],
  ],
  run: lazily(async () => (await import('../commands/train.ts')).train, probeRequest),
};
