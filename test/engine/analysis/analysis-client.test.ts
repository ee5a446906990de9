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
  const [one, both] = await Promise.all([
    analysis.metrics([{ samples: first }], labels),
    analysis.metrics([{ samples: second }, { samples: first }], labels),
  ]);
  expect(one.layers).toEqual([neuronMetrics(first, labels)]);
  expect(both.layers).toEqual([neuronMetrics(second, labels), neuronMetrics(first, labels)]);
  expect(one.seconds).toBeGreaterThan(0);
  // The caller's samples are still its own: it has yet to write them to the run.
  expect(first.values).toHaveLength(6);
});

test('an error comes back as it was, and the thread goes on', async () => {
  const bad = analysis.metrics([{ samples: samplesOf(0, 1, 2, NaN), origin: 'layer 4 (relu1)' }], [0, 1], 12);
  await expect(bad).rejects.toMatchObject({
    name: 'DeepviewError',
    code: 'non-finite',
    exitCode: 4,
    message: 'layer 4 (relu1), epoch 12: the activation of neuron 1 for image 1 is NaN',
  });
  const after = await analysis.metrics([{ samples: samplesOf(0, 1, 2, 3) }], [0, 1]);
  expect(after.layers).toHaveLength(1);
});

test('a thread that ends fails what it owes, and what is asked later', async () => {
  const short = startAnalysis(programFile('analysis-worker'));
  const waiting = short.metrics([{ samples: samplesOf(0, 1, 2, 3) }], [0, 1]);
  const failure = expect(waiting).rejects.toMatchObject({ code: 'analysis-stopped' });
  await short.close();
  await failure;
  await expect(short.metrics([], [])).rejects.toMatchObject({ code: 'analysis-stopped' });
});
