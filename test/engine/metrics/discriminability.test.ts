import fc from 'fast-check';
import { expect, test } from 'vitest';
import { discriminability, wasserstein2, type Samples } from '../../../src/engine/metrics/index.ts';

/** The definition, a neuron and a pair of classes at a time, by the sort of the language. */
function byDefinition({ values, images, neurons }: Samples, labels: readonly number[]): number[] {
  const classes = [...new Set(labels)];
  return Array.from({ length: neurons }, (_, neuron) => {
    const column = Array.from({ length: images }, (_, image) => values[image * neurons + neuron]);
    const of = (label: number): number[] => column.filter((_, image) => labels[image] === label);
    const pairs = classes.flatMap((k, at) => classes.slice(at + 1).map((l) => wasserstein2(of(k), of(l))));
    return pairs.reduce((sum, one) => sum + one, 0) / pairs.length;
  });
}

const close = (samples: Samples, labels: readonly number[]): void => {
  const found = discriminability(samples, labels);
  byDefinition(samples, labels).forEach((expected, c) =>
    expect(Math.abs(found[c] - expected)).toBeLessThanOrEqual(1e-12 * expected),
  );
};

const odd = [0, -0, 1, -1, 1e-45, -1e-45, 1e-38, 3e38, -3e38, 5e-324, 1 + 2 ** -23];
const kinds = [
  { of: 'float32', make: Float32Array, any: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  {
    of: 'float64',
    make: Float64Array,
    any: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  },
];

test.each(kinds)('is what the definition says, of few and of odd values, $of', ({ make, any }) => {
  const value = fc.oneof(fc.constantFrom(...odd), any);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 19 }),
      fc.array(fc.nat(3), { maxLength: 24 }),
      fc.infiniteStream(value),
      (neurons, more, stream) => {
        const labels = [7, 0, 1, 2, 3, ...more];
        const values = new make(labels.length * neurons).map(() => stream.next().value as number);
        close({ values, images: labels.length, neurons }, labels);
      },
    ),
    { numRuns: 60 },
  );
});

test.each(kinds)('is what the definition says, of many values and classes of any size, $of', ({ make }) => {
  const level = fc.constantFrom(1e-40, 1, 1e30);
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 1500 }), fc.integer(), level, fc.boolean(), (images, seed, scale, ties) => {
      let state = seed >>> 0;
      const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      const labels = Array.from({ length: images }, () => Math.floor(3 * next() ** 3));
      const neurons = 9;
      const values = new make(images * neurons).map(() => {
        const one = next() - 0.5;
        // Rectified and rounded: many are equal.
        return ties ? Math.max(0, Math.round(one * 20)) : one * scale;
      });
      labels[0] = 3;
      close({ values, images, neurons }, labels);
    }),
    { numRuns: 12 },
  );
});
