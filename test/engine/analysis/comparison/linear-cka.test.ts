import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { linearCka } from '../../../../src/engine/analysis/comparison/linear-cka.ts';
import type { Samples } from '../../../../src/engine/metrics/index.ts';

const fixture = JSON.parse(await readFile(new URL('fixtures/comparison.json', import.meta.url), 'utf8')) as {
  layers: number[][][];
  similarity: number[][];
};

const samplesOf = (rows: readonly (readonly number[])[]): Samples => ({
  values: Float32Array.from(rows.flat()),
  images: rows.length,
  neurons: rows[0].length,
});

/** Rows that are known together are one answer. */
async function compared(rows: readonly (Samples | undefined)[], columns = rows): Promise<number[][]> {
  const [one, other] = [rows, columns].map((layers) => layers.map((layer) => () => Promise.resolve(layer)));
  const all: number[] = [];
  for await (const some of linearCka(one, other, rows.find(Boolean)?.images ?? 0)) all.push(...some);
  return rows.map((_, row) => all.slice(row * columns.length, (row + 1) * columns.length));
}

test("linear CKA is what numpy makes of its definition, also of many neurons and of a layer's offset", async () => {
  const layers = fixture.layers.map(samplesOf);
  // More than are taken at a time.
  const found = await compared([...layers, ...layers], layers);
  found.forEach((row, place) =>
    row.forEach((value, column) => expect(value).toBeCloseTo(fixture.similarity[place % 4][column], 5)),
  );
});

test('a layer without samples, with one that is not finite, or the same for all images, has none', async () => {
  const layer = samplesOf(fixture.layers[0]);
  const broken = { ...layer, values: layer.values.with(3, Number.NaN) };
  const constant = { ...layer, values: new Float32Array(layer.values.length).fill(0.1) };
  const found = await compared([layer, broken, constant, undefined]);
  expect(found[0][0]).toBeCloseTo(1, 6);
  expect(found.flat().filter(Number.isNaN)).toHaveLength(15);
});

test('it does not depend on the order of the neurons, their scale and offset, and is symmetric', async () => {
  const value = fc.integer({ min: -1000, max: 1000 });
  const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.integer({ min: -8, max: 8 }), async (one, other, scale) => {
      const [a, b] = [samplesOf(one), samplesOf(other)];
      const changed = samplesOf(one.map(([x, y, z]) => [z, x, y].map((each) => (each + 50) * 2 ** scale)));
      const [[forth]] = await compared([a], [b]);
      const [[back], [again]] = await compared([b, b], [a, changed]).then((found) => [found[0], found[0].slice(1)]);
      if (Number.isNaN(forth)) expect(back).toBeNaN();
      else {
        expect(back).toBeCloseTo(forth, 4);
        expect(again).toBeCloseTo(forth, 4);
      }
    }),
    { numRuns: 30 },
  );
});
