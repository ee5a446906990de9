import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DistanceMatrix } from '../engine/analysis/neuron-distances.ts';
import type { Linkage } from '../engine/analysis/choices.ts';
import { clusterNeurons } from '../engine/analysis/neuron-clusters.ts';
import {
  encodeNpy,
  isFloat,
  openArrays,
  readArray,
  spatialMeans,
  type ArrayFile,
  type ArraySource,
  type Layout,
  type TextSource,
} from '../engine/arrays/index.ts';
import { counted } from '../engine/base/counted.ts';
import { DeepviewError, exitCodes, unreadable, type ExitCode } from '../engine/base/errors.ts';
import { writeNamedFile } from '../engine/base/write-files.ts';
import { limits } from '../engine/base/limits.ts';
import { figure, groupByClass, neuronMetrics, ofLayer, wholeMetrics } from '../engine/metrics/index.ts';
import { printable } from '../engine/base/printable.ts';
import { formatTable, printJson, printLine, printNotice, requireEnding, type CommandContext } from './common.ts';
import { clustersJson, type ClustersJson } from './show-json.ts';

export interface AnalyzeOptions {
  /** .npy, .npz or .safetensors with activations, and labels unless they are in a file of their own. */
  file: string;
  /** The array with the activations; `activations` by default. */
  array?: string;
  /** Which axis the neurons lie along; `nhwc` by default. */
  layout?: Layout;
  /** .npy with the labels. */
  labels?: string;
  /** Clusters of neurons; 5 by default. */
  clusters?: number;
  linkage?: Linkage;
  /** .npy to write the neurons' distances to, [neurons, neurons] float64. */
  distances?: string;
}

/** What `analyze --json` prints; format 2. */
export interface AnalyzeReport {
  format: 2;
  /** Classes that occur; absent without labels. */
  classes?: number;
  /** By metric: a value per neuron, and one of the layer. Without labels there are none of classes. */
  neurons: { index: number; metrics: Record<string, number> }[];
  layer: { metrics: Record<string, number> };
  /** Absent where there are more than 4 096 neurons, or where these are too far apart. Without labels all images count as one class. */
  clusters?: ClustersJson;
  /** What was taken for granted of the activations, and what cannot be computed of them, a line each. */
  notes: string[];
}

/**
 * The metrics of any activations, and how their neurons group, as a table or as JSON. An existing
 * file of distances is replaced as a whole, as `show -o` does, but never one that the activations or labels came from.
 * @throws DeepviewError `own-input` (exit code 2), what `analyzeFile` throws, and, where clusters or distances were asked
 * for and cannot be, why not: `too-many-neurons`, `distances-too-large` (exit code 4), once the metrics are printed
 */
export async function analyze(options: AnalyzeOptions, context: CommandContext): Promise<ExitCode> {
  const absolute = (file: string | undefined): string | undefined => file && resolve(context.cwd, file);
  const target = absolute(options.distances);
  const inputs = [resolve(context.cwd, options.file), absolute(options.labels)] as const;
  if (target !== undefined) await requireOther(target, inputs);
  requireEnding(options.distances, ['.npy']);
  const { clusters: k, linkage } = options;
  const { distances, leftOut, ...report } = await analyzed(inputs[0], inputs[1], options, {
    ...(k !== undefined && { k }),
    ...(linkage && { linkage }),
  });
  if (target !== undefined && distances) {
    const { count, values } = distances;
    await writeNamedFile(target, encodeNpy('float64', [count, count], values));
  }
  if (context.json) printJson(context, report);
  else {
    for (const note of report.notes) printNotice(context, note);
    for (const line of tableLines(report)) printLine(context, line);
  }
  if (leftOut && (k ?? linkage ?? target) !== undefined) throw leftOut;
  return exitCodes.done;
}

