import { choice, whole } from '../engine/base/schema/index.ts';
import { misuse } from '../engine/base/errors.ts';
import type { RunRequest } from '../engine/run/requests.ts';
import type { AnalyzeOptions } from '../commands/analyze.ts';
import type { CompareOptions } from '../commands/compare.ts';
import type { DiagnoseOptions } from '../commands/diagnose.ts';
import type { ExportOptions } from '../commands/export.ts';
import type { ShowOptions } from '../commands/show.ts';
import { pictureFormats, type PictureOutput } from '../commands/picture-output.ts';
import { viewOptions } from '../commands/show-options.ts';
import { exporters } from '../commands/export/exporters.ts';
import { linkages } from '../engine/analysis/choices.ts';
import { layerMetrics } from '../engine/metrics/catalogue.ts';
import type { ArgumentSpecification, CommandSpecification, Given, OptionSpecification } from './specification.ts';
import { lazily, optionsGiven } from './specification.ts';

const run: ArgumentSpecification = {
  name: 'RUN',
  required: true,
  description: 'a path, an id, the beginning of an id, or `last`',
};

const runGiven = (given: Given): { run: string } => ({ run: given.arguments['RUN'] ?? '' });

/** Of commands that only look: the demo is one they may have. */
const shownRun: ArgumentSpecification = {
  ...run,
  description: 'a path, an id, the beginning of an id, `last`, or `demo`',
};

const outputOption: OptionSpecification = {
  name: 'output',
  short: 'o',
  value: 'FILE',
  description: 'Write to a file.',
};

/** Of commands that draw: as what, how large, and where to. */
export const pictureOptions = (size: Pick<OptionSpecification, 'description' | 'default'>): OptionSpecification[] => [
  {
    name: 'format',
    value: 'FORMAT',
    form: choice(pictureFormats),
    description: 'What is printed.',
    default: "by the file's name, else ansi on a terminal, else text",
  },
  { name: 'size', value: 'CxR', ...size },
  outputOption,
];

/** What was said by those. */
export const pictureGiven = (given: Given): PictureOutput & { size?: string } =>
  optionsGiven<PictureOutput & { size: string }>(given, 'format', 'size', 'output');

export const yesOption: OptionSpecification = { name: 'yes', description: 'Do not ask.' };

const asking =
  "The request goes through the run's directory, so it reaches a training on any machine. Its effect is waited for, a " +
  'minute at most; a request that was not heard by then is withdrawn.';

const asks = (request: RunRequest): CommandSpecification['run'] =>
  lazily(
    async () => (await import('../commands/runs-ask.ts')).runsAsk,
    (given) => ({ ...runGiven(given), request }),
  );

