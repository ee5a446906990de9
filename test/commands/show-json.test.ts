import { expect, test } from 'vitest';
import { placeNamed } from '../../src/commands/run-place.ts';
import { layerJson, neuronJson, type NeuronJson } from '../../src/commands/show-json.ts';
import { show } from '../../src/commands/show.ts';
import { clusterNeurons } from '../../src/engine/analysis/neuron-clusters.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { openRun } from '../../src/engine/run/index.ts';
import { commit, exploredRun, featuresOf } from '../engine/analysis/questions/explored-run.ts';
import { sceneIn } from './scene.ts';

const layers = [{ units: 7 }, { units: 7, kind: 'activation' as const }];

test("a layer's clusters are those of its neurons at the last epoch", async () => {
  const { directory, header } = await exploredRun(layers);
  const run = await openRun(directory);
  const paths = pathsFor({ HOME: directory });
  const { clusters } = await layerJson(run, header.network.layers[1], paths);
  const samples = { values: await run.samples(2, 2), images: 40, neurons: 7 };
  const expected = await clusterNeurons(samples, header.probe.labels);
  expect(clusters).toEqual({
    epoch: 2,
    linkage: 'average',
    k: 5,
    labels: [...expected.labels],
    positions: Array.from({ length: 7 }, (_, c) => [...expected.positions.subarray(2 * c, 2 * c + 2)]),
    medoids: [...expected.medoids],
  });
  const before = { ...run, records: run.records.slice(0, 1) };
  expect((await layerJson(before, header.network.layers[1], paths)).clusters?.epoch).toBe(1);
});

test('neurons bear the flags that the screen marks them with', async () => {
  const { directory, header, writer } = await exploredRun(layers);
  await commit(writer, 3, (samples, { units }) => {
    for (let at = 0; at < samples.length; at += units) {
      samples[at + 2] = 0;
      samples[at + 5] = samples[at + 1];
    }
  });
  const run = await openRun(directory);
  const json = await layerJson(run, header.network.layers[0], pathsFor({ HOME: directory }));
  expect(json.neurons.map(({ flags }) => flags)).toEqual([[], [], ['dead'], [], [], ['duplicate of 1'], []]);
  expect(json.outliers.length).toBeGreaterThanOrEqual(2);
  expect(json).not.toHaveProperty('unavailable');
});

test('all that is known of a neuron: metrics, distributions, patches and facets', async () => {
  const { directory, header } = await exploredRun(layers);
  const { context, out } = sceneIn(directory, true);
  expect(await show({ run: directory, layer: '2/3' }, context)).toBe(0);
  const json = JSON.parse(out()) as NeuronJson;
  expect(json).toMatchObject({ format: 2, neuron: { layer: 2, layerName: 'layer2', index: 3 }, featureEpoch: 1 });
  expect(json.neuron.metrics['discriminability']).toHaveLength(2);
  expect(json.distributions?.classes.map(({ name, quantiles }) => [name, quantiles?.length])).toEqual([
    ['a', 21],
    ['b', 21],
    ['c', 21],
    ['d', 21],
  ]);
  const features = featuresOf(header.network.layers[1]);
  const at = 3 * 40 + 5;
  expect(json.patches).toHaveLength(40);
  // The layer's field: 5 pixels, 4 apart, the first at -2.
  expect(json.patches[5]).toMatchObject({
    image: features.image[at],
    y: 4 * features.y[at] - 2,
    x: 4 * features.x[at] - 2,
    size: 5,
    activation: 95,
  });
  expect(json.facets.reduce((sum, facet) => sum + facet.size, 0)).toBe(40);
  expect(json.facets.flatMap((facet) => facet.patches).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
  expect(json).not.toHaveProperty('unavailable');
});

test('without patches, and without the images, the rest is told with the reason', async () => {
  const plain = await exploredRun(layers, { features: false });
  const paths = pathsFor({ HOME: plain.directory });
  const none = await neuronJson(await openRun(plain.directory), plain.header.network.layers[0], 0, paths);
  expect(none).toMatchObject({ patches: [], facets: [], unavailable: { code: 'no-features' } });
  expect(none.neuron.metrics['density']).toHaveLength(2);
  const foreign = await exploredRun(layers, { dataset: 'my images' });
  const some = await neuronJson(await openRun(foreign.directory), foreign.header.network.layers[0], 0, paths);
  expect(some).toMatchObject({ facets: [], unavailable: { code: 'data-unavailable' } });
  expect(some.patches).toHaveLength(40);
  expect(some.patches[0]).not.toHaveProperty('class');
});

test.each(['7', '-1', '1e3', '', 'x\u001b[2J', '99999999999'])('neuron "%s" is refused', async (word) => {
  const { directory, header } = await exploredRun(layers);
  expect(() => placeNamed(header.network.layers, `1/${word}`)).toThrow('layer 1 has no neuron');
  const { context } = sceneIn(directory, true);
  const showing = show({ run: directory, layer: `1/${word}` }, context);
  await expect(showing).rejects.toMatchObject({ code: 'unknown-neuron', exitCode: 2 });
  await expect(showing).rejects.not.toThrow('\u001b');
});
