import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { analyze, analyzeFile, type AnalyzeReport } from '../../src/commands/analyze.ts';
import { encodeSafetensors, openArrays, readArray, type TensorToWrite } from '../../src/engine/arrays/index.ts';
import { neuronMetrics } from '../../src/engine/metrics/index.ts';
import expected from '../engine/arrays/fixtures/expected.json' with { type: 'json' };
import { textNpy } from '../engine/data/own/array-files.ts';
import { temporary } from '../engine/run/sample-run.ts';
import { sceneIn } from './scene.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../engine/arrays/fixtures/${name}`, import.meta.url));

const means = { values: Float64Array.from(expected['spatial means']), images: 12, neurons: 4 };
const labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];

/** A safetensors file of these tensors. */
async function tensors(content: Record<string, TensorToWrite>): Promise<string> {
  const path = join(await temporary(), 'x.safetensors');
  await writeFile(path, Buffer.concat(encodeSafetensors(new Map(Object.entries(content)))));
  return path;
}
const floats = (shape: number[], ...values: number[]): TensorToWrite => ({
  type: 'float32',
  shape,
  data: Float32Array.from(values),
});
const classes = (...values: number[]): TensorToWrite => ({
  type: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
});

test.each([
  ['stored.npz', undefined, 1e-12],
  ['deflated.npz', undefined, 1e-12],
  ['activations.safetensors', undefined, 2e-3],
  ['activations-fortran.npy', 'labels.npy', 1e-12],
])('%s (labels: %s) gives the metrics of its spatial means, as JSON', async (file, labelsFile, tolerance) => {
  const { context, out } = sceneIn('/', true);
  const given = { file: fixture(file), ...(labelsFile !== undefined && { labels: fixture(labelsFile) }) };
  expect(await analyze(given, context)).toBe(0);
  const report = JSON.parse(out()) as AnalyzeReport;
  const metrics = neuronMetrics(means, labels);
  expect([report.format, report.classes, report.neurons.map((neuron) => neuron.index)]).toEqual([2, 3, [0, 1, 2, 3]]);
  report.neurons.forEach((neuron, c) => {
    expect(Math.abs(neuron.metrics['discriminability'] - metrics.discriminability[c])).toBeLessThan(tolerance);
    expect(Math.abs(neuron.metrics['density'] - metrics.density[c])).toBeLessThan(tolerance);
  });
  const mean = report.neurons.reduce((sum, neuron) => sum + neuron.metrics['discriminability'], 0) / 4;
  expect(report.layer.metrics['discriminability']).toBeCloseTo(mean, 12);
});

test('as text, neurons are sorted by discriminability', async () => {
  const { context, out } = sceneIn('/');
  const file = await tensors({ activations: floats([2, 3], 0, 0, 0.5, 1, 3, 0.5), labels: classes(0, 1) });
  await analyze({ file, clusters: 2 }, context);
  const lines = out().split('\n');
  expect(lines[0]).toBe('3 neurons, 2 classes, sorted by discriminability');
  // Other metrics have columns of their own between density and cluster.
  expect(lines.slice(1, 6).map((line) => [line.slice(0, 33), /\d?$|cluster$/.exec(line.slice(33))?.[0]])).toEqual([
    ['neuron  discriminability  density', 'cluster'],
    ['     1            3.0000   0.5000', '1'],
    ['     0            1.0000   0.5000', '0'],
    ['     2            0.0000   0.5000', '0'],
    [' layer            1.3333   0.5000', expect.any(String)],
  ]);
  expect(lines.slice(6)).toEqual([
    'as a whole: separability 0.0000, dimension 1.0000',
    '2 clusters by average linkage',
    'cluster 0: 2 neurons around neuron 0',
    'cluster 1: 1 neuron around neuron 1',
    '',
  ]);
});

