import { expect, it } from 'vitest';
import { initialWeights } from '../../../src/engine/network/layers/weights.ts';
import { Random } from '../../../src/engine/base/random.ts';

const count = 20_000;
const draw = (kind: 'he' | 'glorot' | number): Float32Array =>
  initialWeights(kind, { count, fanIn: 50, fanOut: 150 }, new Random(1, 'weights'));
const deviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / count);

it.each([
  ['he', Math.sqrt(2 / 50)],
  ['glorot', Math.sqrt(2 / 200)],
  [0.3, 0.3],
] as const)('first weights of %s have mean 0 and the deviation of their paper', (kind, expected) => {
  const values = draw(kind);
  // Four standard errors of a mean and of a deviation.
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / count)).toBeLessThan(
    (4 * expected) / Math.sqrt(count),
  );
  expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(4 / Math.sqrt(2 * count));
});

it("glorot's lie within sqrt(6 / (fan-in + fan-out)), and fill it", () => {
  const largest = draw('glorot').reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(Math.fround(Math.sqrt(6 / 200)));
  expect(largest).toBeGreaterThan(0.999 * Math.sqrt(6 / 200));
});

it('weights of deviation 0 are 0', () => {
  expect(new Set(draw(0).map(Math.abs))).toEqual(new Set([0]));
});
