import { describe, expect, it } from 'vitest';
import { clusterAverages, neuronAverage, placesOf } from '../../../src/engine/analysis/average-features.ts';
import { distancesFromCentres } from '../../../src/engine/analysis/barycentres.ts';
import { findFacets, meanSilhouette, suggestFacets } from '../../../src/engine/analysis/facets.ts';
import { averagePatch, cutPatches, type PixelSource } from '../../../src/engine/analysis/patches.ts';
import type { Features } from '../../../src/engine/base/features.ts';
import { Random } from '../../../src/engine/base/random.ts';
import references from './fixtures/references.json' with { type: 'json' };

/** One 4 x 4 grey image a source: the pixel at (y, x) of image i is 16 i + 4 y + x. */
const source: PixelSource = {
  imageShape: [4, 4, 1],
  pixels: (image) => Uint8Array.from({ length: 16 }, (_, at) => 16 * image + at),
};

describe('cutPatches', () => {
  it('cuts what a position sees', () => {
    const field = { size: 2, stride: 2, offset: 0 };
    const patches = cutPatches(source, field, [
      { image: 0, y: 0, x: 0 },
      { image: 1, y: 1, x: 0 },
    ]);
    expect([patches.height, patches.width]).toEqual([2, 2]);
    expect(Array.from(patches.values)).toEqual([0, 1, 4, 5, 24, 25, 28, 29]);
  });

  it('fills what lies beyond the border with the mean of what lies inside', () => {
    const patches = cutPatches(source, { size: 3, stride: 1, offset: -1 }, [
      { image: 0, y: 0, x: 0 },
      { image: 0, y: 3, x: 3 },
    ]);
    expect(Array.from(patches.values.subarray(0, 9))).toEqual([2.5, 2.5, 2.5, 2.5, 0, 1, 2.5, 4, 5]);
    expect(Array.from(patches.values.subarray(9))).toEqual([10, 11, 12.5, 14, 15, 12.5, 12.5, 12.5, 12.5]);
  });

  it('shows the whole image where the field is larger', () => {
    const patches = cutPatches(source, { size: 9, stride: 4, offset: -3 }, [{ image: 2, y: 0, x: 0 }]);
    expect(Array.from(patches.values)).toEqual(Array.from(source.pixels(2)));
  });
});

describe('averages', () => {
  const patches = { count: 2, height: 1, width: 2, channels: 1, values: Float32Array.of(0, 10, 100, 200) };

  it('weigh patches, and count weights that are all zero as equal', () => {
    expect(Array.from(averagePatch(patches, [0, 1], [3, 1]))).toEqual([25, 57.5]);
    expect(Array.from(averagePatch(patches, [0, 1], [0, 0]))).toEqual([50, 105]);
  });

  const features: Features = {
    neurons: 2,
    perNeuron: 3,
    image: Int32Array.of(0, 1, 2, 3, -1, -1),
    y: new Int32Array(6),
    x: new Int32Array(6),
    activation: Float32Array.of(2, 1, -5, 1, 0, 0),
  };
  const field = { size: 1, stride: 1, offset: 0 };

  it('of a neuron leave out what did not activate it', () => {
    expect(placesOf(features, 1)).toEqual([{ image: 3, y: 0, x: 0 }]);
    expect(Array.from(neuronAverage(features, 0, source, field) ?? [])[0]).toBeCloseTo(16 / 3, 4);
    expect(neuronAverage({ ...features, image: new Int32Array(6).fill(-1) }, 0, source, field)).toBeUndefined();
  });

  const shape = { height: 1, width: 1, channels: 1 };

  it('of clusters are what numpy makes of the four members nearest to the barycentre', async () => {
    const { samples, labels, barycentres } = references.neurons;
    const given = { values: Float64Array.from(samples.flat()), images: samples.length, neurons: samples[0].length };
    const clusters = Int32Array.from(barycentres.labels);
    const fromCentre = await distancesFromCentres(given, labels, clusters);
    fromCentre.forEach((distance, neuron) => expect(distance).toBeCloseTo(barycentres.distances[neuron], 12));
    const pictures = barycentres.pictures.map((grey) => Float32Array.of(grey));
    const found = clusterAverages(clusters, fromCentre, pictures, shape);
    found.forEach((picture, cluster) => expect(picture?.[0]).toBeCloseTo(barycentres.averages[cluster], 4));
  });

  it('of a neuron are made of its 20 strongest patches, of a cluster of its 4 nearest members', () => {
    const strong: Features = {
      neurons: 1,
      perNeuron: 25,
      image: Int32Array.from({ length: 25 }, (_, rank) => (rank < 20 ? rank % 4 : 15)),
      y: new Int32Array(25),
      x: new Int32Array(25),
      activation: new Float32Array(25).fill(1),
    };
    expect(neuronAverage(strong, 0, source, field)).toEqual(Float32Array.of(16 * 1.5));
    const pictures = [10, 20, 30, 40, 250, 255].map((grey) => Float32Array.of(grey));
    const fromCentre = Float64Array.of(1, 1, 1, 1, 1.001, 2);
    expect(clusterAverages(new Int32Array(6), fromCentre, pictures, shape)).toEqual([Float32Array.of(25)]);
  });

  it('of a cluster weigh a member in the centre as the nearest beside it, and all alike where all are there', () => {
    const pictures = [7, 70, 700, 5, 15].map((grey) => Float32Array.of(grey));
    const found = clusterAverages(Int32Array.of(0, 0, 0, 1, 1), Float64Array.of(0, 1, 2, 0, 0), pictures, shape);
    expect(found.map((picture) => picture?.[0])).toEqual([(7 + 70 + 350) / 2.5, 10].map(Math.fround));
    expect(clusterAverages(Int32Array.of(0), Float64Array.of(0), [undefined], shape)).toEqual([undefined]);
  });
});