test('without labels there are all metrics but those of classes', async () => {
  const { context, out } = sceneIn('/', true);
  const file = await tensors({ activations: floats([2, 3], 0, 0, 0.5, 1, 3, 0.5) });
  expect(await analyze({ file }, context)).toBe(0);
  const report = JSON.parse(out()) as AnalyzeReport;
  expect(report).not.toHaveProperty('classes');
  expect(report.neurons.map(({ metrics }) => metrics['density'])).toEqual([0.5, 0.5, 0.5]);
  expect(report.neurons[0].metrics).not.toHaveProperty('discriminability');
  expect(report.clusters?.labels).toHaveLength(3);
  const text = sceneIn('/');
  await analyze({ file }, text.context);
  expect(text.out()).toMatch(/^3 neurons, no labels and so no metrics of classes, sorted by density\n/);
});

test('a value that is not finite is named by neuron and image', async () => {
  const file = await tensors({ activations: floats([2, 2], 0, 1, 2, NaN), labels: classes(0, 1) });
  await expect(analyzeFile(file)).rejects.toMatchObject({
    code: 'non-finite',
    exitCode: 4,
    message: expect.stringContaining('the activation of neuron 1 for image 1 is NaN'),
  });
});

const activations = floats([2, 2], 0, 1, 2, 3);
test.each<[string, Record<string, TensorToWrite>, string]>([
  ['labels of another length', { activations, labels: classes(0, 1, 1) }, 'has 2 images, but there are 3 labels'],
  ['one class only', { activations, labels: classes(5, 5) }, 'all 2 images are of one class'],
  [
    'one axis',
    { activations: floats([2], 0, 1), labels: classes(0, 1) },
    'its shape [2] is not a shape of activations',
  ],
  ['labels of two axes', { activations, labels: { ...classes(0, 1), shape: [2, 1] } }, 'labels have the shape [2, 1]'],
  ['float labels', { activations, labels: floats([2], 0, 1) }, 'labels are float32, not whole numbers'],
  ['negative labels', { activations, labels: classes(0, -1) }, 'the label of image 1 is -1'],
  [
    'whole-number activations',
    { activations: { ...classes(1, 2), shape: [2, 1] }, labels: classes(0, 1) },
    'activations are floating-point numbers, not int32',
  ],
  ['no activations', { act: activations, labels: classes(0, 1) }, 'has no array "activations"'],
  ['no image', { activations: floats([0, 2]), labels: classes() }, 'its shape [0, 2] holds nothing'],
])('%s: refused with what is wrong', async (_, content, message) => {
  const analysing = analyzeFile(await tensors(content));
  await expect(analysing).rejects.toMatchObject({ exitCode: 4 });
  await expect(analysing).rejects.toThrow(message);
});

test('one neuron is not called neurons', async () => {
  const content = { activations: floats([4, 1], 0, 1, 2, 3), labels: classes(0, 1, 0, 1) };
  const { context, out } = sceneIn('/');
  await analyze({ file: await tensors(content) }, context);
  expect(out()).toMatch(/^1 neuron, 2 classes/);
  expect(out()).toContain('\n1 cluster by');
});

test('a missing array is told with those there are', async () => {
  const file = await tensors({ 'ac\u001bt': activations });
  await expect(analyzeFile(file)).rejects.toMatchObject({
    hint: 'It has "ac\ufffdt" float32 [2, 2]. Choose one with --array NAME.',
  });
  await expect(analyzeFile(file, undefined, { array: 'conv' })).rejects.toMatchObject({
    message: expect.stringContaining('has no array "conv"') as string,
    hint: 'It has "ac\ufffdt" float32 [2, 2].',
  });
});

test('of several layers in one file, the one that is named is analysed', async () => {
  const file = await tensors({
    conv1: floats([2, 3], 0, 0, 0.5, 1, 3, 0.5),
    fc: floats([2, 2], 0, 1, 2, 3),
    labels: classes(0, 1),
  });
  expect((await analyzeFile(file, undefined, { array: 'conv1' })).neurons).toHaveLength(3);
  expect((await analyzeFile(file, undefined, { array: 'fc' })).neurons).toHaveLength(2);
});

