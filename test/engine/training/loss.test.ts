import fc from 'fast-check';
import { expect, test } from 'vitest';
import { softmaxCrossEntropy } from '../../../src/engine/training/loss.ts';
import { learningRates } from '../../../src/engine/training/schedule.ts';
import { findPreset } from '../../../src/engine/network/presets/index.ts';

test('the loss of two images by hand', () => {
  const logits = Float32Array.of(0, 0, Math.log(2), 3, 1, 1);
  const gradient = new Float32Array(6);
  const found = softmaxCrossEntropy(logits, [2, 1], 3, gradient);
  // Shares 1/4 1/4 1/2, and e^3 : e : e.
  const second = Math.log(Math.exp(3) + 2 * Math.E) - 1;
  expect(found.loss).toBeCloseTo((Math.log(2) + second) / 2, 6);
  expect(found).toMatchObject({ top1Errors: 1, top5Errors: 0 });
  expect(gradient[0]).toBeCloseTo(0.125, 6);
  expect(gradient[2]).toBeCloseTo(-0.25, 6);
});

test('of equal values the earlier class ranks higher', () => {
  const equal = new Float32Array(10);
  expect(softmaxCrossEntropy(equal, [0], 10)).toMatchObject({ top1Errors: 0, top5Errors: 0 });
  expect(softmaxCrossEntropy(equal, [4], 10)).toMatchObject({ top1Errors: 1, top5Errors: 0 });
  expect(softmaxCrossEntropy(equal, [5], 10)).toMatchObject({ top1Errors: 1, top5Errors: 1 });
});

test('huge values stay finite; what is not a number does not', () => {
  expect(softmaxCrossEntropy(Float32Array.of(1e30, -1e30), [0], 2).loss).toBe(0);
  expect(softmaxCrossEntropy(Float32Array.of(1, NaN), [0], 2)).toMatchObject({ loss: NaN, top1Errors: 1 });
  expect(softmaxCrossEntropy(Float32Array.of(Infinity, Infinity), [0], 2).loss).toBeNaN();
});

test('gradients of an image add up to 0, and adding a constant to all values changes nothing', () => {
  const value = fc.float({ min: -20, max: 20, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 12 }),
      fc.nat(),
      fc.integer({ min: -5, max: 5 }),
      (values, pick, shift) => {
        const label = pick % values.length;
        const gradient = new Float32Array(values.length);
        const { loss } = softmaxCrossEntropy(Float32Array.from(values), [label], values.length, gradient);
        const moved = softmaxCrossEntropy(
          Float32Array.from(values, (each) => each + shift),
          [label],
          values.length,
        );
        expect(moved.loss).toBeCloseTo(loss, 4);
        expect(loss).toBeGreaterThanOrEqual(0);
        expect(gradient.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 6);
      },
    ),
  );
});

test('more epochs than the schedule has go on at its last rate; fewer take its start', () => {
  const { training } = findPreset('lenet');
  expect(learningRates(training)).toHaveLength(45);
  expect(learningRates(training, 47).slice(43)).toEqual([0.0005, 0.0005, 0.0005, 0.0005]);
  expect(learningRates(training, 31).slice(-2)).toEqual([0.05, 0.005]);
});
