import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  crossDistances,
  matchNeurons,
  mostMatched,
} from '../../../../src/engine/analysis/comparison/neuron-matches.ts';
import { neuronDistances } from '../../../../src/engine/analysis/neuron-distances.ts';

interface Case {
  a: number[][];
  b: number[][];
  labelsA: number[];
  labelsB: number[];
  distances: number[][];
  pairs: [number, number][];
}
const { neurons: cases } = JSON.parse(await readFile(new URL('fixtures/comparison.json', import.meta.url), 'utf8')) as {
  neurons: Case[];
};

const classed = (rows: readonly (readonly number[])[], classOf: readonly number[]) => ({
  samples: { values: Float64Array.from(rows.flat()), images: rows.length, neurons: rows[0].length },
  classOf,
});

test.each(cases.map((one, place) => [place, one] as const))(
  'case %d: distances and the assignment are those of numpy and scipy',
  async (_, { a, b, labelsA, labelsB, distances, pairs }) => {
    const [one, other] = [classed(a, labelsA), classed(b, labelsB)];
    const found = await crossDistances(one, other);
    found.distances.forEach((row, p) =>
      row.forEach((value, q) => expect(value * found.unit).toBeCloseTo(distances[p][q], 9)),
    );
    const matched = await matchNeurons(one, other);
    expect(matched.pairs.map((pair) => [pair.a, pair.b])).toEqual(pairs);
    for (const pair of matched.pairs) expect(pair.distance).toBeCloseTo(distances[pair.a][pair.b], 9);
    expect(matched.onlyA).toEqual([...a[0].keys()].filter((neuron) => !pairs.some(([own]) => own === neuron)));
    expect(matched.onlyB).toEqual([...b[0].keys()].filter((neuron) => !pairs.some(([, own]) => own === neuron)));
  },
);

test("within a layer they are the layer view's distances, and each neuron is its own match", async () => {
  const [{ a, labelsA }] = cases;
  const one = classed(a, labelsA);
  const { unit, distances } = await crossDistances(one, one);
  const { count, values } = await neuronDistances(one.samples, labelsA);
  distances.forEach((row, p) => row.forEach((value, q) => expect(value * unit).toBeCloseTo(values[p * count + q], 6)));
  expect((await matchNeurons(one, one)).pairs.every((pair) => pair.a === pair.b && pair.distance === 0)).toBe(true);
});

test('activations as large as numbers get, samples that are not finite, and too many neurons', async () => {
  const [{ a, b, labelsA, labelsB, pairs }] = cases;
  const huge = (rows: number[][]): number[][] => rows.map((row) => row.map((value) => value * 1e300));
  const matched = await matchNeurons(classed(huge(a), labelsA), classed(huge(b), labelsB));
  expect(matched.pairs.map((pair) => [pair.a, pair.b])).toEqual(pairs);
  const broken = a.map((row, image) => (image === 2 ? row.with(1, Number.NaN) : row));
  await expect(matchNeurons(classed(broken, labelsA), classed(b, labelsB))).rejects.toMatchObject({
    code: 'non-finite',
  });
  const many = classed([Array<number>(mostMatched + 1).fill(0)], [0]);
  await expect(matchNeurons(many, many)).rejects.toMatchObject({ code: 'too-many-neurons' });
});
