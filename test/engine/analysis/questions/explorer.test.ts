import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startExploration } from '../../../../src/engine/analysis/questions/client.ts';
import type { ExplorationAnswer } from '../../../../src/engine/analysis/questions/messages.ts';
import { clusterNeurons } from '../../../../src/engine/analysis/neuron-clusters.ts';
import { neuronDistances } from '../../../../src/engine/analysis/neuron-distances.ts';
import { cutPatches } from '../../../../src/engine/analysis/patches.ts';
import { generateShapes } from '../../../../src/engine/data/shapes/generate-shapes.ts';
import { pathsFor } from '../../../../src/engine/base/paths.ts';
import { programFile } from '../../../../src/engine/base/program-files.ts';
import { runFiles } from '../../../../src/engine/run/layout.ts';
import { commit, exploredRun, explorerOf, featuresOf, samplesOf } from './explored-run.ts';

const map = { type: 'map', layer: 1, epoch: 2, k: 3, linkage: 'average' } as const;
const layers = [{ units: 12 }, { units: 12, kind: 'activation' as const }];

const shapes = generateShapes(1000, 'validation');
const source = {
  imageShape: [32, 32, 3] as const,
  pixels: (image: number) => shapes.pixels.subarray(image * 3072, (image + 1) * 3072),
};

describe('evolution', () => {
  test('holds every neuron at every epoch, and epochs that come later', async () => {
    const { directory, header, writer } = await exploredRun(layers);
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'evolution', layer: 2 });
    expect(last('evolution').evolution).toMatchObject({ layer: 2, epochs: [1, 2], neurons: 12 });
    expect(last('evolution').evolution.metrics.discriminability).toHaveLength(24);
    await commit(writer, 3);
    await asked({ type: 'evolution', layer: 2 });
    const { epochs, metrics } = last('evolution').evolution;
    expect(epochs).toEqual([1, 2, 3]);
    const samples = samplesOf(header, header.network.layers[1], 3);
    let sum = 0;
    for (let image = 0; image < 40; image++) sum += Math.min(1, Math.max(0, samples[image * 12 + 5]));
    expect(metrics.density[2 * 12 + 5]).toBeCloseTo(sum / 40, 5);
  });

  test('leaves out an epoch whose file vanished; without any it names the file', async () => {
    const { directory } = await exploredRun(layers);
    await rm(runFiles.epochData(directory, 1));
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'evolution', layer: 1 });
    expect(last('evolution').evolution.epochs).toEqual([2]);
    await rm(runFiles.epochData(directory, 2));
    const [answer] = await explorerOf(directory).asked({ type: 'evolution', layer: 1 });
    expect(answer).toMatchObject({ type: 'unavailable', about: 'evolution', error: { code: 'not-found' } });
  });
});

