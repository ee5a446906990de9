import { choice, whole } from '../engine/base/schema/index.ts';
import { engineNames } from '../engine/base/training-settings.ts';
import { shells, type Shell } from '../commands/completion.ts';
import type { EngineInstallOptions } from '../commands/engine.ts';
import type { EngineChoice } from '../engine/training/messages.ts';
import { pictureGiven, pictureOptions, yesOption as yes } from './run-commands.ts';
import type { CommandSpecification, Given } from './specification.ts';
import { lazily, optionsGiven } from './specification.ts';
import { imageOptions, settingOption } from './training-options.ts';

const dataName = { name: 'NAME', required: true, description: 'a data set from `deepview-tui data`' } as const;
const dataOrPath = { ...dataName, name: 'DATA', description: `${dataName.description}, a folder or a file` } as const;

const word = (given: Given, name: string): string => given.arguments[name] ?? '';

/** Commands about what the program works with: data sets, engines, the shell. */
export const setupCommands: readonly CommandSpecification[] = [
  {
    path: ['networks'],
    summary: "List the networks, or print one's layers.",
    arguments: [{ name: 'NAME', description: "a network's name, or a file: ./mynet.json, or a Keras model.json" }],
    run: lazily(
      async () => (await import('../commands/networks.ts')).networks,
      (given) => {
        const name = given.arguments['NAME'];
        return name === undefined ? {} : { name };
      },
    ),
  },
  {
    path: ['data', 'list'],
    isGroupDefault: true,
    summary: 'List the data sets, which of them are on this machine, and what is kept of them and of your own.',
    run: lazily(
      async () => (await import('../commands/data.ts')).dataList,
      () => ({}),
    ),
  },
  {
    path: ['data', 'fetch'],
    stopsItself: true,
    summary: 'Get a data set onto this machine: verified, and resumed where it was interrupted.',
    details:
      'Images of your own (a folder of class folders, an .npz file, IDX files) are read and kept, so that a training starts at once.',
    arguments: [dataOrPath],
    options: [
      { name: 'source', value: 'FILE', description: 'Take it from an archive or a folder instead of the network.' },
      ...imageOptions,
    ],
    examples: [
      [
        'deepview-tui data fetch cifar10 --source cifar-10-binary.tar.gz',
        'on a machine without a network',
        'not run: needs the archive',
      ],
      ['deepview-tui data fetch ./pets --image-size 64', 'images of your own, read ahead of a training'],
    ],
    run: lazily(
      async () => (await import('../commands/data.ts')).dataFetch,
      (given) => ({
        name: word(given, 'DATA'),
        ...optionsGiven<{ source: string }>(given, 'source'),
        imageSize: given.settings.imageSize,
        fit: given.settings.fit,
        skipCorrupt: given.options['skip-corrupt'] === true,
        followLinks: given.options['follow-links'] === true,
      }),
    ),
  },
  {
    path: ['data', 'path'],
    summary: 'Print the directory that holds a data set, or what is kept of a folder or file of your own.',
    arguments: [dataOrPath],
    run: lazily(
      async () => (await import('../commands/data.ts')).dataPath,
      (given) => ({ name: word(given, 'DATA') }),
    ),
  },
  {
    path: ['data', 'rm'],
    summary: 'Delete data sets from this machine, and what is kept of them; nothing that is in use.',
    details:
      'Of a folder or file of your own, what was kept of it is deleted, not itself. `data list` shows names and ids.',
    arguments: [
      {
        name: 'DATA',
        required: true,
        many: true,
        description: 'a data set by name, a folder or a file, or the beginning of an id from `deepview-tui data`',
      },
    ],
    options: [yes],
    run: lazily(
      async () => (await import('../commands/data-kept.ts')).dataRemove,
      (given) => ({ names: given.words, yes: given.options['yes'] === true }),
    ),
  },
  {
    path: ['data', 'prune'],
    summary: 'Delete kept images that no training has used for a while, and unfinished downloads.',
    details:
      'They are made again from their source when they are needed. Data sets that were fetched stay, and so does what ' +
      'is in use.',
    options: [
      {
        name: 'older',
        value: 'DAYS',
        description: 'Not used for this number of days.',
        default: '30',
        form: whole(0, 36_500),
      },
      { name: 'dry-run', description: 'Only say what would be deleted.' },
      yes,
    ],
    examples: [['deepview-tui data prune --older 7 --dry-run', 'what a week has not used, without deleting it']],
    run: lazily(
      async () => (await import('../commands/data-kept.ts')).dataPrune,
      (given) => ({
        older: given.options['older'] as number | undefined,
        dryRun: given.options['dry-run'] === true,
        yes: given.options['yes'] === true,
      }),
    ),
  },
  {
    path: ['data', 'inspect'],
    stopsItself: true,
    summary: 'Look through a data set: images of each class, counts, means, and what may spoil a training.',
    details:
      'It remarks on duplicates (also between training and validation), near duplicates, classes without images or with ' +
      'few, images of one colour and files that cannot be read; the exit code is 3 when there is something to remark on.',
    arguments: [{ name: 'DATA', description: `${dataOrPath.description} [cifar10]`, setting: 'data' }],
    options: [
      ...imageOptions.filter(({ name }) => name !== 'skip-corrupt'),
      settingOption('validation'),
      {
        ...settingOption('seed'),
        description: 'Which images these are: the same as in a training with the same seed.',
      },
      { name: 'source', value: 'FILE', description: 'Take it from an archive or a folder instead of the network.' },
      ...pictureOptions({
        description: 'Columns of the report, and lines that it may have.',
        default: "the terminal's width, or 80, or 120 in a picture; as long as it is",
      }),
    ],
    examples: [
      ['deepview-tui data inspect cifar10', 'pictures, counts and findings', 'not run: fetches CIFAR-10'],
      ['deepview-tui data inspect ./pets -o pets.png', 'images of your own, as a picture'],
    ],
    run: lazily(
      async () => (await import('../commands/data-inspect.ts')).dataInspect,
      (given) => ({
        name: given.settings.data ?? 'cifar10',
        ...optionsGiven<{ source: string }>(given, 'source'),
        imageSize: given.settings.imageSize,
        fit: given.settings.fit,
        followLinks: given.options['follow-links'] === true,
        validation: given.settings.validation,
        seed: given.settings.seed,
        ...pictureGiven(given),
      }),
    ),
  },
  {
    path: ['engine', 'list'],
    isGroupDefault: true,
    summary: 'List what can compute here, and why or why not.',
    run: lazily(
      async () => (await import('../commands/engine.ts')).engineList,
      () => ({}),
    ),
  },
  {
    path: ['engine', 'install'],
    stopsItself: true,
    summary: 'Install the native engine, or that for GPUs without CUDA, once for all checkouts on this machine.',
    details:
      'The native one, tensorflow, is made of TensorFlow as published on PyPI and compiled bindings; it needs a C++ compiler ' +
      "(g++ or clang++). webgpu is Dawn, out of npm's package webgpu. The index, registry, proxy and certificates that pip and " +
      'npm are set to are used.',
    arguments: [
      { name: 'ENGINE', form: choice(['tensorflow', 'webgpu']), description: 'tensorflow [default] or webgpu' },
    ],
    options: [
      {
        name: 'cuda',
        description: 'The build for NVIDIA GPUs; --no-cuda for the other.',
        default: 'where there is one',
      },
      {
        name: 'source',
        value: 'FILE',
        description: "Take TensorFlow's wheel, or webgpu's archive, from a file instead of the network.",
      },
    ],
    run: lazily(
      async () => (await import('../commands/engine.ts')).engineInstall,
      (given) => ({
        engine: given.arguments['ENGINE'],
        ...optionsGiven<EngineInstallOptions>(given, 'cuda', 'source'),
      }),
    ),
  },
  {
    path: ['engine', 'check'],
    stopsItself: true,
    summary: 'Compare what an engine computes with stored values, and measure how fast it trains.',
    details:
      "Outputs, gradients and steps of every kind of layer (but dropout) and optimiser beside PyTorch's, ten losses of " +
      "lenet beside those of TensorFlow's CPU kernels, and images a second by the size of a batch; the exit code is 3 " +
      'when anything differs.',
    arguments: [{ name: 'ENGINE', form: choice(['auto', ...engineNames]), description: 'an engine [auto]' }],
    run: lazily(
      async () => (await import('../commands/engine-check.ts')).engineCheck,
      (given) => ({ engine: (given.arguments['ENGINE'] ?? 'auto') as EngineChoice }),
    ),
  },
  {
    path: ['doctor'],
    summary: 'Show what there is, which of it is used and why, and what is wrong.',
    tellsTroubles: true,
    run: lazily(
      async () => (await import('../commands/doctor.ts')).doctor,
      (given) => ({ settings: given.origins, configFiles: given.configFiles, troubles: given.troubles }),
    ),
  },
  {
    path: ['completion'],
    summary: 'Print a completion script for a shell.',
    details: 'Put `source <(deepview-tui completion bash)` into ~/.bashrc, or the like for zsh and fish.',
    arguments: [{ name: 'SHELL', required: true, form: choice(shells), description: shells.join(', ') }],
    run: lazily(
      async () => (await import('../commands/completion.ts')).completion,
      (given) => ({ shell: word(given, 'SHELL') as Shell }),
    ),
  },
];