function tableLines({ neurons, layer, classes, clusters }: AnalyzeReport): string[] {
  const ids = Object.keys(neurons[0].metrics);
  const whole = Object.keys(layer.metrics).filter((id) => !ids.includes(id));
  const [first] = ids;
  const sorted = [...neurons].sort((a, b) => b.metrics[first] - a.metrics[first] || a.index - b.index);
  const cells = (metrics: Record<string, number>): string[] => ids.map((id) => figure(metrics[id], 4));
  const clusterOf = (index: number): number[] => (clusters ? [clusters.labels[index]] : []);
  const rows = [
    ['neuron', ...ids, ...(clusters ? ['cluster'] : [])],
    ...sorted.map(({ index, metrics }) => [index, ...cells(metrics), ...clusterOf(index)]),
    ['layer', ...cells(layer.metrics)],
  ];
  const labels =
    classes === undefined ? 'no labels and so no metrics of classes' : counted(classes, 'class', 'classes');
  return [
    `${counted(neurons.length, 'neuron')}, ${labels}, sorted by ${first}`,
    ...formatTable(rows, [...rows[0].keys()]),
    ...(whole.length > 0
      ? [`as a whole: ${whole.map((id) => `${id} ${figure(layer.metrics[id], 4)}`).join(', ')}`]
      : []),
    ...(clusters ? clusterLines(clusters) : []),
  ];
}

/** A line per cluster: how many neurons, around which one. */
function clusterLines(clusters: ClustersJson): string[] {
  return [
    `${counted(clusters.k, 'cluster')} by ${clusters.linkage} linkage`,
    ...clusters.medoids.map((medoid, cluster) => {
      const size = clusters.labels.filter((label) => label === cluster).length;
      return `cluster ${cluster}: ${counted(size, 'neuron')} around neuron ${medoid}`;
    }),
  ];
}

async function requireOther(target: string, inputs: readonly (string | undefined)[]): Promise<void> {
  // By what they are, not by what they are called: links are the same file.
  const identity = async (file: string): Promise<string> =>
    stat(file).then(
      ({ dev, ino }) => `${dev} ${ino}`,
      () => file,
    );
  const own = await identity(target);
  for (const input of inputs) {
    if (input === undefined || (await identity(input)) !== own) continue;
    throw new DeepviewError('own-input', `${printable(target, 1000)} is what is analysed; it is not overwritten`, {
      hint: 'Give another name with --distances.',
      exitCode: exitCodes.usage,
    });
  }
}

/**
 * The metrics of the activations in a file, and clusters of their neurons where there can be some.
 * @throws DeepviewError exit code 4, naming file and array
 */
export async function analyzeFile(
  file: string,
  labelsFile?: string,
  options: Pick<AnalyzeOptions, 'array' | 'layout'> = {},
): Promise<AnalyzeReport> {
  const { distances: _, leftOut: __, ...report } = await analyzed(file, labelsFile, options, {});
  return report;
}

async function analyzed(
  file: string,
  labelsFile: string | undefined,
  { array, layout }: Pick<AnalyzeOptions, 'array' | 'layout'>,
  clustering: { k?: number; linkage?: Linkage },
): Promise<AnalyzeReport & { distances?: DistanceMatrix; leftOut?: DeepviewError }> {
  const opened = await openArrays(file);
  try {
    const activations = pick(opened.arrays, array ?? 'activations', file, array !== undefined);
    const labels = labelsFile === undefined ? await labelsIn(opened) : await labelsOf(labelsFile);
    if (labels && labels.length !== activations.shape[0]) {
      throw new DeepviewError(
        'length-mismatch',
        `${activations.origin} has ${activations.shape[0]} images, but there are ${labels.length} labels`,
        { hint: 'Every image needs exactly one label.', exitCode: exitCodes.unreadable },
      );
    }
    const samples = await spatialMeans(activations, layout);
    const metrics = neuronMetrics(samples, labels, { layer: activations.origin });
    // Without labels, neurons are grouped by all that they do.
    const classOf = labels ?? new Uint8Array(samples.images);
    let leftOut: DeepviewError | undefined;
    const clusters = await clusterNeurons(samples, classOf, clustering).catch((thrown: unknown) => {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      leftOut = thrown;
      return undefined;
    });
    const each = <Value>(value: (id: string) => Value): Record<string, Value> =>
      Object.fromEntries(Object.keys(metrics).map((id) => [id, value(id)]));
    return {
      format: 2,
      ...(labels && { classes: groupByClass(labels).classes.length }),
      neurons: Array.from({ length: samples.neurons }, (_, index) => ({
        index,
        metrics: each((id) => metrics[id][index]),
      })),
      layer: { metrics: { ...each((id) => ofLayer(id, metrics[id])), ...wholeMetrics(samples, labels) } },
      notes: [
        ...(layout === undefined ? assumed(activations) : []),
        ...(leftOut ? [`there are no distances and no clusters: ${leftOut.message}`] : []),
      ],
      ...(leftOut && { leftOut }),
      ...(clusters && { clusters: clustersJson(clusters), distances: clusters.distances }),
    };
  } finally {
    await opened.close();
  }
}