describe('map', () => {
  test('comes at once, then pictures, then better maps until one is settled', async () => {
    const { directory, header } = await exploredRun(layers);
    const { asked } = explorerOf(directory);
    const answers = await asked(map);
    expect(answers.map(({ type }) => type)).toEqual(['map', 'pictures', 'map']);
    type MapAnswer = Extract<ExplorationAnswer, { type: 'map' }>;
    const [first, , end] = answers as [MapAnswer, ExplorationAnswer, MapAnswer];
    expect([first.map.settled, end.map.settled]).toEqual([false, true]);
    expect(end.map.stress).toBeLessThan(first.map.stress);

    const [layer] = header.network.layers;
    const samples = { values: samplesOf(header, layer, 2), images: 40, neurons: 12 };
    const rounded = { ...samples, values: new Float32Array(samples.values.length) };
    const stored = await neuronDistances(samples, header.probe.labels);
    rounded.values.set(samples.values);
    const expected = await clusterNeurons(rounded, header.probe.labels, { k: 3 });
    expect(end.map.labels).toEqual(expected.labels);
    expect(end.map.medoids).toEqual(expected.medoids);
    // Only turned: distances on the map are those of the layout (samples are stored as halves).
    const between = (positions: ArrayLike<number>, p: number, q: number): number =>
      Math.hypot(positions[2 * p] - positions[2 * q], positions[2 * p + 1] - positions[2 * q + 1]);
    for (const [p, q] of [
      [0, 1],
      [3, 11],
      [7, 2],
    ]) {
      const scale = Math.max(...stored.values);
      expect(Math.abs(between(end.map.positions, p, q) - between(expected.positions, p, q)) / scale).toBeLessThan(0.05);
    }
    expect(end.map.mergeHeights).toHaveLength(11);
    expect([...end.map.mergeHeights]).toEqual([...end.map.mergeHeights].sort((a, b) => b - a));
    // Every merge but the last one is joined once, by a higher one; the rest are the twelve neurons.
    const parts = [...end.map.mergeParts];
    expect(parts.filter((part) => part >= 0).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, at) => at + 1),
    );
    expect(parts.every((part, at) => part < 0 || part > at >> 1)).toBe(true);
    expect(parts.filter((part) => part < 0)).toHaveLength(12);
  });

  test('does not spin: the next epoch and a layer of the same neurons lie near the map before', async () => {
    const { directory } = await exploredRun(layers);
    const { asked, last, all } = explorerOf(directory);
    await asked(map);
    const before = last('map').map.positions;
    await asked({ ...map, linkage: 'ward', k: 4 });
    last('map').map.positions.forEach((value, at) => expect(value).toBeCloseTo(before[at], 3));
    const count = all('map').length;
    await asked(map);
    // Known already: one answer, settled.
    expect(all('map').length).toBe(count + 1);
  });

  test('a newer question of its kind ends the answer to the older one', async () => {
    const { directory } = await exploredRun([{ units: 400 }, { units: 3 }], { perNeuron: 2 });
    const { explorer, answers, asked } = explorerOf(directory);
    const older = explorer.ask(map);
    await asked({ ...map, layer: 2 });
    const seen = answers.length;
    await older;
    expect(answers.length).toBe(seen);
    const settled = answers.filter((answer) => answer.type === 'map' && answer.map.settled);
    expect(settled).toMatchObject([{ map: { layer: 2 } }]);
  });

  test('cancelled, it is silent', async () => {
    const { directory } = await exploredRun([{ units: 400 }], { perNeuron: 2 });
    const { explorer, answers } = explorerOf(directory);
    const asking = explorer.ask(map);
    explorer.cancel('map');
    await asking;
    expect(answers.filter(({ type }) => type !== 'unavailable')).toEqual([]);
  });

  test.each([1, 2, 4])('%i neurons: fewer than clusters', async (units) => {
    const { directory } = await exploredRun([{ units }]);
    const { asked, last } = explorerOf(directory);
    await asked({ ...map, k: 5 });
    const { map: found } = last('map');
    expect(found).toMatchObject({ k: units, settled: true });
    expect([...found.labels].sort()).toEqual(Array.from({ length: units }, (_, label) => label));
    expect(found.positions.every(Number.isFinite)).toBe(true);
    expect(last('pictures').pictures.clusters).toHaveLength(units);
  });

  test('2 048 neurons', async () => {
    const { directory } = await exploredRun([{ units: 2048, shape: [1, 1, 2048] }], { perNeuron: 1 });
    const { explorer, last, all } = explorerOf(directory);
    const asking = explorer.ask(map);
    while (all('pictures').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(last('map').map.labels).toHaveLength(2048);
    expect(last('pictures').pictures.averages).toHaveLength(2048);
    explorer.cancel();
    await asking;
  });

  test('samples that are not finite are named', async () => {
    const { directory, writer } = await exploredRun(layers);
    await commit(writer, 3, (samples) => (samples[12 * 7 + 5] = NaN));
    const [answer] = await explorerOf(directory).asked({ ...map, epoch: 3 });
    expect(answer).toMatchObject({ type: 'unavailable', about: 'map', error: { code: 'non-finite' } });
    expect(JSON.stringify(answer)).toContain('neuron 5 for image 7');
  });

  test('an epoch whose file vanished, and questions about nothing', async () => {
    const { directory } = await exploredRun(layers);
    await rm(runFiles.epochData(directory, 2));
    const { asked } = explorerOf(directory);
    expect(await asked(map)).toMatchObject([{ about: 'map', error: { code: 'not-found' } }]);
    expect(await asked({ ...map, epoch: 9 })).toMatchObject([{ about: 'map', error: { code: 'unknown-epoch' } }]);
    expect(await asked({ ...map, layer: 9 })).toMatchObject([{ about: 'map', error: { code: 'unknown-layer' } }]);
    const gone = explorerOf(`${directory}/nowhere`);
    expect(await gone.asked(map)).toMatchObject([{ about: 'map', error: { code: 'not-a-run' } }]);
  });
});

