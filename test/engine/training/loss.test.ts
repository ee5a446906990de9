import fc from 'fast-check';
import { expect, test } from 'vitest';
import { losses, softmaxCrossEntropy, squaredError } from '../../../src/engine/training/loss.ts';
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

test('the squared error of three images by hand', () => {
  const gradient = new Float32Array(3);
  const found = squaredError(Float32Array.of(2.5, 0, 9), [2, 3, 5], 1, gradient);
  expect(found.loss).toBeCloseTo((0.25 + 9 + 16) / 3, 6);
  // 2.5 is as near to 3, but the lower goes first; 0 has 1 and 2 above it, so that 3 is among five but 9 has no 5.
  expect(found).toMatchObject({ top1Errors: 2, top5Errors: 2 });
  expect([...gradient]).toEqual([1, -6, 8].map((each) => Math.fround(each / 3)));
  expect(squaredError(Float32Array.of(1.4, 1.6), [1, 1], 1)).toMatchObject({ top1Errors: 1, top5Errors: 0 });
  expect(squaredError(Float32Array.of(NaN), [1], 1)).toMatchObject({ loss: NaN, top1Errors: 1, top5Errors: 1 });
});

test('the squared error ranks the whole numbers by their distance', () => {
  fc.assert(
    fc.property(fc.float({ min: -20, max: 20, noNaN: true }), fc.integer({ min: 0, max: 9 }), (output, label) => {
      const numbers = Array.from({ length: 60 }, (_, at) => at - 30);
      const ranked = numbers.sort((a, b) => Math.abs(a - output) - Math.abs(b - output) || a - b);
      expect(squaredError(Float32Array.of(output), [label], 1)).toMatchObject({
        top1Errors: ranked[0] === label ? 0 : 1,
        top5Errors: ranked.slice(0, 5).includes(label) ? 0 : 1,
      });
    }),
  );
});

test.each(['cross-entropy', 'squared-error'] as const)('the gradient of %s is that of its loss', (kind) => {
  const units = kind === 'squared-error' ? 1 : 4;
  const output = fc.float({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.array(output, { minLength: 3 * units, maxLength: 3 * units }), (values) => {
      const labels = [0, 3, 1];
      const gradient = new Float32Array(values.length);
      losses[kind](Float32Array.from(values), labels, units, gradient);
      values.forEach((value, at) => {
        const moved = [1, -1].map((side) => {
          // Powers of two, so that single precision holds what was added.
          const other = Float32Array.from(values);
          other[at] = value + side / 64;
          return { at: other[at], loss: losses[kind](other, labels, units).loss };
        });
        const slope = (moved[0].loss - moved[1].loss) / (moved[0].at - moved[1].at);
        expect(gradient[at]).toBeCloseTo(slope, 3);
      });
    }),
  );
});