/** 2 images of 3 neurons at 2 x 2 positions, channels last: neuron c of image n is n + c at each but for +-1. */
const nhwc = Array.from({ length: 24 }, (_, at) => Math.floor(at / 12) + (at % 3) + (Math.floor(at / 3) % 2 ? 1 : -1));
const nchw = [0, 1].flatMap((n) => [0, 1, 2].flatMap((c) => [0, 1, 2, 3].map((p) => nhwc[n * 12 + p * 3 + c])));

test('channels first and channels last are the same neurons, once --layout says so', async () => {
  const last = await tensors({ activations: floats([2, 2, 2, 3], ...nhwc), labels: classes(0, 1) });
  const first = await tensors({ activations: floats([2, 3, 2, 2], ...nchw), labels: classes(0, 1) });
  const [lastReport, firstReport] = [await analyzeFile(last), await analyzeFile(first, undefined, { layout: 'nchw' })];
  expect(firstReport).toEqual(lastReport);
  expect(lastReport.notes).toEqual([]);
  // A map that would not be square: most likely these are PyTorch's axes.
  const scene = sceneIn('/');
  await analyze({ file: first }, scene.context);
  expect(scene.err()).toContain('is taken for 3x2 positions of 2 neurons, [N, H, W, C]; --layout nchw reads');
  expect((await analyzeFile(first, undefined, { layout: 'nhwc' })).notes).toEqual([]);
});

test('tokens [N, T, C] are averaged over T, and what lies where is said', async () => {
  const file = await tensors({ activations: floats([2, 4, 3], ...nhwc), labels: classes(0, 1) });
  const whole = await tensors({ activations: floats([2, 2, 2, 3], ...nhwc), labels: classes(0, 1) });
  const { notes, ...report } = await analyzeFile(file);
  expect(report).toEqual({ ...(await analyzeFile(whole)), notes: undefined });
  expect(notes).toEqual([expect.stringContaining('4 positions of 3 neurons, [N, ..., C]')]);
});

test('labels may be names, beside the activations or in a file of their own', async () => {
  const directory = await temporary();
  const names = join(directory, 'names.npy');
  await writeFile(names, textNpy(['cat', 'ant']));
  const file = await tensors({ activations });
  const report = await analyzeFile(file, names);
  expect(report.classes).toBe(2);
  expect(report).toEqual(await analyzeFile(await tensors({ activations, labels: classes(1, 0) })));
});

test('bfloat16, which only safetensors have, is the upper half of single precision', async () => {
  const values = [0, 1, -2.5, 3];
  const bits = Uint16Array.from(values, (value) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16);
  const file = await tensors({ activations: { type: 'bfloat16', shape: [2, 2], data: bits }, labels: classes(0, 1) });
  const same = await tensors({ activations: floats([2, 2], ...values), labels: classes(0, 1) });
  expect(await analyzeFile(file)).toEqual(await analyzeFile(same));
});

test.each([
  ['c.csv', '0.1,0.2\n0.3,0.4\n'],
  ['c.h5', '\x89HDF\r\n\x1a\nand more'],
])('%s is no file of arrays: the formats are named', async (name, content) => {
  const path = join(await temporary(), name);
  await writeFile(path, content, 'latin1');
  await expect(analyzeFile(path)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('it is no .npy, .npz or .safetensors file') as string,
    hint: expect.stringContaining('numpy') as string,
  });
});

test('clusters and distances are those of the neurons, and numpy reads the file', async () => {
  const { context, out } = sceneIn('/', true);
  const distances = join(await temporary(), 'd.npy');
  const file = await tensors({ activations: floats([2, 3], 0, 1, 0.5, 1, 3, 0.5), labels: classes(0, 1) });
  await analyze({ file, clusters: 2, linkage: 'complete', distances }, context);
  const { clusters } = JSON.parse(out()) as AnalyzeReport;
  expect(clusters).toMatchObject({ linkage: 'complete', k: 2, labels: [0, 1, 0], medoids: [0, 1] });
  expect(clusters?.positions).toHaveLength(3);
  // One image a class: the distance is the sum of the absolute differences.
  const opened = await openArrays(distances);
  const array = await readArray(opened.arrays[0]);
  await opened.close();
  expect(array).toEqual({ type: 'float64', shape: [3, 3], data: Float64Array.of(0, 3, 1, 3, 0, 3, 1, 3, 0) });
});

