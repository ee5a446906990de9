import { expect, test } from 'vitest';
import { findFlags, type FlagInput } from '../../../../src/engine/analysis/questions/flags.ts';
import { neuronDistances } from '../../../../src/engine/analysis/neuron-distances.ts';
import { neuronMetrics } from '../../../../src/engine/metrics/index.ts';

const labels = [0, 0, 0, 0, 1, 1, 1, 1];

/** A layer whose neurons have these activations for eight images of two classes. */
async function flagsOf(neurons: number[][], layer: Partial<FlagInput['layer']> = {}) {
  const values = Float32Array.from(labels.flatMap((_, image) => neurons.map((answers) => answers[image])));
  const samples = { values, images: labels.length, neurons: neurons.length };
  const metrics = neuronMetrics(samples, labels);
  const found = findFlags({
    layer,
    samples,
    metrics,
    distances: await neuronDistances(samples, labels),
    history: [metrics.discriminability],
  });
  return found.filter(({ kind }) => kind !== 'outlier').map(({ neuron, kind, reason }) => [neuron, kind, reason]);
}

const busy = [0, 0.2, 0.1, 0, 3, 4, 5, 3];
const other = [0.5, 0, 0.9, 0, 0, 1, 0, 2];

test('a neuron whose activations never change is dead, whatever they are', async () => {
  const found = await flagsOf([busy, Array<number>(8).fill(0), other, Array<number>(8).fill(-0.25)]);
  expect(found).toEqual([
    [1, 'dead', 'never active'],
    [3, 'dead', '-0.250 for every image'],
  ]);
});

test('neurons with like activations are told, the later of each two; dead ones are not', async () => {
  const nearly = busy.map((value) => value + 0.001);
  const zero = Array<number>(8).fill(0);
  expect(await flagsOf([zero, busy, other, nearly, zero, busy])).toEqual([
    [0, 'dead', 'never active'],
    [4, 'dead', 'never active'],
    [3, 'duplicate', 'activations like those of neuron 1'],
    [5, 'duplicate', 'activations like those of neuron 1'],
  ]);
});

test('a neuron is a duplicate up to a hundredth of the median distance', async () => {
  const alike = async (share: number): Promise<unknown[]> => {
    // Neurons that differ by a constant are that far apart in each class: their median is that of 0 and 100.
    const offsets = [0, share * 100, 100, 200];
    return flagsOf(offsets.map((offset) => busy.map((value) => value + offset)));
  };
  expect(await alike(0.0099)).toEqual([[1, 'duplicate', 'activations like those of neuron 0']]);
  expect(await alike(0.0101)).toEqual([]);
});

test('a sigmoid at its ends is saturated; in between it is not', async () => {
  const ends = [0.01, 0.99, 0.02, 1, 0.97, 0, 0.03, 0.999];
  const between = [0.3, 0.5, 0.01, 0.7, 0.2, 0.6, 0.4, 0.99];
  expect(await flagsOf([between, ends], { range: [0, 1] })).toEqual([
    [1, 'saturated', '100 % of its activations are at the ends'],
  ]);
  expect(await flagsOf([between, ends])).toEqual([]);
  const signed = ends.map((value) => 2 * value - 1);
  expect(await flagsOf([between, signed], { range: [-1, 1] })).toEqual([
    [1, 'saturated', '100 % of its activations are at the ends'],
  ]);
});

test('a neuron that is always active and tells no classes apart is saturated', async () => {
  const always = [7, 7.1, 7.2, 7.3, 7.1, 7, 7.2, 7.35];
  const telling = [7, 7.1, 7.2, 7.3, 17, 18, 19, 20];
  const [found] = await flagsOf([busy, always, telling, other]);
  expect(found.slice(0, 2)).toEqual([1, 'saturated']);
  expect(found[2]).toMatch(/^always active, and tells classes apart by 0\.\d{3} where the layer's median is \d/);
});

test('one neuron, and all neurons alike', async () => {
  expect(await flagsOf([busy])).toEqual([]);
  expect(await flagsOf([busy, busy, busy])).toEqual([
    [1, 'duplicate', 'activations like those of neuron 0'],
    [2, 'duplicate', 'activations like those of neuron 0'],
  ]);
});

test('outliers come last, with their reasons', async () => {
  const values = Float32Array.from(
    labels.flatMap((label) => [label, label * 1.1, label * 0.9, label * 1.05, label * 50]),
  );
  const samples = { values, images: 8, neurons: 5 };
  const metrics = neuronMetrics(samples, labels);
  const found = findFlags({
    layer: {},
    samples,
    metrics,
    distances: await neuronDistances(samples, labels),
    history: [metrics.discriminability],
  });
  expect(found.map(({ neuron, kind }) => [neuron, kind])).toEqual([
    [2, 'outlier'],
    [4, 'outlier'],
  ]);
  expect(found[1].reason).toContain('highest discriminability');
});
