import { describe, expect, it } from 'vitest';
import { rectified, strongestPositionsOf } from '../../../src/engine/backend/kernels/strongest-positions.ts';
import { Random } from '../../../src/engine/base/random.ts';
import { onEachEngine, useEngine } from '../../support/engines.ts';

onEachEngine(describe, '%s', (name) => {
  it.each([
    [3, 4, 5, 6],
    [2, 1, 7, 3],
    [5, 1, 1, 4],
    [1, 6, 6, 1],
    [2, 9, 10, 3],
    [2, 15, 17, 2],
    [3, 16, 16, 33],
    [2, 32, 32, 20],
  ])(
    'finds the first largest value over the positions of [%i, %i, %i, %i]',
    async (images, height, width, channels) => {
      const engine = await useEngine(name);
      const { tf } = engine;
      const strongestPositions = strongestPositionsOf(engine);
      const random = new Random(1, 'strongest');
      // Few different values, so that equal ones occur.
      const values = Float32Array.from({ length: images * height * width * channels }, () => random.below(7) - 4);
      const before = tf.memory().numTensors;
      const x = tf.tensor4d(values, [images, height, width, channels]);
      const found = await strongestPositions(x);
      x.dispose();
      expect(tf.memory().numTensors).toBe(before);
      const largest = new Float32Array(images * channels).fill(-Infinity);
      const places = new Int32Array(images * channels);
      values.forEach((value, at) => {
        const channel = at % channels;
        const position = Math.floor(at / channels) % (height * width);
        const cell = Math.floor(at / (channels * height * width)) * channels + channel;
        if (value > largest[cell]) [largest[cell], places[cell]] = [value, position];
      });
      expect(found.largest).toEqual(largest);
      expect(found.places).toEqual(places);
    },
  );

  it('knows them behind a relu without looking', async () => {
    const engine = await useEngine(name);
    const { tf } = engine;
    const strongestPositions = strongestPositionsOf(engine);
    const random = new Random(2, 'strongest');
    for (const extent of [2, 9]) {
      const shape: [number, number, number, number] = [4, extent, extent, 5];
      const values = Float32Array.from({ length: 20 * extent * extent }, (_, at) => random.normal() - (at % 5));
      const x = tf.tensor4d(values, shape);
      const positive = tf.relu(x);
      expect(rectified(await strongestPositions(x))).toEqual(await strongestPositions(positive));
      tf.dispose([x, positive]);
    }
  });
});
