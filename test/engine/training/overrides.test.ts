import { describe, expect, it } from 'vitest';
import { findPreset } from '../../../src/engine/network/presets/index.ts';
import { checkSettings, type TrainingSettings } from '../../../src/engine/base/training-settings.ts';
import { overridden } from '../../../src/engine/training/overrides.ts';

const lenet = findPreset('lenet').training;

describe('what a person asks for goes before the network’s own', () => {
  it('and nothing asked for changes nothing', () => {
    expect(overridden(lenet)).toEqual(lenet);
    expect(overridden(lenet, {})).toEqual(lenet);
  });

  it('another kind of optimiser brings a rate of its own, in the form of the schedule', () => {
    const adam = overridden(lenet, { optimiser: 'adamw' });
    expect(adam.optimiser).toEqual({ kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    expect(adam.learningRate).toHaveLength(45);
    for (const [at, rate] of [0.001, 0.0001, 0.00001].entries()) {
      expect(adam.learningRate[[0, 30, 44][at]]).toBeCloseTo(rate, 12);
    }
    const back = overridden(adam, { optimiser: 'nesterov' });
    expect(back.optimiser).toEqual({ kind: 'sgd', momentum: 0.9, nesterov: true });
    expect(back.learningRate[0]).toBeCloseTo(0.05, 12);
    expect(overridden(adam, { optimiser: 'adam' }).learningRate).toEqual(adam.learningRate);
  });

  it('a rate scales the schedule; what stops and clips can be put on and off', () => {
    expect(overridden(lenet, { learningRate: 0.1 }).learningRate.slice(29, 31)).toEqual([0.1, 0.01]);
    const on = overridden(lenet, { clipGradient: 2, earlyStopping: 3, weightDecay: 0, momentum: 0.5 });
    expect(on).toMatchObject({
      clipGradient: 2,
      earlyStopping: { patience: 3, minimumChange: 0 },
      weightDecay: 0,
      optimiser: { kind: 'sgd', momentum: 0.5 },
    });
    expect(overridden(on, { minimumChange: 0.2 }).earlyStopping).toEqual({ patience: 3, minimumChange: 0.2 });
    const off = overridden(on, { clipGradient: 'off', earlyStopping: 'off' });
    expect(off).not.toHaveProperty('clipGradient');
    expect(off).not.toHaveProperty('earlyStopping');
  });

  it.each<[string, TrainingSettings]>([
    ['--momentum is of sgd and nesterov; adam has none', { optimiser: 'adam', momentum: 0.9 }],
    ['--minimum-change says when', { minimumChange: 0.1 }],
  ])('is refused where it does not go together: %s', (message, asked) => {
    expect(() => overridden(lenet, asked)).toThrow(message);
  });

  it.each<[string, TrainingSettings]>([
    [
      '--optimiser must be "sgd", "nesterov", "adam" or "adamw"; it is "rms\\u0007"',
      { optimiser: 'rms\u0007' as 'sgd' },
    ],
    ['--learning-rate must be a number above 0, up to 1000000; it is 0', { learningRate: 0 }],
    ['--learning-rate must be a number above 0, up to 1000000; it is NaN', { learningRate: NaN }],
    ['--momentum must be a number from 0, below 1; it is 1', { momentum: 1 }],
    ['--weight-decay must be a number from 0 to 1000000; it is -1', { weightDecay: -1 }],
    [
      '--clip-gradient must be a number above 0, up to 1000000000000 or "off"; it is Infinity',
      { clipGradient: Infinity },
    ],
    ['--minimum-change must be a number from 0 to 1000000000000; it is -0.1', { minimumChange: -0.1 }],
    ['--early-stopping must be a whole number from 1 to 1000000 or "off"; it is 1.5', { earlyStopping: 1.5 }],
  ])('is refused out of range: %s', (message, asked) => {
    expect(() => checkSettings(asked)).toThrow(message);
  });
});