describe('pictures', () => {
  test('a neuron is the weighted mean of its 20 strongest patches; a dead one has none', async () => {
    const { directory, header } = await exploredRun(layers, { silent: [3] });
    const { asked, last } = explorerOf(directory);
    await asked(map);
    const { averages, clusters, epoch } = last('pictures').pictures;
    expect(epoch).toBe(1);
    expect(averages[3]).toBeUndefined();
    expect(clusters).toHaveLength(3);
    const [layer] = header.network.layers;
    const features = featuresOf(layer, 40, [3]);
    const places = Array.from({ length: 20 }, (_, k) => ({
      image: features.image[k],
      y: features.y[k],
      x: features.x[k],
    }));
    const patches = cutPatches(source, layer.receptiveField, places);
    const weight = (k: number): number => 100 - k;
    const total = places.reduce((sum, _, k) => sum + weight(k), 0);
    averages[0]?.pixels.forEach((value, at) => {
      const mean = places.reduce((sum, _, k) => sum + (weight(k) * patches.values[k * 75 + at]) / total, 0);
      expect(Math.abs(value - mean)).toBeLessThanOrEqual(0.51);
    });
  });

  test('a field larger than the image is the image; a layer without extent has pictures', async () => {
    const field = { size: 200, stride: 32, offset: -84 };
    const { directory, header } = await exploredRun([{ units: 3, shape: [1, 1, 3], receptiveField: field }]);
    const { asked, last } = explorerOf(directory);
    await asked({ type: 'patches', layer: 1, neuron: 0, epoch: 2, first: 0, count: 1 });
    const { pictures, patches } = last('patches').patches;
    const { image } = featuresOf(header.network.layers[0]);
    expect(patches[0].image).toBe(image[0]);
    expect(pictures[0]).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(pictures[0].pixels).toEqual(source.pixels(image[0]));
  });

  test('without stored patches the map comes all the same, and what to do is said', async () => {
    const { directory } = await exploredRun(layers, { features: false });
    const { asked } = explorerOf(directory);
    const answers = await asked(map);
    expect(answers.map(({ type }) => type)).toEqual(['map', 'unavailable', 'map']);
    expect(answers[1]).toMatchObject({ about: 'pictures', error: { code: 'no-features' } });
    const patches = { type: 'patches', layer: 1, neuron: 0, epoch: 2, first: 0, count: 1 } as const;
    expect(await asked(patches)).toMatchObject([{ about: 'patches', error: { code: 'no-features' } }]);
  });

  test('without the images, places and activations are told', async () => {
    const { directory } = await exploredRun(layers, { dataset: 'cifar10' });
    const { asked } = explorerOf(directory);
    const answers = await asked({ type: 'patches', layer: 1, neuron: 0, epoch: 2, first: 0, count: 5 });
    expect(answers).toMatchObject([
      { type: 'patches', patches: { pictured: [], pictures: [] } },
      { type: 'unavailable', about: 'pictures', error: { code: 'data-unavailable' } },
    ]);
    expect(JSON.stringify(answers[1])).toContain('deepview-tui data fetch cifar10');
    expect(answers[0]).toHaveProperty('patches.patches.0.label', -1);
  });

  test('patches can be asked for from anywhere, and of a facet', async () => {
    const { directory, header } = await exploredRun(layers);
    const { asked, last } = explorerOf(directory);
    const patches = { type: 'patches', layer: 1, neuron: 2, epoch: 2, first: 38, count: 5 } as const;
    await asked(patches);
    expect(last('patches').patches).toMatchObject({ pictured: [38, 39], epoch: 1 });
    const { image } = featuresOf(header.network.layers[0]);
    const all = last('patches').patches.patches;
    expect(all.map((patch) => patch.image)).toEqual([...image.subarray(80, 120)]);
    expect(all.map((patch) => patch.label)).toEqual(all.map((patch) => shapes.labels[patch.image]));
    await asked({ ...patches, first: 1, count: 2, members: [7, 3, 99, 5, 1] });
    expect(last('patches').patches.pictured).toEqual([3, 5]);
    expect(last('patches').patches.pictures).toHaveLength(2);
    const rows = { type: 'rows' as const, layer: 1, neurons: [4, 0], epoch: 2, count: 5 };
    await asked(rows);
    expect(last('rows').rows.map(({ neuron, pictures }) => [neuron, pictures.length])).toEqual([
      [4, 5],
      [0, 5],
    ]);
    expect(await asked({ ...rows, neurons: [12] })).toMatchObject([
      { about: 'rows', error: { code: 'unknown-neuron' } },
    ]);
  });
});

