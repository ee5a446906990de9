import { originForm } from '../base/data-origin.ts';
import { limits } from '../base/limits.ts';
import {
  choice,
  either,
  flag,
  list,
  map,
  needed,
  nothing,
  number,
  openObject,
  optional,
  shownText,
  text,
  time,
  triple,
  usually,
  whole,
  type Form,
  type Value,
} from '../base/schema/index.ts';
import { runTrainingForm } from '../base/training-settings.ts';
import { layerCategories } from '../network/layers/definition.ts';

/** The newest format of the run directory: the one that is written. */
export const runFormat = 2;

const count = whole(0, Number.MAX_SAFE_INTEGER);
const anyNumber = number(-Infinity, Infinity);
const shape = triple(whole(1, 2 ** 24));
const range: Form<[low: number, high: number]> = { form: 'list', of: anyNumber, minimum: 2, maximum: 2 };
/** Scalars, and metrics of layers, that a record has at most. */
const mostSeries = 1000;

const layerForm = openObject({
  index: optional(count, 'From 1, in order; by default its place.'),
  name: needed(shownText, 'Unique: `conv1`. Dots make it a path in a tree: `encoder.block1.conv2`.'),
  label: optional(shownText, 'What is shown: `conv5-32`; by default its name.'),
  kind: usually('other', choice(layerCategories), 'What it does.'),
  units: needed(whole(1, limits.neurons), 'Neurons C.'),
  shape: optional(shape, 'Output of one image, [height, width, channels]; by default [1, 1, units].'),
  parameters: usually(0, count, 'Trained numbers.'),
  receptiveField: optional(
    openObject({
      size: needed(whole(1, 2 ** 31), 'Input pixels a side.'),
      stride: needed(whole(1, 2 ** 31), 'Input pixels from one position to the next.'),
      offset: needed(whole(-(2 ** 31), 2 ** 31), 'The first input pixel of position 0.'),
    }),
    'What a position sees of the input; by default the whole image.',
  ),
  range: optional(range, "What an activation function's values lie between: [0, 1] of a sigmoid."),
});

const programForm = openObject({
  name: usually('unknown', shownText, 'Its name.'),
  version: usually('', shownText, 'Its version.'),
});

export const machineForm = openObject({
  cpu: needed(shownText, 'What its processor calls itself.'),
  cores: needed(whole(1, limits.threads), 'Cores that the training could use.'),
  threads: needed(whole(1, limits.threads), 'Threads that a kernel of the engine shared its work among.'),
  gpu: optional(shownText, 'The GPU that computed, as its driver calls it.'),
  deterministic: optional(flag, 'Whether they are as many wherever it goes on: `--deterministic`.'),
});

export const trainingForm = openObject({
  ...runTrainingForm.fields,
  momentum: optional(number(0, 1), 'Of sgd, in runs from before optimisers were a choice.'),
  mirror: optional(flag, 'Whether batches were mirrored, in those runs.'),
});

