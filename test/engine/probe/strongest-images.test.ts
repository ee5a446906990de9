import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StrongestImages } from '../../../src/engine/probe/strongest-images.ts';

const layer = (units: number) => ({ index: 3, name: 'relu1', units, shape: [2, 3, units] });

/** Shows images of one layer in batches. */
function collect(values: number[][], { batch = 3, kept = 4, places = values.map((row) => row.map(() => 0)) } = {}) {
  const units = values[0].length;
  const strongest = new StrongestImages([layer(units)], values.length, { epoch: 7, kept });
  for (let start = 0; start < values.length; start += batch) {
    const chosen = values.slice(start, start + batch);
    strongest.add(
      0,
      start,
      Float32Array.from(chosen.flat()),
      Int32Array.from(places.slice(start, start + batch).flat()),
    );
  }
  return strongest.result(0);
}

test('the strongest images come first, of equals the earlier one, and zero is no activation', () => {
  const result = collect(
    [
      [1, 0],
      [3, 0],
      [3, -1],
      [0, 0],
      [2, 0],
      [9, 0],
    ],
    { places: [0, 1, 2, 3, 4, 5].map((place) => [place, 5 - place]) },
  );
  expect(result).toEqual({
    neurons: 2,
    perNeuron: 4,
    image: Int32Array.of(5, 1, 2, 4, 2, -1, -1, -1),
    y: Int32Array.of(1, 0, 0, 1, 1, 0, 0, 0),
    x: Int32Array.of(2, 1, 2, 1, 0, 0, 0, 0),
    activation: Float32Array.of(9, 3, 3, 2, -1, 0, 0, 0),
  });
});

test('it keeps what sorting everything would, however images are batched', () => {
  const value = fc.integer({ min: -5, max: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (images, kept, batch) => {
        const result = collect(images, { kept, batch });
        for (const neuron of [0, 1]) {
          const expected = images
            .map((row, image) => ({ image, value: row[neuron] }))
            .filter((one) => one.value !== 0)
            .sort((a, b) => b.value - a.value || a.image - b.image)
            .slice(0, kept);
          const found = result.image.subarray(neuron * result.perNeuron, (neuron + 1) * result.perNeuron);
          expect(Array.from(found).filter((image) => image >= 0)).toEqual(expected.map((one) => one.image));
        }
      },
    ),
  );
});

test.each([NaN, Infinity])('an activation of %s is named', (value) => {
  const values = [
    [1, 1],
    [1, value],
  ];
  expect(() => collect(values, { kept: 1 })).toThrow(
    `layer 3 (relu1), epoch 7: the activation of neuron 1 for validation image 1 is ${value}`,
  );
  expect(() => collect(values)).toThrow('neuron 1 for validation image 1');
  const failed = expect.objectContaining({
    ...{ code: 'non-finite', exitCode: 1, hint: 'A lower learning rate usually keeps activations finite.' },
  }) as Error;
  expect(() => collect(values)).toThrow(failed);
});
