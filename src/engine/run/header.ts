import { DeepviewError, exitCodes } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { check, flag, number, openObject, optional } from '../base/schema/index.ts';
import { runTrainingForm, type RunTraining } from '../base/training-settings.ts';
import { parseStoredNetwork } from '../network/file/index.ts';
import { layerCategories } from '../network/layers/definition.ts';
import { checked, parseJson, type Field } from './check.ts';
import { runFormat, type DatasetOrigin, type LayerRecord, type RunHeader } from './format.ts';

/**
 * Checks run.json field by field. What another framework's recorder may leave out (docs/run-format.md says what)
 * takes a value that claims nothing: 0 parameters, kind `other`, a receptive field of the whole image.
 * @param fallbackId the run's id where the file has none: its directory's name
 * @throws DeepviewError `bad-run` or `newer-format`, exit code 4, naming file and field
 */
export function parseHeader(text: string, file: string, fallbackId: string): RunHeader {
  const root = parseJson(text, file);
  const format = root.get('format').whole(1);
  if (format > runFormat) throw newerFormat(file, format);

  const dataset = root.get('dataset');
  const classes = dataset
    .get('classes')
    .list(limits.classes, 1)
    .map((one) => one.text());
  const imageShape = dataset.get('imageShape').or<[number, number, number]>([1, 1, 1], shapeOf);
  const probe = root.get('probe');
  const labels = probe
    .get('labels')
    .list(limits.probe, 1)
    .map((one) => one.whole(0, classes.length - 1));
  const network = root.get('network');
  const layers = parseLayers(network.get('layers'), imageShape, format);
  const optional = <T>(parent: Field, name: string, fallback: T, check: (field: Field) => T): T =>
    parent.present ? parent.get(name).or(fallback, check) : fallback;
  const count = (field: Field): number => field.whole();
  const text200 = (field: Field): string => field.text();

  const indices = probe.get('indices').or(
    labels.map((_, place) => place),
    (field) => field.list(limits.probe).map((one) => one.whole()),
  );
  if (indices.length !== labels.length) {
    probe.get('indices').fail(`has ${indices.length} entries where probe.labels has ${labels.length}`);
  }
  const program = root.get('program');
  const engine = root.get('engine');
  const weights = root.get('weights');
  return {
    format,
    id: root.get('id').or(printable(fallbackId), text200),
    createdAt: root.get('createdAt').or(new Date(0).toISOString(), (field) => field.time()),
    program: {
      name: optional(program, 'name', 'unknown', text200),
      version: optional(program, 'version', '', text200),
    },
    network: {
      name: network.get('name').text(),
      parameters: network.get('parameters').or(
        layers.reduce((sum, layer) => sum + layer.parameters, 0),
        count,
      ),
      layers,
      ...storedNetwork(network.get('specification'), classes.length),
    },
    dataset: {
      name: dataset.get('name').text(),
      classes,
      trainImages: dataset.get('trainImages').or(0, count),
      validationImages: dataset.get('validationImages').or(0, count),
      imageShape,
      ...(dataset.get('origin').present && { origin: originOf(dataset.get('origin')) }),
      preparation: dataset.get('preparation').or([], (field) => field.list(64).map((one) => one.text())),
    },
    probe: { indices, labels },
    training: trainingOf(root.get('training')),
    seed: root.get('seed').or(0, count),
    ...(weights.present && { weights: { file: weights.get('file').text(), sha256: weights.get('sha256').text() } }),
    engine: {
      name: optional(engine, 'name', 'unknown', text200),
      version: optional(engine, 'version', '', text200),
      device: optional(engine, 'device', '', text200),
    },
  };
}

function storedNetwork(field: Field, classes: number): Pick<RunHeader['network'], 'specification'> {
  if (!field.present) return {};
  return { specification: checked(field, (value, path) => parseStoredNetwork(value, path, classes)) };
}

/** Runs of before optimisers were a choice have `momentum` and `mirror` instead. */
const trainingForm = openObject({
  ...runTrainingForm.fields,
  momentum: optional(number(0, 1), 'Of sgd.'),
  mirror: optional(flag, 'Whether batches were mirrored.'),
});

