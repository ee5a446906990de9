import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  density,
  discriminability,
  groupByClass,
  layerMean,
  neuronMetrics,
  requireFinite,
  wasserstein2,
  type Samples,
  type SamplesOrigin,
} from '../../../src/engine/metrics/index.ts';
import oracle from './fixtures/metrics.json' with { type: 'json' };

const close = (actual: number, expected: number, relative = 1e-12): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected)));

const value = fc.double({ min: -100, max: 100, noNaN: true });
/** Samples of 2 to 4 classes, with their labels; every class has at least one image. */
const labelled = fc
  .record({ neurons: fc.integer({ min: 1, max: 3 }), classes: fc.integer({ min: 2, max: 4 }) })
  .chain(({ neurons, classes }) =>
    fc
      .array(fc.nat(classes - 1), { maxLength: 20 })
      .map((more) => [...Array(classes).keys(), ...more])
      .chain((labels) =>
        fc
          .array(value, { minLength: labels.length * neurons, maxLength: labels.length * neurons })
          .map((values) => ({ labels, samples: samplesOf(values, neurons) })),
      ),
  );
const samplesOf = (values: readonly number[], neurons: number): Samples => ({
  values: Float64Array.from(values),
  images: values.length / neurons,
  neurons,
});

describe('the 2-Wasserstein distance', () => {
  test.each(oracle.pairs)('equals that of POT: $w2', ({ a, b, w2 }) => close(wasserstein2(a, b), w2));

  test('of a shift is the shift, by hand', () => {
    expect(wasserstein2([3, 1, 2], [5, 4, 6])).toBe(3);
    expect(wasserstein2([0, 0], [3, -4])).toBeCloseTo(Math.sqrt(12.5), 14);
  });

  test('is symmetric, zero to itself, and not below the difference of means', () => {
    const some = fc.array(value, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(some, some, (a, b) => {
        close(wasserstein2(a, b), wasserstein2(b, a));
        expect(wasserstein2(a, a)).toBe(0);
        expect(wasserstein2(a, b)).toBeGreaterThanOrEqual(Math.abs(layerMean(a) - layerMean(b)) - 1e-9);
      }),
    );
  });

  test('does not change when every value is there as often on one side', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), fc.integer({ min: 2, max: 5 }), (a, times) => {
        const b = a.map((one) => 2 * one + 1);
        close(
          wasserstein2(a, b),
          wasserstein2(
            a,
            b.flatMap((one) => Array<number>(times).fill(one)),
          ),
          1e-10,
        );
      }),
    );
  });
});

