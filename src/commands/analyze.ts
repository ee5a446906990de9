import { resolve } from 'node:path';
import { openArrays, readArray, spatialMeans, type ArraySource } from '../engine/arrays/index.ts';
import { DeepviewError, exitCodes, type ExitCode } from '../engine/errors.ts';
import { limits } from '../engine/limits.ts';
import { groupByClass, layerMean, neuronMetrics } from '../engine/metrics/index.ts';
import { printable } from '../engine/printable.ts';
import { formatTable, printJson, printLine, type CommandContext } from './common.ts';

export interface AnalyzeOptions {
  /** .npy, .npz or .safetensors with activations, and labels unless they are in a file of their own. */
  file: string;
  /** .npy with the labels. */
  labels?: string;
}

/** What `analyze --json` prints. */
export interface AnalyzeReport {
  format: 1;
  /** Classes that occur. */
  classes: number;
  neurons: { index: number; discriminability: number; density: number }[];
  layer: { discriminability: number; density: number };
}

/** The paper's two metrics of anybody's activations, as a table or as JSON. */
export async function analyze(options: AnalyzeOptions, context: CommandContext): Promise<ExitCode> {
  const report = await analyzeFile(
    resolve(context.cwd, options.file),
    options.labels === undefined ? undefined : resolve(context.cwd, options.labels),
  );
  if (context.json) {
    printJson(context, report);
    return exitCodes.done;
  }
  const { neurons, layer, classes } = report;
  printLine(context, `${neurons.length} neurons, ${classes} classes, sorted by discriminability`);
  const sorted = [...neurons].sort((a, b) => b.discriminability - a.discriminability || a.index - b.index);
  const rows = [
    ['neuron', 'discriminability', 'density'],
    ...sorted.map((neuron) => [String(neuron.index), neuron.discriminability.toFixed(4), neuron.density.toFixed(4)]),
    ['layer', layer.discriminability.toFixed(4), layer.density.toFixed(4)],
  ].map(([name, d, n]) => [name.padStart(6), d.padStart(16), n.padStart(7)]);
  for (const line of formatTable(rows)) printLine(context, line);
  return exitCodes.done;
}

/**
 * Both metrics of the activations in a file.
 * @throws DeepviewError exit code 4, naming file and array
 */
export async function analyzeFile(file: string, labelsFile?: string): Promise<AnalyzeReport> {
  const opened = await openArrays(file);
  try {
    const activations = pick(opened.arrays, 'activations', file);
    const labels =
      labelsFile === undefined ? await readLabels(pickLabels(opened.arrays, file)) : await labelsOf(labelsFile);
    if (labels.length !== activations.shape[0]) {
      throw new DeepviewError(
        'length-mismatch',
        `${activations.origin} has ${activations.shape[0]} images, but there are ${labels.length} labels`,
        { hint: 'Every image needs exactly one label.', exitCode: exitCodes.unreadable },
      );
    }
    const samples = await spatialMeans(activations);
    const { discriminability, density } = neuronMetrics(samples, labels, { layer: activations.origin });
    return {
      format: 1,
      classes: groupByClass(labels).classes.length,
      neurons: Array.from(discriminability, (value, index) => ({
        index,
        discriminability: value,
        density: density[index],
      })),
      layer: { discriminability: layerMean(discriminability), density: layerMean(density) },
    };
  } finally {
    await opened.close();
  }
}

/** The array of a name; in an .npy file, the only one. */
function pick(arrays: readonly ArraySource[], name: string, file: string): ArraySource {
  const found = arrays.find((array) => array.name === name || array.name === '');
  if (found) return found;
  throw new DeepviewError('missing-array', `${printable(file, 1000)} has no array "${name}"`, {
    hint:
      arrays.length > 0
        ? `It has ${arrays
            .slice(0, 12)
            .map((array) => `"${array.name}" ${array.type} [${array.shape.join(', ')}]`)
            .join(', ')}.`
        : 'It has none at all.',
    exitCode: exitCodes.unreadable,
  });
}

function pickLabels(arrays: readonly ArraySource[], file: string): ArraySource {
  if (arrays.some((array) => array.name === '')) {
    throw new DeepviewError('missing-array', `${printable(file, 1000)} holds one array only: there are no labels`, {
      hint: 'Give them with --labels FILE.npy.',
      exitCode: exitCodes.unreadable,
    });
  }
  return pick(arrays, 'labels', file);
}

async function labelsOf(file: string): Promise<Float64Array> {
  const opened = await openArrays(file);
  try {
    return await readLabels(pick(opened.arrays, 'labels', file));
  } finally {
    await opened.close();
  }
}

/** @throws DeepviewError `bad-labels` unless the array is [N] of integers */
async function readLabels(source: ArraySource): Promise<Float64Array> {
  const refuse = (problem: string, hint: string): DeepviewError =>
    new DeepviewError('bad-labels', `${source.origin}: ${problem}`, { hint, exitCode: exitCodes.unreadable });
  if (source.shape.length !== 1) {
    throw refuse(`labels have the shape [${source.shape.join(', ')}], not [N]`, 'Give one class number an image.');
  }
  if (source.type.startsWith('float') || source.type === 'bool') {
    throw refuse(`labels are ${source.type}, not whole numbers`, 'Convert them: labels.astype("int64").');
  }
  const { data } = await readArray(source);
  const labels = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = labels.findIndex((label) => !Number.isSafeInteger(label) || label < 0);
  if (wrong >= 0) throw refuse(`the label of image ${wrong} is ${String(data[wrong])}`, 'Classes are numbered from 0.');
  const { classes } = groupByClass(labels);
  if (classes.length > limits.classes) {
    throw refuse(`there are ${classes.length} classes, more than ${limits.classes}`, 'Are these the labels?');
  }
  return labels;
}
