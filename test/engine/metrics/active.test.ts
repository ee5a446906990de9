import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layersOf, neuronMetrics } from '../../../src/engine/metrics/index.ts';
import oracle from './fixtures/metrics.json' with { type: 'json' };

/** Metrics of samples, [images][neurons], without labels. */
const metricsOf = (rows: readonly (readonly number[])[]) =>
  neuronMetrics({ values: Float64Array.from(rows.flat()), images: rows.length, neurons: rows[0].length }, undefined);

test('a neuron is active on the images whose sample is above zero, a layer by the mean of its neurons', () => {
  const metrics = metricsOf([
    [0, 0, 1e-9, -1],
    [0, 2, 3, 0.001],
    [-0, 0.01, 1, -1e-9],
    [0, 0, 1, 0],
  ]);
  expect([...metrics.active]).toEqual([0, 0.5, 1, 0.25]);
  expect(layersOf([metrics]).active).toEqual([1.75 / 4]);
});

test.each(oracle.cases)('equals numpy, $images images', (one) => {
  const { active } = neuronMetrics({ ...one, values: Float64Array.from(one.samples) }, one.labels);
  one.active.forEach((expected, neuron) => expect(active[neuron]).toBeCloseTo(expected, 14));
});

test('it is never below density, which weighs samples by their size, and never more than what is not dead', () => {
  const sample = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 3, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, sample), { minLength: 1 }), (rows) => {
      const { active, density, dead } = metricsOf(rows);
      for (const neuron of [0, 1]) {
        expect(active[neuron]).toBeGreaterThanOrEqual(density[neuron] - 1e-12);
        expect(active[neuron]).toBeCloseTo(1 - dead[neuron], 12);
      }
    }),
  );
});
