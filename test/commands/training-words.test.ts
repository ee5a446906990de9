import { expect, it } from 'vitest';
import { trainingInWords } from '../../src/commands/training-words.ts';
import { findPreset, presets } from '../../src/engine/network/presets/index.ts';
import type { TrainingSpecification } from '../../src/engine/network/specification.ts';

const { training } = findPreset('lenet');
const rate = (written: Parameters<typeof trainingInWords>[1]): string | undefined =>
  trainingInWords(training, written)[1];
const first = (changes: Partial<TrainingSpecification>): string | undefined =>
  trainingInWords({ ...training, ...changes })[0];

it('tells how the paper trains, in lines of a terminal', () => {
  expect(trainingInWords(training)).toEqual([
    '45 epochs, batch 100, sgd with momentum 0.9, weight decay 0.0001',
    'learning rate 0.05 for 30 epochs, 0.005 for 10, 0.0005 for 5',
    'preparation whitening, augmentation mirror=batch',
  ]);
  for (const preset of presets)
    for (const line of trainingInWords(preset.training)) expect(line.length).toBeLessThan(110);
});

it('tells every kind of schedule, with and without a warm-up', () => {
  const [rateOf, warmUp] = [0.1, 0];
  expect(rate(0.003)).toBe('learning rate 0.003');
  expect(rate([0.5])).toBe('learning rate 0.5');
  expect(rate([0.5, 0.5])).toBe('learning rate 0.5');
  expect(rate([0.5, 0.1])).toBe('learning rate 0.5 for 1 epoch, 0.1 for 1');
  expect(rate([1, 2, 3, 4, 5, 6, 7])).toBe('learning rate from 1 to 7, one per epoch');
  expect(rate([1, 2, 9, 4, 5, 6, 3])).toBe('learning rate 1 rising to 9 and ending with 3, one per epoch');
  expect(rate({ kind: 'constant', rate: rateOf, warmUp })).toBe('learning rate 0.1');
  expect(rate({ kind: 'constant', rate: rateOf, warmUp: 3 })).toBe('learning rate 0.1 after a warm-up of 3 epochs');
  expect(rate({ kind: 'steps', rate: rateOf, after: [82, 123], factor: 0.1, warmUp: 1 })).toBe(
    'learning rate 0.1 after a warm-up of 1 epoch, multiplied by 0.1 after epochs 82 and 123',
  );
  expect(rate({ kind: 'steps', rate: rateOf, after: [30], factor: 0.5, warmUp })).toBe(
    'learning rate 0.1, multiplied by 0.5 after epoch 30',
  );
  expect(rate({ kind: 'steps', rate: rateOf, after: [3, 6, 8], factor: 0.5, warmUp })).toContain('3, 6 and 8');
  expect(rate({ kind: 'cosine', rate: 0.001, least: 0, warmUp })).toBe(
    'learning rate 0.001, falling to 0 along a cosine',
  );
  expect(rate({ kind: 'cosine', rate: 0.001, least: 1e-6, warmUp: 2 })).toBe(
    'learning rate 0.001 after a warm-up of 2 epochs, falling to 0.000001 along a cosine',
  );
});

it('tells every optimiser, and what of it is unusual', () => {
  expect(first({ optimiser: { kind: 'sgd', momentum: 0 } })).toContain('sgd without momentum,');
  expect(first({ optimiser: { kind: 'sgd', momentum: 0.8, nesterov: true } })).toContain(
    'sgd with Nesterov momentum 0.8,',
  );
  const usual = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  expect(first({ optimiser: { kind: 'adamw', ...usual } })).toContain('batch 100, adamw, weight');
  expect(first({ optimiser: { kind: 'adam', ...usual, beta1: 0.8, epsilon: 1e-7 } })).toContain(
    'adam with beta1 0.8 and epsilon 1e-7,',
  );
  expect(first({ learningRate: [1] })).toMatch(/^1 epoch,/);
});

it('tells clipping and early stopping where there are such', () => {
  const told = trainingInWords({ ...training, clipGradient: 5, earlyStopping: { patience: 1, minimumChange: 0.01 } });
  expect(told).toContain('gradients scaled down to a norm of 5');
  expect(told).toContain('ends once the validation loss has not fallen by 0.01 for 1 epoch');
});
