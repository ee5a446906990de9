import { readdirSync, readFileSync } from 'node:fs';
import type { Rank } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { operationsOf } from '../../../src/engine/backend/kernels/index.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { buildLayer, layerKinds } from '../../../src/engine/network/layers/index.ts';
import { layerImages, layerLabels, layerModel, type LayerCase } from '../../../src/engine/training/reference/cases.ts';
import { relativeError } from '../../../src/engine/training/reference/check-engine.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';

const folder = new URL('./fixtures/layers/', import.meta.url);
const cases = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as LayerCase);
const [learningRate, classes] = [0.1, 4];

/** What PyTorch's dropout leaves of a one while training, and its gradient. */
const dropouts = JSON.parse(readFileSync(new URL('./fixtures/dropout.json', import.meta.url), 'utf8')) as {
  torch: string;
  cases: { rate: number; kept: number }[];
};

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
    async (_, expected) => {
      const tensors = engine.tf.memory().numTensors;
      const model = await layerModel(engine, expected);
      const batchStatistics = expected.layers.some(({ kind }) => kind === 'batch-normalisation');
      if (!batchStatistics) expect(relativeError(await model.logits(layerImages), expected.logits)).toBeLessThan(1e-4);
      const { loss } = await model.train(layerImages, layerLabels, { learningRate, epoch: 1, batch: 1 });
      expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-4);
      const state = await model.state();
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
      expect(relativeError(await model.logits(layerImages), expected.evaluated)).toBeLessThan(1e-4);
      // The samples of the last layer are the logits, or what a softmax makes of them.
      const last = (await model.samples(layerImages)).at(-1)!;
      if (expected.layers.at(-1)!.kind !== 'softmax') expect(last).toEqual(await model.logits(layerImages));
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