test('distributions are the quantiles of each class', async () => {
  const { directory, writer } = await exploredRun([{ units: 2 }]);
  await commit(writer, 3, (samples) => samples.forEach((_, at) => (samples[at] = Math.floor(at / 2) % 10)));
  const { asked, last } = explorerOf(directory);
  await asked({ type: 'distributions', layer: 1, neuron: 1, epoch: 3 });
  const { quantiles, quantileCount } = last('distributions').distributions;
  expect(quantileCount).toBe(21);
  // Each class's answers are 0, 1, ..., 9.
  for (let label = 0; label < 4; label++) {
    for (let q = 0; q < 21; q++) expect(quantiles[label * 21 + q]).toBeCloseTo((q / 20) * 9, 5);
  }
});

describe('facets', () => {
  const facets = { type: 'facets', layer: 1, neuron: 1, epoch: 2, k: 4 } as const;

  test('improve in steps, end with a suggestion, and are there at once the next time', async () => {
    const { directory } = await exploredRun(layers);
    const { asked, last, all } = explorerOf(directory);
    await asked(facets);
    const steps = all('facets').map((answer) => answer.facets.steps);
    expect(steps).toEqual([...Array.from({ length: 41 }, (_, at) => at * 25), 1000]);
    expect(all('facets').map((answer) => answer.facets.suggestion !== undefined)).toEqual([
      ...Array<boolean>(41).fill(false),
      true,
    ]);
    const end = last('facets').facets;
    expect(end.facets.reduce((sum, facet) => sum + facet.size, 0)).toBe(40);
    expect(end.positions).toHaveLength(2 * 44);
    end.facets.forEach((facet, place) => facet.patches.forEach((patch) => expect(end.labels[patch]).toBe(place)));

    const again = explorerOf(directory);
    await again.asked(facets);
    expect(again.all('facets')).toEqual([{ type: 'facets', facets: end }]);
  });

  test('more facets than patches, one patch, and none', async () => {
    const { directory } = await exploredRun([{ units: 2 }], { perNeuron: 3, silent: [1] });
    const { asked, last } = explorerOf(directory);
    await asked({ ...facets, neuron: 0, k: 10 });
    expect(last('facets').facets.facets.map((facet) => facet.size)).toEqual([1, 1, 1]);
    expect(last('facets').facets.suggestion).toBeDefined();
    expect(await asked(facets)).toMatchObject([{ about: 'facets', error: { code: 'no-patches' } }]);
    const single = await exploredRun([{ units: 1 }], { perNeuron: 1 });
    const one = explorerOf(single.directory);
    await one.asked({ ...facets, neuron: 0 });
    expect(one.last('facets').facets).toMatchObject({ labels: Int32Array.of(0), suggestion: { k: 1 } });
  });
});

