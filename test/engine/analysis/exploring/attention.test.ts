import { expect, test } from 'vitest';
import { findAttention, type AttentionInput } from '../../../../src/engine/analysis/exploring/attention.ts';
import { neuronDistances } from '../../../../src/engine/analysis/neuron-distances.ts';
import { neuronMetrics } from '../../../../src/engine/metrics/index.ts';

const labels = [0, 0, 0, 0, 1, 1, 1, 1];

/** A layer whose neurons answer so to eight images of two classes. */
async function attentionOf(neurons: number[][], layer: Partial<AttentionInput['layer']> = {}) {
  const values = Float32Array.from(labels.flatMap((_, image) => neurons.map((answers) => answers[image])));
  const samples = { values, images: labels.length, neurons: neurons.length };
  const metrics = neuronMetrics(samples, labels);
  const found = findAttention({
    layer,
    samples,
    metrics,
    distances: await neuronDistances(samples, labels),
    history: [metrics.discriminability],
  });
  return found.filter(({ kind }) => kind !== 'outstanding').map(({ neuron, kind, reason }) => [neuron, kind, reason]);
}

const busy = [0, 0.2, 0.1, 0, 3, 4, 5, 3];
const other = [0.5, 0, 0.9, 0, 0, 1, 0, 2];

test('a neuron whose answers never change is dead, whatever they are', async () => {
  const found = await attentionOf([busy, Array<number>(8).fill(0), other, Array<number>(8).fill(-0.25)]);
  expect(found).toEqual([
    [1, 'dead', 'never active'],
    [3, 'dead', 'answers -0.250 to every image'],
  ]);
});

test('neurons that answer alike are told, the later of each two; dead ones are not', async () => {
  const nearly = busy.map((value) => value + 0.001);
  const zero = Array<number>(8).fill(0);
  expect(await attentionOf([zero, busy, other, nearly, zero, busy])).toEqual([
    [0, 'dead', 'never active'],
    [4, 'dead', 'never active'],
    [3, 'duplicate', 'answers like neuron 1'],
    [5, 'duplicate', 'answers like neuron 1'],
  ]);
});

test('a sigmoid at its ends is saturated; in between it is not', async () => {
  const ends = [0.01, 0.99, 0.02, 1, 0.97, 0, 0.03, 0.999];
  const between = [0.3, 0.5, 0.01, 0.7, 0.2, 0.6, 0.4, 0.99];
  expect(await attentionOf([between, ends], { range: [0, 1] })).toEqual([
    [1, 'saturated', '100 % of its answers are at the ends'],
  ]);
  expect(await attentionOf([between, ends])).toEqual([]);
  const signed = ends.map((value) => 2 * value - 1);
  expect(await attentionOf([between, signed], { range: [-1, 1] })).toEqual([
    [1, 'saturated', '100 % of its answers are at the ends'],
  ]);
});

test('a neuron that is always active and tells no classes apart is saturated', async () => {
  const always = [7, 7.1, 7.2, 7.3, 7.1, 7, 7.2, 7.35];
  const telling = [7, 7.1, 7.2, 7.3, 17, 18, 19, 20];
  const [found] = await attentionOf([busy, always, telling, other]);
  expect(found.slice(0, 2)).toEqual([1, 'saturated']);
  expect(found[2]).toMatch(/^always active, and tells classes apart by 0\.\d{3} where the layer's median is \d/);
});

test('one neuron, and all neurons alike', async () => {
  expect(await attentionOf([busy])).toEqual([]);
  expect(await attentionOf([busy, busy, busy])).toEqual([
    [1, 'duplicate', 'answers like neuron 0'],
    [2, 'duplicate', 'answers like neuron 0'],
  ]);
});

test('outstanding neurons come last, with their reasons', async () => {
  const values = Float32Array.from(
    labels.flatMap((label) => [label, label * 1.1, label * 0.9, label * 1.05, label * 50]),
  );
  const samples = { values, images: 8, neurons: 5 };
  const metrics = neuronMetrics(samples, labels);
  const found = findAttention({
    layer: {},
    samples,
    metrics,
    distances: await neuronDistances(samples, labels),
    history: [metrics.discriminability],
  });
  expect(found.map(({ neuron, kind }) => [neuron, kind])).toEqual([
    [2, 'outstanding'],
    [4, 'outstanding'],
  ]);
  expect(found[1].reason).toContain('highest discriminability');
});