/** Commands that read what was measured. */
export const runCommands: readonly CommandSpecification[] = [
  {
    path: ['open'],
    stopsItself: true,
    summary: 'Open a run in the screen; one that is still being trained is followed.',
    details: 'Without a terminal it prints the network view, as `show` does.',
    arguments: [shownRun],
    run: lazily(async () => (await import('../commands/open.ts')).open, runGiven),
  },
  {
    path: ['demo'],
    stopsItself: true,
    summary: "Open a recorded run: the paper's lenet on CIFAR-10, all epochs. Needs no network, engine or data.",
    details:
      'Space plays the epochs, the arrows step. Without a terminal it prints the network view; every command ' +
      'that only reads takes `demo` as its RUN.',
    examples: [
      ['deepview-tui demo', 'the recorded run in the screen'],
      ['deepview-tui show demo 10 --json', 'numbers of one of its layers'],
    ],
    run: lazily(
      async () => (await import('../commands/open.ts')).open,
      () => ({ run: 'demo' }),
    ),
  },
  {
    path: ['watch'],
    stopsItself: true,
    summary: 'Watch a run that another process trains.',
    details: 'Without a terminal it prints a line per epoch until the run ends; the exit code is 1 where that failed.',
    arguments: [run],
    run: lazily(async () => (await import('../commands/open.ts')).watch, runGiven),
  },
  {
    path: ['show'],
    summary: 'Print the view of a run, of a layer or of a neuron, as text, picture or numbers.',
    arguments: [shownRun, { name: 'LAYER', description: 'a layer by number or name, or LAYER/NEURON' }],
    options: [
      ...pictureOptions({
        description: 'Columns and rows of the picture, 40x12 at least.',
        default: "the terminal's, or 80x24",
      }),
      {
        name: 'epoch',
        value: 'N',
        description: 'The run as it was after this epoch.',
        form: whole(1, 1_000_000),
      },
      {
        name: 'metric',
        value: 'ID',
        description: `What is drawn of layers and neurons: ${layerMetrics.map(({ id }) => id).join(', ')}, or another of the run's.`,
        default: layerMetrics[0].id,
      },
      ...viewOptions.map(({ about, ...option }) => ({ ...option, description: about })),
    ],
    details:
      'An option of one view is refused for another. JSON depends on --epoch, --clusters, --linkage and --facets only.',
    examples: [
      ['deepview-tui show last', 'the network view of the newest run'],
      ['deepview-tui show last conv1 --pane map --clusters 3', "a layer's clusters"],
      ['deepview-tui show last conv1 --format png -o conv1.png', 'a layer as a picture'],
      ['deepview-tui show last --json', 'all numbers of the network view'],
    ],
    run: lazily(
      async () => (await import('../commands/show.ts')).show,
      (given) => ({
        ...runGiven(given),
        layer: given.arguments['LAYER'],
        ...optionsGiven<ShowOptions>(given, 'epoch', 'metric', ...viewOptions.map(({ name }) => name)),
        ...pictureGiven(given),
      }),
    ),
  },
  {
    path: ['compare'],
    stopsItself: true,
    summary: 'Show what tells runs apart: settings, scalars, layers and neurons.',
    details:
      'In a terminal it opens the comparison; elsewhere, and with --layer, it is printed.\n' +
      'Runs are called A, B and so on; those of one setting that differ in their seeds alone count as one, by their ' +
      'median. Of one run two records are compared: the first and the last, or those of --records.\n' +
      'Layers are matched by name, else by the order of equal kinds, and compared by linear CKA, which needs the same ' +
      'probe images; neurons by the distributions of their activations by class.',
    arguments: [{ ...shownRun, many: true }],
    options: [
      {
        name: 'metric',
        value: 'ID',
        description: `What of layers is compared: ${layerMetrics.map(({ id }) => id).join(', ')}, or another of the runs'.`,
        default: layerMetrics[0].id,
      },
      { name: 'layer', value: 'LAYER', description: 'Match the neurons of this layer of A, by number or name.' },
      {
        name: 'records',
        value: 'N,...',
        description: 'Of each run the record that is compared, a number, first, best or last; of one run two of it.',
        default: 'last of each, first and last of one run',
      },
    ],
    examples: [
      ['deepview-tui compare demo --records 1,last', 'which layers changed in a training'],
      ['deepview-tui compare demo --layer conv1', 'and how far each of its neurons moved'],
    ],
    run: lazily(
      async () => (await import('../commands/compare.ts')).compare,
      (given) => ({ runs: given.words, ...optionsGiven<CompareOptions>(given, 'metric', 'layer', 'records') }),
    ),
  },
  {
    path: ['diagnose'],
    summary: 'Say what is wrong with a run, what it usually means, and what to try.',
    details:
      'It looks at losses, gradients, steps and what layers say of the probe. The exit code is 3 when anything found is a ' +
      'warning or worse, and when the training diverged or failed. docs/findings.md lists the rules and their thresholds.',
    arguments: [shownRun],
    options: [
      {
        name: 'threshold',
        value: 'NAME=VALUE',
        description: 'From where on something is a finding; several with commas between.',
      },
    ],
    examples: [
      ['deepview-tui diagnose last', 'what is wrong with the newest run'],
      ['deepview-tui diagnose demo --threshold dead.note=0.01,overfit.records=5', 'with a closer look at dead neurons'],
    ],
    run: lazily(
      async () => (await import('../commands/diagnose.ts')).diagnoseRun,
      (given) => ({ ...runGiven(given), ...optionsGiven<DiagnoseOptions>(given, 'threshold') }),
    ),
  },
  {
    path: ['export'],
    summary: 'Write the weights of a run, or what activates a neuron most, for other programs.',
    details: exporters.map(({ name, summary }) => `${name}: ${summary}`).join('\n'),
    arguments: [
      shownRun,
      {
        name: 'FORMAT',
        required: true,
        form: choice(exporters.map(({ name }) => name)),
        description: 'what is written',
      },
      {
        name: 'PLACE',
        description: `LAYER/NEURON, for ${exporters.flatMap(({ name, place }) => (place ? name : [])).join(', ')}`,
      },
    ],
    options: [
      { ...outputOption, description: 'The file to write.' },
      {
        name: 'epoch',
        value: 'N|best|last',
        description:
          'Which epoch; best: lowest validation error, of equal ones lowest validation loss, then the latest.',
        default: exporters.map(({ name, epochDefault }) => `${epochDefault} for ${name}`).join(', '),
      },
    ],
    examples: [
      ['deepview-tui export last weights -o lenet.safetensors', 'for PyTorch, or for train --weights'],
      [
        'deepview-tui export last patches 4/17 -o patches.png',
        'what activates neuron 17 of layer 4 most',
        'slow: needs stored patches',
      ],
    ],
    run: lazily(
      async () => (await import('../commands/export.ts')).exportRun,
      (given) => ({
        ...runGiven(given),
        format: given.arguments['FORMAT'] ?? '',
        place: given.arguments['PLACE'],
        ...optionsGiven<ExportOptions>(given, 'output', 'epoch'),
      }),
    ),
  },
  {
    path: ['runs', 'list'],
    isGroupDefault: true,
    summary: 'List the runs there are, newest first, with their states and sizes.',
    run: async (_given, context) => (await import('../commands/runs.ts')).runsList(context),
  },
  {
    path: ['runs', 'rm'],
    summary: 'Delete runs.',
    arguments: [{ ...run, many: true }],
    options: [yesOption],
    run: lazily(
      async () => (await import('../commands/runs.ts')).runsRemove,
      (given) => ({ runs: given.words, yes: given.options['yes'] === true }),
    ),
  },
  {
    path: ['runs', 'prune'],
    summary: 'Delete the runs without a finished epoch that are not being trained.',
    options: [yesOption],
    run: lazily(
      async () => (await import('../commands/runs.ts')).runsPrune,
      (given) => ({ yes: given.options['yes'] === true }),
    ),
  },
  {
    path: ['runs', 'pause'],
    stopsItself: true,
    summary: 'Pause a training after the current batch, wherever it was started.',
    details: asking,
    arguments: [run],
    run: asks('pause'),
  },
  {
    path: ['runs', 'continue'],
    stopsItself: true,
    summary: 'Continue a paused training, also one whose terminal is gone.',
    details: 'A training that ended is continued by `train --resume RUN`.',
    arguments: [run],
    run: asks('continue'),
  },
  {
    path: ['runs', 'stop'],
    stopsItself: true,
    summary: 'Stop a training, wherever it was started; its epochs so far are kept.',
    details: asking,
    arguments: [run],
    options: [
      { name: 'now', description: 'After the current batch; its epoch is lost. The default.' },
      { name: 'after-epoch', description: 'After the current epoch; a paused training continues until then.' },
    ],
    run: (given, context) => {
      const { now, 'after-epoch': afterEpoch } = given.options;
      if (now && afterEpoch) throw misuse('usage', '--now and --after-epoch exclude each other.');
      return asks(afterEpoch ? 'stop-after-epoch' : 'stop-now')(given, context);
    },
  },
  {
    path: ['analyze'],
    summary: 'Compute the metrics of activations from any program, and group their neurons.',
    details:
      'FILE holds `activations` [N,H,W,C], [N,T,C] or [N,C] (floating point) and `labels` [N] (whole numbers, or names in ' +
      '.npz): .npz or .safetensors. An .npy file holds the activations alone. What lies between images and neurons is ' +
      'averaged. Without labels there are all metrics but those of classes.',
    arguments: [{ name: 'FILE', required: true, description: '.npy, .npz or .safetensors' }],
    options: [
      { name: 'array', value: 'NAME', description: 'The array of the activations.', default: 'activations' },
      {
        name: 'layout',
        value: 'NAME',
        form: choice(['nhwc', 'nchw']),
        description: 'Where the neurons are: the last axis, or as PyTorch has it the second.',
        default: 'nhwc',
      },
      { name: 'labels', value: 'FILE.npy', description: 'The labels, where FILE does not hold them.' },
      {
        name: 'clusters',
        value: 'K',
        description: 'Group the neurons into K clusters.',
        default: '5',
        form: whole(1, 65_536),
      },
      {
        name: 'linkage',
        value: 'NAME',
        form: choice(linkages),
        description: 'How far two clusters are apart.',
        default: linkages[0],
      },
      { name: 'distances', value: 'FILE.npy', description: 'Write the distances of the neurons, [C, C] float64.' },
    ],
    run: lazily(
      async () => (await import('../commands/analyze.ts')).analyze,
      (given) => ({
        file: given.arguments['FILE'] ?? '',
        ...optionsGiven<AnalyzeOptions>(given, 'array', 'layout', 'labels', 'clusters', 'linkage', 'distances'),
      }),
    ),
  },
];