describe('what is kept in the run', () => {
  test('saves the way to the settled map; damaged or of other data, it is computed again', async () => {
    const { directory } = await exploredRun(layers);
    const first = explorerOf(directory);
    await first.asked(map);
    const kept = `${directory}/cache/000002/01-map.safetensors`;
    const whole = await readFile(kept);
    const second = explorerOf(directory);
    await second.asked(map);
    expect(second.all('map').map((answer) => answer.map.settled)).toEqual([true]);
    expect(second.last('map').map.stress).toBe(first.last('map').map.stress);

    for (const damage of [
      whole.subarray(0, 60),
      Buffer.from(whole.toString('latin1').replace(/"source":"\d/, '"source":"x'), 'latin1'),
    ]) {
      await writeFile(kept, damage);
      const third = explorerOf(directory);
      await third.asked(map);
      expect(third.all('map').map((answer) => answer.map.settled)).toEqual([false, true]);
      expect(third.last('map').map.positions).toEqual(first.last('map').map.positions);
      expect(await readFile(kept)).toEqual(whole);
    }
  });

  test('a run that cannot be written is explored all the same', async () => {
    const { directory } = await exploredRun(layers);
    // A file in the place of the folder: even the owner of everything cannot write into it.
    await writeFile(`${directory}/cache`, '');
    const { asked, last } = explorerOf(directory);
    await asked(map);
    expect(last('map').map.settled).toBe(true);
    await chmod(`${directory}/cache`, 0o400);
  });

  test('nothing is written or deleted through a link: what was found is kept in memory', async () => {
    const { ResultCache } = await import('../../../../src/engine/analysis/questions/result-cache.ts');
    const { directory } = await exploredRun([{ units: 1 }]);
    const target = `${directory}-target`;
    await mkdir(target);
    await writeFile(`${target}/precious`, Buffer.alloc(6000));
    const values = { values: { type: 'float64' as const, shape: [2], data: Float64Array.of(1, 2) } };
    for (const link of ['cache', 'cache/000002']) {
      await mkdir(`${directory}/cache`, { recursive: true });
      await rm(`${directory}/${link}`, { recursive: true, force: true });
      await symlink(target, `${directory}/${link}`);
      const cache = new ResultCache(directory, 10);
      await cache.write(2, 'new', 'source', values, { stress: '1' });
      const { arrays, texts } = (await cache.read(2, 'new', 'source'))!;
      expect([arrays.get('values')?.data, texts.get('stress')]).toEqual([Float64Array.of(1, 2), '1']);
      expect(await cache.read(2, 'new', 'another')).toBeUndefined();
      // Of another epoch there is room, and what is too much is not what the link leads to.
      await cache.write(3, 'new', 'source', values);
      expect(await readdir(target)).toEqual(['precious']);
      await rm(`${directory}/${link}`);
    }
    await rm(target, { recursive: true });
  });

  test('is bounded', async () => {
    const { ResultCache } = await import('../../../../src/engine/analysis/questions/result-cache.ts');
    const { directory } = await exploredRun([{ units: 1 }]);
    const old = `${directory}/cache/000001`;
    await mkdir(old, { recursive: true });
    // Their names and the order in which they were written would say otherwise which of them is older.
    for (const [name, time] of [
      ['newer', 2000],
      ['older', 1000],
    ] as const) {
      await writeFile(`${old}/${name}.safetensors`, Buffer.alloc(6000));
      await utimes(`${old}/${name}.safetensors`, time, time);
    }
    const cache = new ResultCache(directory, 10_000);
    const data = Float64Array.of(1, 2);
    await cache.write(2, 'new', 'source', { values: { type: 'float64', shape: [2], data } });
    expect(await readdir(old)).toEqual(['newer.safetensors']);
    expect((await cache.read(2, 'new', 'source'))?.arrays.get('values')?.data).toEqual(data);
    expect(await cache.read(2, 'new', 'another')).toBeUndefined();
  });
});

test('a thread of its own answers, goes on after an error, and ends', async () => {
  const { directory } = await exploredRun(layers);
  const env = { HOME: directory };
  const exploration = startExploration(programFile('analysis-worker'), directory, { paths: pathsFor(env), env });
  const answers: ExplorationAnswer[] = [];
  const seen = (fits: (answer: ExplorationAnswer) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const end = exploration.subscribe((answer) => {
        answers.push(answer);
        if (!fits(answer)) return;
        end();
        resolve();
      });
    });
  const failed = seen((answer) => answer.type === 'unavailable');
  exploration.ask({ ...map, layer: 99 });
  await failed;
  const settled = seen((answer) => answer.type === 'map' && answer.map.settled);
  exploration.ask(map);
  await settled;
  expect(answers.map(({ type }) => type)).toContain('pictures');
  await exploration.close();
  exploration.ask(map);
});
