import { expect, test } from 'vitest';
import { Eta } from '../../../src/engine/training/eta.ts';
import { learningRates, onlyMeasures } from '../../../src/engine/training/schedule.ts';

test('what is left of a training is its batches as fast as before, and a tenth of each epoch beside them', () => {
  const eta = new Eta(3, 10);
  expect(eta.secondsLeft(1, 0, 5)).toBe(0);
  // Two seconds a batch: six more, and two more epochs of ten; with each a tail of two seconds.
  expect(eta.secondsLeft(1, 4, 8)).toBe(6 * 2 + 2 + 2 * (20 + 2));
  expect(eta.secondsLeft(3, 10, 20)).toBe(2);
  // A second of the tail is over already; three are more than it was expected to take.
  expect(eta.secondsLeft(3, 10, 21, 1)).toBe(1);
  expect(eta.secondsLeft(3, 10, 23, 3)).toBe(0);
});

test('once epochs are over, their tails are expected of the others, in the mean', () => {
  const eta = new Eta(4, 10);
  for (const seconds of [6, 1, 2]) eta.sawTail(seconds);
  expect(eta.secondsLeft(4, 10, 10)).toBeCloseTo(3, 12);
  expect(eta.secondsLeft(3, 5, 5)).toBeCloseTo(5 + 3 + 13, 12);
  eta.sawTail(7);
  expect(eta.secondsLeft(4, 10, 12, 2)).toBeCloseTo(4 - 2, 12);
});

test('the last rate of a schedule goes on in epochs beyond it', () => {
  const learningRate = [0.3, 0.2, 0.1];
  expect(learningRates({ learningRate })).toEqual(learningRate);
  expect(learningRates({ learningRate }, 2)).toEqual([0.3, 0.2]);
  expect(learningRates({ learningRate }, 5)).toEqual([0.3, 0.2, 0.1, 0.1, 0.1]);
});

test('a run only measures where all its rates are zero', () => {
  const found = [[0], [0, 0], [0, 0.1], [0.1, 0], []].map((learningRate) => onlyMeasures({ learningRate }));
  expect(found).toEqual([true, true, false, false, false]);
});