function trainingOf(field: Field): RunTraining {
  const given = checked(field, (value, path) => check(trainingForm, value ?? {}, path));
  const { momentum, mirror, ...training } = given;
  return {
    ...(momentum !== undefined && { optimiser: { kind: 'sgd', momentum } }),
    ...training,
    ...(mirror && { augmentation: { mirror: 'batch' } }),
  };
}

function originOf(field: Field): DatasetOrigin {
  const source = field.get('source');
  // A path, not a name: kept as it is, and made safe where it is shown.
  if (source.present && (typeof source.value !== 'string' || source.value.length > 4096)) source.fail('is not a path');
  const imageSize = field.get('imageSize');
  const fit = field.get('fit');
  const split = field.get('split');
  return {
    ...(source.present && { source: source.value as string }),
    ...(imageSize.present && { imageSize: imageSize.whole(1, limits.imageSide) }),
    ...(fit.present && { fit: fit.oneOf(['crop', 'stretch'] as const) }),
    ...(field.get('skipCorrupt').present && { skipCorrupt: field.get('skipCorrupt').flag() }),
    ...(split.present && {
      split: { validation: split.get('validation').number(0, 1), seed: split.get('seed').whole(0, 2 ** 32 - 1) },
    }),
    content: field.get('content').text(),
  };
}

function parseLayers(field: Field, imageShape: [number, number, number], format: number): LayerRecord[] {
  const names = new Set<string>();
  return field.list(limits.layers, 1).map((layer, place) => {
    const index = layer.get('index').or(place + 1, (one) => one.whole());
    if (index !== place + 1)
      layer.get('index').fail(`is ${index}, not ${place + 1}: layers are numbered from 1 in order`);
    const name = layer.get('name').text();
    if (names.has(name)) layer.get('name').fail(`repeats "${name}"`);
    names.add(name);
    const units = layer.get('units').whole(1, limits.neurons);
    const receptiveField = layer.get('receptiveField');
    const label = layer.get('label').or(name, (one) => one.text());
    const kind = layer.get('kind').or('other', (one) => one.oneOf(layerCategories));
    const fallback = format === 1 && kind === 'activation' ? rangeByWords(`${label} ${name}`) : undefined;
    const range = layer.get('range').or(fallback, rangeOf);
    return {
      index,
      name,
      label,
      kind,
      units,
      shape: layer.get('shape').or<[number, number, number]>([1, 1, units], shapeOf),
      parameters: layer.get('parameters').or(0, (one) => one.whole()),
      receptiveField: receptiveField.or(
        { size: Math.max(imageShape[0], imageShape[1]), stride: 1, offset: 0 },
        (one) => ({
          size: one.get('size').whole(1, 2 ** 31),
          stride: one.get('stride').whole(1, 2 ** 31),
          offset: one.get('offset').whole(-(2 ** 31), 2 ** 31),
        }),
      ),
      ...(range && { range }),
    };
  });
}

/** Runs of format 1 do not say what an activation lies between, but what it is called. */
function rangeByWords(words: string): LayerRecord['range'] {
  if (/sigmoid/i.test(words)) return [0, 1];
  return /tanh/i.test(words) ? [-1, 1] : undefined;
}

function rangeOf(field: Field): LayerRecord['range'] {
  const [low, high] = field.list(2, 2).map((end) => end.number());
  return low < high ? [low, high] : field.fail('does not begin below its end');
}

const shapeOf = (field: Field): [number, number, number] => {
  const [height, width, channels] = field.list(3, 3).map((one) => one.whole(1, 2 ** 24));
  return [height, width, channels];
};

function newerFormat(file: string, format: number): DeepviewError {
  return new DeepviewError(
    'newer-format',
    `${printable(file, 1000)}: the run has format ${format}; this program reads up to format ${runFormat}`,
    { hint: 'Update deepview-tui: npm install -g deepview-tui@latest', exitCode: exitCodes.unreadable },
  );
}