test('a file of distances is replaced, but never the input', async () => {
  const { context } = sceneIn('/');
  const file = await tensors({ activations: floats([2, 3], 0, 1, 0.5, 1, 3, 0.5), labels: classes(0, 1) });
  const link = join(await temporary(), 'link');
  await symlink(file, link);
  const before = await readFile(file);
  for (const distances of [file, link]) {
    await expect(analyze({ file, distances }, context)).rejects.toMatchObject({ code: 'own-input', exitCode: 2 });
  }
  // Labels in a file of their own are an input like the activations.
  const plain = await tensors({ activations: floats([2, 3], 0, 1, 0.5, 1, 3, 0.5) });
  await expect(analyze({ file: plain, labels: file, distances: file }, context)).rejects.toMatchObject({
    code: 'own-input',
    exitCode: 2,
  });
  expect(await readFile(file)).toEqual(before);
  const distances = join(await temporary(), 'd.npy');
  await writeFile(distances, 'old');
  await analyze({ file, distances }, context);
  expect((await readFile(distances)).length).toBe(128 + 72);
});

test('too many neurons to cluster still have metrics, also where clusters or distances were asked for', async () => {
  const neurons = 4097;
  const values = Array.from({ length: 2 * neurons }, (_, at) => at % 7);
  const file = await tensors({ activations: floats([2, neurons], ...values), labels: classes(0, 1) });
  const report = await analyzeFile(file);
  expect(report.neurons).toHaveLength(neurons);
  expect(report).not.toHaveProperty('clusters');
  expect(report.notes).toEqual([
    'there are no distances and no clusters: 4097 neurons are too many to cluster; at most 4096 are.',
  ]);
  for (const option of [{ clusters: 3 }, { distances: join(await temporary(), 'd.npy') }]) {
    const { context, out } = sceneIn('/');
    const wanted = analyze({ file, ...option }, context);
    await expect(wanted).rejects.toMatchObject({ code: 'too-many-neurons', exitCode: 4 });
    expect(out().split('\n')).toHaveLength(neurons + 5);
  }
});

test('distances too large for a number are left out, and the rest is there', async () => {
  const data = Float64Array.of(-1.7e308, 1.7e308, 1.7e308, -1.7e308, 1, 2);
  const file = await tensors({ activations: { type: 'float64', shape: [2, 3], data }, labels: classes(0, 1) });
  const { context, out, err } = sceneIn('/');
  expect(await analyze({ file }, context)).toBe(0);
  expect(err()).toContain(
    'there are no distances and no clusters: the distances of the neurons are beyond the largest number',
  );
  expect(out()).toContain('3 neurons, 2 classes');
});

test('an offset leaves neurons their distances, and huge activations their metrics', async () => {
  const values = Array.from({ length: 40 * 6 }, (_, at) => Math.sin(at * 1.3) + (at % 6 < 3 ? 0 : 5));
  const labels = classes(...Array.from({ length: 40 }, (_, image) => image % 2));
  const analysed = async (change: (value: number) => number): Promise<AnalyzeReport> =>
    analyzeFile(
      await tensors({
        activations: { type: 'float64', shape: [40, 6], data: Float64Array.from(values, change) },
        labels,
      }),
    );
  const usual = await analysed((value) => value);
  expect(usual.clusters?.k).toBe(5);
  for (const [offset, scale] of [
    [1e6, 1e-3],
    [0, 1e200],
  ]) {
    const report = await analysed((value) => offset + scale * value);
    expect(report.clusters?.labels).toEqual(usual.clusters?.labels);
    report.neurons.forEach(({ metrics }, neuron) => {
      const wanted = usual.neurons[neuron].metrics['discriminability'];
      expect(Math.abs(metrics['discriminability'] / scale - wanted)).toBeLessThan(1e-6);
    });
  }
});