/** What shapes that may mean two things were taken for. */
function assumed({ shape, origin }: ArraySource): string[] {
  const [, height, width] = shape;
  // Maps are square nearly always; where these are not, the axes are most likely PyTorch's.
  if (shape.length === 2 || (shape.length === 4 && height === width)) return [];
  const [positions, neurons] = [shape.slice(1, -1).join('x'), shape[shape.length - 1]];
  const [first, last] = shape.length === 4 ? ['[N, C, H, W]', '[N, H, W, C]'] : ['[N, C, ...]', '[N, ..., C]'];
  return [
    `${origin} [${shape.join(', ')}] is taken for ${positions} positions of ${counted(neurons, 'neuron')}, ${last}; ` +
      `--layout nchw reads ${first}, as PyTorch has it, and --layout nhwc what this did`,
  ];
}

/**
 * The array of a name; in an .npy file, which has no names, the only one.
 * @param isAsked whether the name was asked for, and is not only the usual one
 */
function pick(arrays: readonly ArraySource[], name: string, file: string, isAsked = false): ArraySource {
  const found = arrays.find((array) => array.name === name || (array.name === '' && !isAsked));
  if (found) return found;
  const floats = arrays.filter(({ type, shape }) => isFloat(type) && shape.length > 1);
  const there = (floats.length > 0 ? floats : arrays).map((array) =>
    array.name === '' ? 'one array without a name' : `"${array.name}" ${array.type} [${array.shape.join(', ')}]`,
  );
  const more = there.length > 12 ? `, and ${there.length - 12} more` : '';
  const choose = !isAsked && floats.length > 0 ? ' Choose one with --array NAME.' : '';
  throw unreadable(
    'missing-array',
    `${printable(file, 1000)} has no array "${printable(name)}"`,
    arrays.length > 0 ? `It has ${there.slice(0, 12).join(', ')}${more}.${choose}` : 'It has none at all.',
  );
}

/** The labels beside the activations, where there are some. */
async function labelsIn({ arrays, texts = [] }: ArrayFile): Promise<Float64Array | undefined> {
  const source = [...arrays, ...texts].find(({ name }) => name === 'labels');
  return source && readLabels(source);
}

async function labelsOf(file: string): Promise<Float64Array> {
  const opened = await openArrays(file);
  try {
    return (
      (await labelsIn(opened)) ??
      (await readLabels(opened.texts?.find(({ name }) => name === '') ?? pick(opened.arrays, 'labels', file)))
    );
  } finally {
    await opened.close();
  }
}

/** @throws DeepviewError `bad-labels` unless the array is [N] of whole numbers from 0, or of names */
async function readLabels(source: ArraySource | TextSource): Promise<Float64Array> {
  const refuse = (problem: string, hint: string): DeepviewError =>
    unreadable('bad-labels', `${source.origin}: ${problem}`, hint);
  const labels = 'read' in source ? numbered(await source.read()) : await readNumbers(source, refuse);
  const { classes } = groupByClass(labels);
  if (classes.length > limits.classes) {
    throw refuse(`there are ${classes.length} classes, more than ${limits.classes}`, 'Are these the labels?');
  }
  return labels;
}

/** Names as numbers, in the names' order. */
function numbered(names: readonly string[]): Float64Array {
  const places = new Map([...new Set(names)].sort().map((name, place) => [name, place]));
  return Float64Array.from(names, (name) => places.get(name)!);
}

async function readNumbers(
  source: ArraySource,
  refuse: (problem: string, hint: string) => DeepviewError,
): Promise<Float64Array> {
  if (source.shape.length !== 1) {
    throw refuse(
      `labels have the shape [${source.shape.join(', ')}], not [N]`,
      'Give one class number per image; of one-hot labels that is labels.argmax(1).',
    );
  }
  if (isFloat(source.type) || source.type === 'bool') {
    throw refuse(`labels are ${source.type}, not whole numbers`, 'Convert them: labels.astype("int64").');
  }
  const { data } = await readArray(source);
  const labels = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = labels.findIndex((label) => !Number.isSafeInteger(label) || label < 0);
  if (wrong >= 0) throw refuse(`the label of image ${wrong} is ${String(data[wrong])}`, 'Classes are numbered from 0.');
  return labels;
}
