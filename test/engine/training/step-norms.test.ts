import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { buildModel } from '../../../src/engine/training/model.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';

onEachEngine(describe, 'a measured step on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it('has the norms of what it found, changed and left, of layers that learn alone', async () => {
    const preset = findPreset('lenet');
    const { tf } = engine;
    const optimiser = { kind: 'sgd' as const, momentum: 0, nesterov: false };
    const specification = { ...preset, training: { ...preset.training, optimiser, weightDecay: 0 } };
    const model = buildModel(engine, specification, 5);
    const random = new Random(1, 'images');
    const images = Float32Array.from({ length: 4 * 32 * 32 * 3 }, () => random.uniform());
    const labels = [1, 2, 3, 4];
    const before = await model.state();
    const unmeasured = await model.train(images, labels, { learningRate: 0.01, epoch: 1, batch: 1 });
    expect(unmeasured.layers).toBeUndefined();
    model.restore(before);
    const tensors = tf.memory().numTensors;
    const { layers } = await model.train(images, labels, { learningRate: 0.01, epoch: 1, batch: 1, measured: true });
    expect(tf.memory().numTensors).toBe(tensors);
    const after = await model.state();
    const norm = (layer: string, value: (key: string, at: number) => number): number =>
      Math.hypot(
        ...['weights', 'biases'].flatMap((part) => {
          const key = `${layer}.${part}`;
          return Array.from(before.get(key)!.data, (_, at) => value(key, at));
        }),
      );
    model.layers.forEach((layer, at) => {
      const found = (id: string): number | null | undefined => layers?.[id][at];
      if (layer.parameters === 0) {
        for (const id of ['weight_norm', 'gradient_norm', 'update_ratio']) expect(found(id), layer.name).toBeNull();
        return;
      }
      const weights = norm(layer.name, (key, place) => before.get(key)!.data[place]);
      const change = norm(layer.name, (key, place) => after.get(key)!.data[place] - before.get(key)!.data[place]);
      expect(found('weight_norm')! / weights, layer.name).toBeCloseTo(1, 4);
      expect((found('update_ratio')! * weights) / change, layer.name).toBeCloseTo(1, 3);
      expect(found('gradient_norm'), layer.name).toBeGreaterThan(0);
    });
    model.dispose();
  });
});