/** run.json, but for what `parseHeader` fills in and checks across fields. */
export const headerForm = openObject({
  format: needed(whole(1, runFormat), 'Of the run directory.'),
  clock: usually('epoch', choice(['epoch', 'step']), 'What numbers the records and their files.'),
  id: optional(shownText, "By default the directory's name."),
  createdAt: optional(time, 'When the run began.'),
  program: usually({ name: 'unknown', version: '' }, programForm, 'Who wrote it.'),
  network: needed(
    openObject({
      name: needed(shownText, 'Its name.'),
      parameters: optional(count, 'Trained numbers; by default those of the layers.'),
      layers: needed(list(layerForm, 1, limits.layers), 'In the order in which they are run.'),
      specification: optional(openObject({}), 'Of a network file, as docs/network.schema.json has it.'),
    }),
    'What is trained.',
  ),
  dataset: optional(
    openObject({
      name: usually('unknown', shownText, 'Its name.'),
      classes: usually([], list(shownText, 0, limits.classes), 'Names in the order of their numbers.'),
      trainImages: usually(0, count, 'How many.'),
      validationImages: usually(0, count, 'How many.'),
      patchImages: optional(
        count,
        'The number of training images, the first ones, that patches are places in; without it, in the validation images.',
      ),
      imageShape: usually([1, 1, 1], shape, '[height, width, channels]'),
      origin: optional(originForm, 'Of images that the name does not say.'),
      preparation: usually([], list(shownText, 0, 64), 'What was done to the pixels, in order.'),
    }),
    'What it is trained on.',
  ),
  probe: optional(
    openObject({
      labels: optional(
        list(whole(0, limits.classes - 1), 1, limits.probe),
        'The class of each probe image, from 0; without it there are all metrics but those of classes.',
      ),
      indices: optional(
        list(count, 0, limits.probe),
        "The places of the probe's images in the validation images; by default, with labels, 0, 1, ...",
      ),
    }),
    'The images that samples are of.',
  ),
  metrics: optional(
    map(
      openObject({
        label: optional(shownText, 'What it is called; by default its tag or id.'),
        unit: optional(shownText, 'What it counts in; `share` is shown in percent.'),
        better: optional(choice(['higher', 'lower']), 'Which direction is an improvement.'),
        range: optional(range, 'Where its values lie: its axes show all of it.'),
      }),
      mostSeries,
    ),
    'By tag, group or id: scalars and metrics that the program does not know.',
  ),
  training: optional(trainingForm, 'How it was trained.'),
  seed: usually(0, count, 'Of all that is random.'),
  weights: optional(
    openObject({
      file: needed(shownText, 'Its name.'),
      sha256: needed(shownText, 'Its checksum.'),
    }),
    'The file that the first weights came from.',
  ),
  engine: usually(
    { name: 'unknown', version: '', device: '' },
    openObject({ ...programForm.fields, device: usually('', shownText, 'What it ran on.') }),
    'What computed.',
  ),
  machine: optional(machineForm, 'Where it began: numbers depend on it.'),
});

/** A value that may be none of a number: JSON has no other way to say so, but for null. */
const notFinite = choice(['NaN', 'Infinity', '-Infinity']);
export const measured = either(anyNumber, notFinite, nothing);
/** A measured value as a number: null is not one. */
export const numberOf = (value: Value<typeof measured>): number => (value === null ? Number.NaN : Number(value));

/** What a file is like, so that damage to it is noticed. */
export const checksumForm = openObject({
  bytes: needed(whole(0, limits.arrayBytes), 'Its size.'),
  crc32: needed(whole(0, 2 ** 32 - 1), 'CRC-32 of the whole file, as of zlib.'),
});

const recordFields = {
  at: optional(time, 'When it was committed; by default when the run began.'),
  scalars: usually({}, map(measured, mostSeries), 'Values of the network by tag, `GROUP/SPLIT` or `GROUP`.'),
  layers: usually(
    {},
    map(list(measured, 1, limits.layers), mostSeries),
    'Values of layers by metric, one per layer; null where a metric does not apply.',
  ),
  seconds: optional(number(0, Infinity), 'Wall time since the record before.'),
  monitoringShare: optional(number(0, 1), 'Share of it spent on probe and metrics.'),
  lossWithin: optional(
    openObject({
      first: needed(measured, 'Of the first tenth.'),
      last: needed(measured, 'Of the last tenth.'),
    }),
    "Mean training loss over the first and the last tenth of the epoch's batches.",
  ),
  data: optional(checksumForm, "What the record's file is like; one that differs is refused."),
  crc32: optional(
    text(8, { pattern: '^[0-9a-f]{8}$', words: 'eight hexadecimal digits' }),
    'Last: the CRC-32 of the line without this field and its comma; a line that differs is refused.',
  ),
};
const step = whole(0, limits.steps);

/** A line of epochs.jsonl, by the run's clock. */
export const recordForms = {
  epoch: openObject({
    epoch: needed(whole(1, limits.epochs), 'From 1. It numbers the record.'),
    step: optional(step, 'Batches learned from since the run began.'),
    ...recordFields,
  }),
  step: openObject({
    step: needed(step, 'Batches learned from since the run began. It numbers the record.'),
    epoch: optional(number(0, limits.epochs), 'Also a part of one.'),
    ...recordFields,
  }),
} as const;