describe('facets', () => {
  const random = new Random(2, 'patches');
  /** Three kinds of patches: dark, bright, and bright on one side. */
  const values = Float32Array.from({ length: 90 * 16 }, (_, at) => {
    const kind = Math.floor(at / 16) % 3;
    return [20, 200, at % 4 < 2 ? 20 : 200][kind] + 10 * random.uniform();
  });
  const patches = { count: 90, height: 4, width: 4, channels: 1, values };

  it('are found, drawn and laid out', async () => {
    const { facets, labels, map } = await findFacets(patches, { k: 3, seed: 1 });
    expect(facets.map((facet) => facet.size)).toEqual([30, 30, 30]);
    expect(new Set(labels.map((label, patch) => label * 3 + (patch % 3))).size).toBe(3);
    for (const { average, patches: members } of facets) {
      const kind = members[0] % 3;
      expect(average[0]).toBeGreaterThan([19, 199, 19][kind]);
      expect(average[0]).toBeLessThan([31, 211, 31][kind]);
    }
    map.advance(300);
    expect(map.positions()).toHaveLength(2 * 93);
  });

  it('are drawn as the mean of their nearest 20 patches, weighted by 1 / distance', async () => {
    // One pixel each, closer to one another on one side of their mean than on the other.
    const greys = Array.from({ length: 22 }, (_, patch) => (patch * patch) / 2);
    const mean = greys.reduce((sum, grey) => sum + grey) / 22;
    const one = { count: 22, height: 1, width: 1, channels: 1, values: Float32Array.from(greys) };
    const { facets } = await findFacets(one, { k: 1, seed: 1 });
    const nearest = greys.toSorted((a, b) => Math.abs(a - mean) - Math.abs(b - mean)).slice(0, 20);
    const weights = nearest.map((grey) => 1 / Math.abs(grey - mean));
    const total = weights.reduce((sum, weight) => sum + weight);
    const expected = nearest.reduce((sum, grey, rank) => sum + (grey * weights[rank]) / total, 0);
    expect(facets.map(({ size }) => size)).toEqual([22]);
    expect(facets[0].average[0]).toBeCloseTo(expected, 3);
  });

  it('are suggested in their number', async () => {
    expect((await suggestFacets(patches, { seed: 1, maximum: 6 })).k).toBe(3);
  });

  it('are as many as there are distinct patches, at most', async () => {
    const one = { ...patches, count: 1, values: values.subarray(0, 16) };
    expect((await findFacets(one, { seed: 1 })).facets).toHaveLength(1);
    expect((await suggestFacets(one, { seed: 1 })).k).toBe(1);
    await expect(findFacets({ ...patches, count: 0 }, { seed: 1 })).rejects.toThrow('without patches');
  });

  it('have the silhouette of scikit-learn', () => {
    const { labels, mean } = references.silhouette;
    const { points } = references;
    const distances = Float64Array.from(
      points.flatMap((p) => points.map((q) => Math.hypot(...p.map((v, d) => v - q[d])))),
    );
    const sizes = Int32Array.from({ length: 5 }, (_, cluster) => labels.filter((label) => label === cluster).length);
    expect(meanSilhouette({ count: points.length, values: distances }, Int32Array.from(labels), sizes)).toBeCloseTo(
      mean,
      9,
    );
  });
});
