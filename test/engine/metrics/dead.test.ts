import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layersOf, neuronMetrics } from '../../../src/engine/metrics/index.ts';

/** Metrics of samples, [images][neurons], without labels. */
const metricsOf = (rows: readonly (readonly number[])[]) =>
  neuronMetrics({ values: Float64Array.from(rows.flat()), images: rows.length, neurons: rows[0].length }, undefined);

test('a neuron is dead for the images whose sample is zero, a layer by its neurons dead on all', () => {
  const metrics = metricsOf([
    [0, 0, 1, 1e-7],
    [0, 2, 1, -1e-7],
    [-0, 0, 1, 1.1e-7],
    [0, 0, 1, 0],
  ]);
  expect([...metrics.dead]).toEqual([1, 0.75, 0, 0.75]);
  expect(layersOf([metrics]).dead).toEqual([0.25]);
});

test('the share does not depend on the order of images, and counts what its complement does not', () => {
  const rows = fc.array(fc.tuple(fc.constantFrom(0, 1e-9, 0.5, -3), fc.constantFrom(0, 2)), { minLength: 1 });
  fc.assert(
    fc.property(rows, (some) => {
      const { dead } = metricsOf(some);
      expect([...metricsOf([...some].reverse()).dead]).toEqual([...dead]);
      const alive = some.filter(([value]) => Math.abs(value) > 1e-7).length;
      expect(dead[0]).toBeCloseTo(1 - alive / some.length, 12);
      expect(dead[1]).toBe(some.filter(([, value]) => value === 0).length / some.length);
    }),
  );
});
