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

  it.each(Object.keys(cases))('%s moves the weights as in PyTorch', (which) => {
    const { steps, after, learningRate } = cases[which];
    const model = optimiserModel(engine, cases[which]);
    steps.forEach((expected, number) => {
      const { loss } = optimiserStep(model, number, learningRate);
      expect(Math.abs(loss / expected.loss - 1), `loss of step ${number + 1}`).toBeLessThan(1e-4);
    });
    const state = model.state();
    for (const [parameter, parts] of Object.entries(after)) {
      for (const [part, summary] of Object.entries(parts)) {
        const key = part === 'value' ? parameter : `${parameter}.${part}`;
        expect(state.get(key)?.data.length, key).toBe(summary.size);
        expect(relativeError(state.get(key)!.data, summary), key).toBeLessThan(1e-4);
      }
    }
    model.dispose();
  });

  it.each(['sgd', 'nesterov', 'adam', 'adam, clipped', 'adamw'])('%s goes on as if it had not stopped', (which) => {
    const { learningRate } = cases[which];
    const whole = optimiserModel(engine, cases[which]);
    for (let number = 0; number < 6; number++) optimiserStep(whole, number, learningRate);
    const half = optimiserModel(engine, cases[which]);
    for (let number = 0; number < 3; number++) optimiserStep(half, number, learningRate);
    const other = optimiserModel(engine, cases[which]);
    other.restore(half.state());
    for (let number = 3; number < 6; number++) optimiserStep(other, number, learningRate);
    expect(other.state()).toEqual(whole.state());
    for (const model of [whole, half, other]) model.dispose();
  });

  it('refuses what another optimiser kept, a lost moment and an impossible number of steps', () => {
    const [sgd, adams] = [optimiserModel(engine, cases['sgd']), optimiserModel(engine, cases['adam'])];
    for (const model of [sgd, adams]) optimiserStep(model, 0, 0.01);
    expect(() => sgd.restore(adams.state())).toThrow(/has an array "conv1\.weights\.exp_avg"/);
    expect(() => adams.restore(sgd.state())).toThrow(/has an array "conv1\.weights\.velocity"/);
    const lost = adams.state();
    lost.delete('conv2.biases.exp_avg_sq');
    expect(() => adams.restore(lost)).toThrow(/lacks conv2\.biases\.exp_avg_sq/);
    const odd = adams.state();
    odd.get('optimiser.step')!.data[0] = 1.5;
    expect(() => adams.restore(odd)).toThrow(/optimiser\.step is 1\.5/);
    for (const model of [sgd, adams]) model.dispose();
  });

  it.each(Object.keys(cases))('%s keeps no tensors from step to step, and none after dispose', (which) => {
    const before = engine.tf.memory().numTensors;
    const model = optimiserModel(engine, cases[which]);
    const counts = [0, 1, 2].map((number) => {
      optimiserStep(model, number, cases[which].learningRate);
      return engine.tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
    model.dispose();
    expect(engine.tf.memory().numTensors).toBe(before);
  });

  it('measures the norm of all gradients as one long vector', () => {
    const { tf } = engine;
    const part = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const tensors = parts.map((values) => tf.tensor1d(values));
        const found = globalNorm(tf, tensors);
        tf.dispose(tensors);
        const expected = Math.hypot(...parts.flat());
        // Squares of numbers below 1e-19 are zero in single precision.
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected + 1e-17);
      }),
      { numRuns: 30 },
    );
  });
});
