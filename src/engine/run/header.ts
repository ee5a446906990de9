import { DeepviewError, exitCodes } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { check, needed, openObject, ValidationError, whole, type Value } from '../base/schema/index.ts';
import type { RunTraining } from '../base/training-settings.ts';
import { parseStoredNetwork } from '../network/file/index.ts';
import { readJson } from './check.ts';
import { headerForm, runFormat, trainingForm } from './forms.ts';
import type { LayerRecord, RunHeader } from './format.ts';

/**
 * Checks run.json, and fills in what it leaves out (docs/run-format.md says what may be) with what claims nothing:
 * 0 parameters, kind `other`, a receptive field of the whole image.
 * @param fallbackId the run's id where the file has none: its directory's name
 * @throws DeepviewError `bad-run` or `newer-format`, exit code 4, naming file and field
 */
export function parseHeader(text: string, file: string, fallbackId: string): RunHeader {
  return readJson(text, file, (value) => {
    const { format } = check(anyFormat, value);
    if (format > runFormat) throw newerFormat(file, format);
    return headerOf(value, printable(fallbackId));
  });
}

const anyFormat = openObject({ format: needed(whole(1, Number.MAX_SAFE_INTEGER), 'What may be newer.') });

function headerOf(value: unknown, fallbackId: string): RunHeader {
  const given = check(headerForm, value);
  const { id = fallbackId, network, dataset = emptyDataset, probe = {} } = given;
  const layers = layersOf(given);
  const classes = dataset.classes.length > 0 ? dataset.classes : numbered(probe.labels);
  const wrong = probe.labels?.findIndex((label) => label >= classes.length) ?? -1;
  if (wrong >= 0) {
    const problem = `is ${probe.labels?.[wrong]}, not 0 to ${classes.length - 1}`;
    throw new ValidationError(['probe', 'labels', wrong], problem);
  }
  const indices = probe.indices ?? probe.labels?.map((_, place) => place) ?? [];
  if (probe.labels && indices.length !== probe.labels.length) {
    const problem = `has ${indices.length} entries where probe.labels has ${probe.labels.length}`;
    throw new ValidationError(['probe', 'indices'], problem);
  }
  // The form only says that it is an object.
  const { specification } = (value as { network: { specification?: unknown } }).network;
  return {
    ...given,
    id,
    ...(given.createdAt !== undefined && { createdAt: printable(given.createdAt) }),
    network: {
      name: network.name,
      parameters: network.parameters ?? layers.reduce((sum, layer) => sum + layer.parameters, 0),
      layers,
      ...(network.specification && {
        specification: parseStoredNetwork(specification, ['network', 'specification'], classes.length),
      }),
    },
    dataset: { ...dataset, classes },
    probe: { ...probe, indices },
    training: trainingOf(given.training),
  };
}

const emptyDataset: RunHeader['dataset'] = {
  ...{ name: 'unknown', classes: [], trainImages: 0, validationImages: 0 },
  ...{ imageShape: [1, 1, 1], preparation: [] },
};

/** Runs from before optimisers were a choice have `momentum` and `mirror` instead. */
function trainingOf(given: Value<typeof headerForm>['training']): RunTraining {
  const { momentum, mirror, ...training } = given ?? check(trainingForm, {});
  return {
    ...(momentum !== undefined && { optimiser: { kind: 'sgd', momentum } }),
    ...training,
    ...(mirror && { augmentation: { mirror: 'batch' } }),
  };
}

/** @throws ValidationError for layers that are not numbered in order, names that repeat, ranges that do not ascend */
function layersOf({ format, network, dataset }: Value<typeof headerForm>): LayerRecord[] {
  const names = new Set<string>();
  const { imageShape } = dataset ?? emptyDataset;
  const wholeImage = { size: Math.max(imageShape[0], imageShape[1]), stride: 1, offset: 0 };
  return network.layers.map((layer, place): LayerRecord => {
    const refuse = (field: string, problem: string): never => {
      throw new ValidationError(['network', 'layers', place, field], problem);
    };
    const {
      name,
      units,
      label = name,
      kind,
      index = place + 1,
      range = rangeOf(format, kind, `${label} ${name}`),
    } = layer;
    if (index !== place + 1) refuse('index', `is ${index}, not ${place + 1}: layers are numbered from 1 in order`);
    if (names.has(name)) refuse('name', `repeats "${name}"`);
    names.add(name);
    if (range && range[0] >= range[1]) refuse('range', 'does not begin below its end');
    return {
      ...{ index, name, label, kind, units, parameters: layer.parameters },
      shape: layer.shape ?? [1, 1, units],
      receptiveField: layer.receptiveField ?? wholeImage,
      ...(range && { range }),
    };
  });
}

/** Runs of format 1 do not say what an activation lies between, but what it is called. */
function rangeOf(format: number, kind: LayerRecord['kind'], words: string): LayerRecord['range'] {
  if (format > 1 || kind !== 'activation') return undefined;
  if (/sigmoid/i.test(words)) return [0, 1];
  return /tanh/i.test(words) ? [-1, 1] : undefined;
}

function newerFormat(file: string, format: number): DeepviewError {
  return new DeepviewError(
    'newer-format',
    `${printable(file, 1000)}: the run has format ${format}; this program reads up to format ${runFormat}`,
    { hint: 'Update deepview-tui: npm install -g deepview-tui@latest', exitCode: exitCodes.unreadable },
  );
}

/** Names of classes of which only the numbers are known. */
const numbered = (labels: readonly number[] = []): string[] =>
  Array.from({ length: labels.reduce((most, label) => Math.max(most, label + 1), 0) }, (_, label) => String(label));
