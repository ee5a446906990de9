import { afterAll, expect, test } from 'vitest';
import { startAnalysis } from '../../../src/engine/analysis/analysis-client.ts';
import { neuronMetrics } from '../../../src/engine/metrics/index.ts';
import { programFile } from '../../../src/engine/base/program-files.ts';

const analysis = startAnalysis(programFile('analysis-worker'));
afterAll(() => analysis.close());

const samplesOf = (...values: number[]) => ({
  values: Float32Array.from(values),
  images: values.length / 2,
  neurons: 2,
});

test('the thread computes what the functions do, each answer to its question', async () => {
  const first = samplesOf(0, 1, 2, 3, 4, 5);
  const second = samplesOf(1, 0, 0.5, 0, 0.25, 9);
  const labels = [0, 1, 1];
  const [one, both] = await Promise.all([analysis.metrics([first], labels), analysis.metrics([second, first], labels)]);
  expect(one.layers).toEqual([neuronMetrics(first, labels)]);
  expect(both.layers).toEqual([neuronMetrics(second, labels), neuronMetrics(first, labels)]);
  expect(one.seconds).toBeGreaterThan(0);
  // The caller's samples are still its own: it has yet to write them to the run.
  expect(first.values).toHaveLength(6);
});

test('an error comes back as it was, and the thread goes on', async () => {
  const bad = analysis.metrics([samplesOf(0, 1, 2, 3)], [0, 1, 1]);
  await expect(bad).rejects.toMatchObject({
    name: 'DeepviewError',
    code: 'length-mismatch',
    exitCode: 4,
    message: '3 labels for 2 images',
  });
  const after = await analysis.metrics([samplesOf(0, 1, 2, 3)], [0, 1]);
  expect(after.layers).toHaveLength(1);
});

test('a layer whose samples are not all finite has their number alone, and the others all their metrics', async () => {
  const [bad, good] = [samplesOf(0, Infinity, 2, NaN), samplesOf(0, 1, 2, 3)];
  const { layers } = await analysis.metrics([bad, good], [0, 1]);
  expect(layers).toEqual([{ nonfinite: Float64Array.of(0, 2) }, neuronMetrics(good, [0, 1])]);
});

test('without two classes there are all metrics that need none, and only those that are wanted', async () => {
  const samples = samplesOf(0, 1, 2, 3);
  expect((await analysis.metrics([samples], undefined)).layers).toEqual([neuronMetrics(samples, undefined)]);
  expect((await analysis.metrics([samples], [1, 1])).layers).toEqual([neuronMetrics(samples, undefined)]);
  const { density } = neuronMetrics(samples, undefined);
  expect((await analysis.metrics([samples], [0, 1], ['density'])).layers).toEqual([{ density }]);
});

test('a thread that ends fails what it owes, and what is asked later', async () => {
  const short = startAnalysis(programFile('analysis-worker'));
  const waiting = short.metrics([samplesOf(0, 1, 2, 3)], [0, 1]);
  const failure = expect(waiting).rejects.toMatchObject({ code: 'analysis-stopped' });
  await short.close();
  await failure;
  await expect(short.metrics([], [])).rejects.toMatchObject({ code: 'analysis-stopped' });
});
