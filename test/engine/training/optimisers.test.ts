import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { globalNorm } from '../../../src/engine/training/optimisers/optimiser.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';
import { optimiserModel, optimiserStep, type OptimiserCase } from '../../../src/engine/training/reference/cases.ts';
import { relativeError } from '../../../src/engine/training/reference/check-engine.ts';

const { cases } = JSON.parse(readFileSync(new URL('./fixtures/optimiser-steps.json', import.meta.url), 'utf8')) as {
  cases: Record<string, OptimiserCase>;
};

onEachEngine(describe, 'on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it.each(Object.keys(cases))('%s moves the weights as in PyTorch', async (which) => {
    const { steps, after, learningRate } = cases[which];
    const model = await optimiserModel(engine, cases[which]);
    for (const [number, expected] of steps.entries()) {
      const { loss } = await optimiserStep(model, number, learningRate);
      expect(Math.abs(loss / expected.loss - 1), `loss of step ${number + 1}`).toBeLessThan(1e-4);
    }
    const state = await model.state();
    for (const [parameter, parts] of Object.entries(after)) {
      for (const [part, summary] of Object.entries(parts)) {
        const key = part === 'value' ? parameter : `${parameter}.${part}`;
        expect(state.get(key)?.data.length, key).toBe(summary.size);
        expect(relativeError(state.get(key)!.data, summary), key).toBeLessThan(1e-4);
      }
    }
    model.dispose();
  });

  it.each(['sgd', 'nesterov', 'adam', 'adam, clipped', 'adamw'])(
    '%s goes on as if it had not stopped',
    async (which) => {
      const { learningRate } = cases[which];
      const whole = await optimiserModel(engine, cases[which]);
      for (let number = 0; number < 6; number++) await optimiserStep(whole, number, learningRate);
      const half = await optimiserModel(engine, cases[which]);
      for (let number = 0; number < 3; number++) await optimiserStep(half, number, learningRate);
      const other = await optimiserModel(engine, cases[which]);
      other.restore(await half.state());
      for (let number = 3; number < 6; number++) await optimiserStep(other, number, learningRate);
      expect(await other.state()).toEqual(await whole.state());
      for (const model of [whole, half, other]) model.dispose();
    },
  );

  it('refuses what another optimiser kept, a lost moment and an impossible number of steps', async () => {
    const [sgd, adams] = [await optimiserModel(engine, cases['sgd']), await optimiserModel(engine, cases['adam'])];
    for (const model of [sgd, adams]) await optimiserStep(model, 0, 0.01);
    const [ofSgd, ofAdam] = [await sgd.state(), await adams.state()];
    expect(() => sgd.restore(ofAdam)).toThrow(/has an array "conv1\.weights\.exp_avg"/);
    expect(() => adams.restore(ofSgd)).toThrow(/has an array "conv1\.weights\.velocity"/);
    const lost = await adams.state();
    lost.delete('conv2.biases.exp_avg_sq');
    expect(() => adams.restore(lost)).toThrow(/lacks conv2\.biases\.exp_avg_sq/);
    const odd = await adams.state();
    odd.get('optimiser.step')!.data[0] = 1.5;
    expect(() => adams.restore(odd)).toThrow(/optimiser\.step is 1\.5/);
    for (const model of [sgd, adams]) model.dispose();
  });

  it.each(Object.keys(cases))('%s keeps no tensors from step to step, and none after dispose', async (which) => {
    const before = engine.tf.memory().numTensors;
    const model = await optimiserModel(engine, cases[which]);
    const counts = new Set<number>();
    for (const number of [0, 1, 2]) {
      await optimiserStep(model, number, cases[which].learningRate);
      counts.add(engine.tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    model.dispose();
    expect(engine.tf.memory().numTensors).toBe(before);
  });

  it('measures the norm of all gradients as one long vector', () => {
    const { tf } = engine;
    const part = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const tensors = parts.map((values) => tf.tensor1d(values));
        const norm = globalNorm(tf, tensors);
        const [found] = norm.dataSync();
        tf.dispose([norm, ...tensors]);
        const expected = Math.hypot(...parts.flat());
        // Squares of numbers below 1e-19 are zero in single precision.
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected + 1e-17);
      }),
      { numRuns: 30 },
    );
  });
});
