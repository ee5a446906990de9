import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/backend/engine.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import type {
  LayerSpecification,
  NetworkSpecification,
  OptimiserSpecification,
  TrainingSpecification,
} from '../../../src/engine/network/specification.ts';
import { buildModel, type Model } from '../../../src/engine/training/model.ts';
import { globalNorm } from '../../../src/engine/training/optimisers/optimiser.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';
import { hashed } from './fixtures/hashed.ts';
import { relativeError, type Summary } from './fixtures/summary.ts';

interface Case {
  optimiser: 'sgd' | 'nesterov' | 'adam' | 'adamw';
  learningRate: number;
  weightDecay: number;
  clipGradient: number | null;
  squared: boolean;
  deviations: Record<string, number>;
  steps: { loss: number; norm: number }[];
  after: Record<string, Record<string, Summary>>;
}

const { cases } = JSON.parse(readFileSync(new URL('./fixtures/optimiser-steps.json', import.meta.url), 'utf8')) as {
  cases: Record<string, Case>;
};

const convolution = (kernel: number, channels: number, last = false): LayerSpecification => ({
  kind: 'convolution',
  kernel,
  channels,
  padding: last ? 'valid' : 'same',
  deviation: 0.05,
  learningRate: last ? { weights: 0.01, biases: 0.2 } : { weights: 0.1, biases: 2 },
});

const small = (outputs: number, training: Partial<TrainingSpecification>): NetworkSpecification => {
  const lenet = findPreset('lenet');
  return {
    ...lenet,
    name: 'small',
    inputShape: [8, 8, 3],
    layers: [convolution(3, 6), { kind: 'relu' }, convolution(8, outputs, true)],
    training: { ...lenet.training, ...training },
  };
};

const adam = { beta1: 0.8, beta2: 0.98, epsilon: 1e-8 };
const optimisers: Record<Case['optimiser'], OptimiserSpecification> = {
  sgd: { kind: 'sgd', momentum: 0.9 },
  nesterov: { kind: 'sgd', momentum: 0.9, nesterov: true },
  adam: { kind: 'adam', ...adam },
  adamw: { kind: 'adamw', ...adam },
};

/** The fixture's network with its first weights. */
function modelOf(engine: Engine, { optimiser, weightDecay, clipGradient, squared, deviations }: Case): Model {
  const specification = small(squared ? 1 : 10, {
    optimiser: optimisers[optimiser],
    weightDecay,
    loss: squared ? 'squared-error' : 'cross-entropy',
    ...(clipGradient !== null && { clipGradient }),
  });
  const model = buildModel(engine, specification, 1);
  const state = model.state();
  let salt = 0;
  for (const [parameter, { data }] of state) data.set(hashed(data.length, ++salt, deviations[parameter]));
  model.restore(state);
  return model;
}

const labels = [0, 3, 6, 9, 2, 5];
const step = (model: Model, number: number, learningRate: number) =>
  model.train(hashed(labels.length * 192, 500 + number, 1), labels, { learningRate, epoch: 1, batch: number + 1 });

onEachEngine(describe, 'on the %s engine', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await useEngine(name);
  });

  it.each(Object.keys(cases))('%s moves the weights as in PyTorch', (which) => {
    const { steps, after, learningRate } = cases[which];
    const model = modelOf(engine, cases[which]);
    steps.forEach((expected, number) => {
      const { loss } = step(model, number, learningRate);
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
    const whole = modelOf(engine, cases[which]);
    for (let number = 0; number < 6; number++) step(whole, number, learningRate);
    const half = modelOf(engine, cases[which]);
    for (let number = 0; number < 3; number++) step(half, number, learningRate);
    const other = modelOf(engine, cases[which]);
    other.restore(half.state());
    for (let number = 3; number < 6; number++) step(other, number, learningRate);
    expect(other.state()).toEqual(whole.state());
    for (const model of [whole, half, other]) model.dispose();
  });

  it('refuses what another optimiser kept, a lost moment and an impossible number of steps', () => {
    const [sgd, adams] = [modelOf(engine, cases['sgd']), modelOf(engine, cases['adam'])];
    for (const model of [sgd, adams]) step(model, 0, 0.01);
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
    const model = modelOf(engine, cases[which]);
    const counts = [0, 1, 2].map((number) => {
      step(model, number, cases[which].learningRate);
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