describe('discriminability and density', () => {
  test.each(oracle.cases.map((one, index) => ({ ...one, index })))('equal numpy and POT, case $index', (one) => {
    const metrics = neuronMetrics(samplesOf(one.samples, one.neurons), one.labels);
    one.discriminability.forEach((expected, c) => close(metrics.discriminability[c], expected));
    one.density.forEach((expected, c) => close(metrics.density[c], expected));
  });

  test.each([2 ** 660, 2 ** -660])('equal them whatever the squares of samples: %d', (scale) => {
    const [{ samples, neurons, labels, discriminability: expected }] = oracle.cases;
    const scaled = samplesOf(
      samples.map((value) => value * scale),
      neurons,
    );
    discriminability(scaled, labels).forEach((value, c) => close(value / scale, expected[c]));
    const { a, b, w2 } = oracle.pairs[1];
    const far = (values: readonly number[]): number[] => values.map((value) => value * scale);
    close(wasserstein2(far(a), far(b)) / scale, w2);
  });

  test('do not depend on the order of the images', () => {
    fc.assert(
      fc.property(labelled, fc.infiniteStream(fc.nat()), ({ labels, samples }, randoms) => {
        const order = labels.map((_, image) => [randoms.next().value as number, image]).sort((a, b) => a[0] - b[0]);
        const moved = order.flatMap(([, image]) =>
          Array.from(samples.values.slice(image * samples.neurons, (image + 1) * samples.neurons)),
        );
        const before = neuronMetrics(samples, labels);
        const after = neuronMetrics(
          samplesOf(moved, samples.neurons),
          order.map(([, image]) => labels[image]),
        );
        before.discriminability.forEach((expected, c) => close(after.discriminability[c], expected, 1e-10));
        before.density.forEach((expected, c) => close(after.density[c], expected, 1e-10));
      }),
    );
  });

  test('scale with the activations, and do not see a shift', () => {
    fc.assert(
      fc.property(
        labelled,
        fc.double({ min: -8, max: 8, noNaN: true }),
        value,
        ({ labels, samples }, factor, shift) => {
          const changed = samplesOf(
            Array.from(samples.values, (one) => factor * one + shift),
            samples.neurons,
          );
          const before = discriminability(samples, labels);
          discriminability(changed, labels).forEach((after, c) => close(after, Math.abs(factor) * before[c], 1e-9));
        },
      ),
    );
  });

  test('stay within their ranges', () => {
    fc.assert(
      fc.property(labelled, ({ labels, samples }) => {
        for (const one of density(samples)) expect(one >= 0 && one <= 1).toBe(true);
        for (const one of discriminability(samples, labels)) expect(one).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('unequal classes equal the same classes repeated to equal size', () => {
    const values = [1, 5, 2, 8, 3, 9];
    const labels = [0, 0, 1, 1, 1, 0].map((label, i) => (i === 5 ? 1 : label));
    // 2 and 4 images; repeating the first class's makes it 4 and 4.
    const repeated = [...values, 1, 5];
    close(
      discriminability(samplesOf(values, 1), labels)[0],
      discriminability(samplesOf(repeated, 1), [...labels, 0, 0])[0],
    );
  });

  test('of a dead neuron are exactly zero', () => {
    const metrics = neuronMetrics(samplesOf(new Array<number>(12).fill(0), 2), [0, 1, 2, 0, 1, 2]);
    expect([...metrics.discriminability, ...metrics.density]).toEqual([0, 0, 0, 0]);
  });

  test('of no image, density is zero', () => {
    expect(density({ values: new Float64Array(), images: 0, neurons: 2 })).toEqual(Float64Array.of(0, 0));
  });

  test('count only classes that occur', () => {
    expect(discriminability(samplesOf([1, 4], 1), [3, 900])[0]).toBe(3);
  });
});

test('images are grouped by class, ascending, each group in its order', () => {
  const { order, ...groups } = groupByClass([30, 4, 30, 4, 100]);
  expect({ ...groups, order: [...order], starts: [...groups.starts] }).toEqual({
    ...{ classes: [4, 30, 100], order: [1, 3, 0, 2, 4], starts: [0, 2, 4, 5], equalSize: undefined },
  });
  expect(groupByClass([7, 1, 7, 1, 9, 9]).equalSize).toBe(2);
  expect(groupByClass([])).toMatchObject({ classes: [], equalSize: undefined });
});

describe('what cannot be measured is refused', () => {
  test('values of another number than images and neurons', () => {
    const samples = { values: new Float64Array(7), images: 3, neurons: 2 };
    expect(() => neuronMetrics(samples, undefined)).toThrow(new RangeError('7 values are not [3, 2]'));
  });

  test('a value, with as much as is known of where it is, the remedy and the exit code', () => {
    const refused = (at: number, origin?: SamplesOrigin): unknown => {
      try {
        requireFinite(samplesOf([1, 2, 3, 4].with(at, NaN), 2), origin);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    };
    const told = 'the activation of neuron 0 for image 0 is NaN';
    expect(refused(0)).toMatchObject({
      ...{ code: 'non-finite', message: told, exitCode: 4 },
      hint: expect.stringContaining('lower learning rate') as string,
    });
    expect(refused(0, { epoch: 0 })).toMatchObject({ message: `epoch 0: ${told}` });
    expect(refused(0, { layer: 'relu1' })).toMatchObject({ message: `relu1: ${told}` });
  });

  test('a distribution without values', () => {
    for (const [a, b] of [
      [[], [1]],
      [[1], []],
      [[], []],
    ]) {
      expect(() => wasserstein2(a, b)).toThrow('a distribution needs at least one value');
    }
  });

  test('labels, with the remedy and the exit code', () => {
    const refusals = [
      [0, 1, 2],
      [4, 4],
    ].map((labels) => {
      try {
        return discriminability(samplesOf([1, 2], 1), labels);
      } catch (thrown) {
        return thrown;
      }
    });
    expect(refusals).toMatchObject([
      { code: 'length-mismatch', exitCode: 4, hint: 'Every image needs exactly one label.' },
      { code: 'one-class', exitCode: 4, hint: expect.stringContaining('at least two') as string },
    ]);
  });

  test.each([NaN, Infinity, -Infinity])('%s, by neuron, image, layer and epoch', (bad) => {
    const samples = samplesOf([0, 1, 2, 3, 4, bad], 3);
    expect(() => neuronMetrics(samples, [0, 1], { layer: 'layer 4 (relu\u001b1)', epoch: 12 })).toThrow(
      `layer 4 (relu\ufffd1), epoch 12: the activation of neuron 2 for image 1 is ${bad}`,
    );
    expect(() => density(samples)).toThrow('the activation of neuron 2 for image 1');
  });

  test('one class', () => {
    expect(() => discriminability(samplesOf([1, 2], 1), [4, 4])).toThrow('all 2 images are of one class');
  });

  test('labels of another length', () => {
    expect(() => discriminability(samplesOf([1, 2], 1), [0, 1, 2])).toThrow('3 labels for 2 images');
  });
});
