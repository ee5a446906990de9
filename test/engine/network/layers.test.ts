import { readdirSync, readFileSync } from 'node:fs';
import type { Rank } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { operationsOf } from '../../../src/engine/backend/kernels/index.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { buildLayer, layerKinds } from '../../../src/engine/network/layers/index.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import type { LayerSpecification, NetworkSpecification } from '../../../src/engine/network/specification.ts';
import { buildModel, type Model } from '../../../src/engine/training/model.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';
import { hashed } from '../training/fixtures/hashed.ts';

interface Values {
  size: number;
  step: number;
  values: number[];
}

/** Of one file: what it is called, and what the version of PyTorch that it names makes of the layers. */
interface Case {
  case: string;
  torch: string;
  layers: LayerSpecification[];
  start: Record<string, { salt: number; scale: number; start: number }>;
  logits: Values;
  loss: number;
  after: Record<string, { value: Values; velocity?: Values }>;
  evaluated: Values;
}

const folder = new URL('./fixtures/layers/', import.meta.url);
const cases = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case);
/** As in make_layers.py. */
const [inputShape, imageCount, classes] = [[7, 6, 3] as const, 5, 4];
const [learningRate, weightDecay] = [0.1, 0.01];
const lenet = findPreset('lenet');

const specificationOf = (layers: readonly LayerSpecification[]): NetworkSpecification => ({
  ...{ name: 'small', description: '', inputShape, layers },
  training: { ...lenet.training, weightDecay },
});

/** The model with the weights that the fixture was made with. */
function modelOf(engine: Engine, { layers, start }: Case): Model {
  const model = buildModel(engine, specificationOf(layers), 1);
  const state = model.state();
  for (const [name, { salt, scale, start: offset }] of Object.entries(start)) {
    const { data } = state.get(name)!;
    data.set(hashed(data.length, salt, scale).map((value) => value + offset));
  }
  model.restore(state);
  return model;
}

/** What PyTorch's dropout leaves of a one while training, and its gradient. */
const dropouts = JSON.parse(readFileSync(new URL('./fixtures/dropout.json', import.meta.url), 'utf8')) as {
  torch: string;
  cases: { rate: number; kept: number }[];
};

const images = hashed(imageCount * inputShape[0] * inputShape[1] * inputShape[2], 1000, 2);
const labels = Array.from({ length: imageCount }, (_, image) => (image * 3) % classes);

/** Root of the summed squared differences over the kept values, relative to that of their summed squares. */
function relativeError(found: ArrayLike<number>, { size, step, values }: Values): number {
  expect(found.length).toBe(size);
  const squares = (all: readonly number[]): number => all.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(squares(values.map((value, at) => found[at * step] - value)) / squares(values));
}

test('every kind of layer has a case, and every case says which PyTorch made it', () => {
  // Which values a dropout zeroes is its own affair; what it makes of the others is tried below.
  const tried = new Set<string>(['dropout', ...cases.flatMap(({ layers }) => layers.map(({ kind }) => kind))]);
  expect(layerKinds.map(({ kind }) => kind).filter((kind) => !tried.has(kind))).toEqual([]);
  expect([...cases, dropouts].filter(({ torch }) => !/^\d+\.\d+/.test(torch))).toEqual([]);
});

onEachEngine(describe, 'on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it.each(cases.map((one) => [one.case, one] as const))(
    '%s: forward, gradients and a step are those of PyTorch',
    (_, expected) => {
      const tensors = engine.tf.memory().numTensors;
      const model = modelOf(engine, expected);
      const batchStatistics = expected.layers.some(({ kind }) => kind === 'batch-normalisation');
      if (!batchStatistics) expect(relativeError(model.logits(images), expected.logits)).toBeLessThan(1e-4);
      const { loss } = model.train(images, labels, { learningRate, epoch: 1, batch: 1 });
      expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-4);
      const state = model.state();
      expect([...state.keys()].filter((key) => !key.endsWith('.velocity')).sort()).toEqual(
        Object.keys(expected.after).sort(),
      );
      for (const [parameter, { value, velocity }] of Object.entries(expected.after)) {
        expect(relativeError(state.get(parameter)!.data, value), parameter).toBeLessThan(1e-4);
        if (!velocity) continue;
        const moved = state.get(`${parameter}.velocity`)!.data;
        if (Math.max(...velocity.values.map(Math.abs)) > 1e-4) {
          expect(relativeError(moved, velocity), `gradient by ${parameter}`).toBeLessThan(1e-4);
        } else {
          // What a normalisation takes away again has no gradient but rounding errors.
          expect(Math.max(...moved.map(Math.abs)), `gradient by ${parameter}`).toBeLessThan(1e-4);
        }
      }
      expect(relativeError(model.logits(images), expected.evaluated)).toBeLessThan(1e-4);
      // The samples of the last layer are the logits, or what a softmax makes of them.
      const last = model.samples(images).at(-1)!;
      if (expected.layers.at(-1)!.kind !== 'softmax') expect(last).toEqual(model.logits(images));
      else expect(last.slice(0, classes).reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
      model.dispose();
      expect(engine.tf.memory().numTensors).toBe(tensors);
    },
  );

  it.each(dropouts.cases)(
    'dropout of $rate leaves what PyTorch leaves, and nothing of the share that it zeroes',
    ({ rate, kept }) => {
      const { tf } = engine;
      const shape: [number, number, number, number] = [10, 20, 10, 5];
      const layer = buildLayer(
        { kind: 'dropout', rate },
        { tf, operations: operationsOf(engine), inputShape: [20, 10, 5], name: 'dropout1', random: new Random(1) },
      );
      tf.tidy(() => {
        const input = tf.ones<Rank.R4>(shape);
        const { output, saved = [] } = layer.forward(input, {
          training: true,
          random: (layerName) => new Random(1, layerName),
        });
        const values = output.dataSync<'float32'>();
        expect([...new Set(values)].sort((a, b) => a - b)).toEqual([0, Math.fround(kept)]);
        const share = values.filter((value) => value === 0).length / values.length;
        expect(Math.abs(share - rate)).toBeLessThan(0.02);
        const gradient = layer.backward(tf.ones<Rank.R4>(shape), { input, output, saved }, true);
        expect(gradient.input!.dataSync<'float32'>()).toEqual(values);
        const evaluated = layer.forward(input, { training: false, random: () => new Random(1) });
        expect(new Set(evaluated.output.dataSync<'float32'>())).toEqual(new Set([1]));
      });
    },
  );
});
