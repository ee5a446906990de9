/**
 * What finding the strongest patches costs a training epoch, in time and memory, and how long a layer's map takes once
 * its distances are known. `npm run bench -- features [NETWORK]`; without CIFAR-10 on this machine, shapes take its place.
 */
import { classicalScaling } from '../src/engine/analysis/classical-scaling.ts';
import { agglomerate, cutTree, medoids } from '../src/engine/analysis/linkage.ts';
import { neuronDistances } from '../src/engine/analysis/neuron-distances.ts';
import { smacof } from '../src/engine/analysis/smacof.ts';
import { openEngine } from '../src/engine/backend/open-engine.ts';
import { openDataset } from '../src/engine/data/open-dataset.ts';
import { findPreset } from '../src/engine/network/presets/index.ts';
import { pathsFor } from '../src/engine/base/paths.ts';
import { StrongestImages } from '../src/engine/probe/strongest-images.ts';
import { Random } from '../src/engine/base/random.ts';
import { buildModel } from '../src/engine/training/model.ts';
import { median, timed } from './peer.ts';

const [network = 'lenet'] = process.argv.slice(2);
/** Of CIFAR-10. */
const [trainImages, validationImages] = [50_000, 10_000];
const [batch, validationBatch] = [100, 500];

const paths = pathsFor(process.env);
const quiet = {
  paths,
  env: process.env,
  onProgress: () => undefined,
  onNotice: (notice: string) => console.error(notice),
  signal: new AbortController().signal,
};

async function cost(): Promise<void> {
  const engine = await openEngine('auto', quiet);
  const dataset = await openDataset({ name: 'cifar10', limit: 5000 }, quiet).catch(() =>
    openDataset({ name: 'shapes' }, quiet),
  );
  const specification = findPreset(network);
  const model = buildModel(engine, specification, 1);
  const images = (part: 'train' | 'validation', count: number, start: number) => {
    const chosen = Uint32Array.from({ length: count }, (_, at) => start + at);
    const values = new Float32Array(count * 3072);
    dataset[part].fill(chosen, values);
    return { values, labels: Int32Array.from(chosen, (image) => dataset[part].labels[image]) };
  };
  const training = images('train', batch, 0);
  const strongest = new StrongestImages(model.layers, validationImages, { epoch: 1 });
  const [steps, plain, extraction]: [number[], number[], number[]] = [[], [], []];
  // Warms up; then all images once, for the strongest are found more and more rarely.
  for (let start = -validationBatch; start < dataset.validation.count; start += validationBatch) {
    const validation = images('validation', validationBatch, Math.max(0, start));
    const [step] = await timed(async () => {
      for (let i = 0; i < 3; i++) {
        await model.train(training.values, training.labels, { learningRate: 0.01, epoch: 1, batch: 1 });
      }
    });
    const [forward] = await timed(() => model.evaluate(validation.values, validation.labels));
    let extra = 0;
    await model.evaluate(validation.values, validation.labels, async (layer, find) => {
      const from = performance.now();
      const { largest, places } = await find();
      if (start >= 0) strongest.add(layer, start, largest, places);
      extra += performance.now() - from;
    });
    if (start < 0) continue;
    steps.push(step / 3);
    plain.push(forward);
    extraction.push(extra);
  }
  const [sorting] = await timed(() => model.layers.forEach((_, layer) => strongest.result(layer)));
  const epoch = (median(steps) * trainImages) / batch + (median(plain) * validationImages) / validationBatch;
  const extra = (median(extraction) * validationImages) / validationBatch + sorting;
  model.dispose();
  console.log(
    `${network} on ${dataset.name}, ${engine.name}: an epoch of ${(epoch / 1000).toFixed(1)} s (step ${median(steps).toFixed(1)} ms), ` +
      `patches ${(extra / 1000).toFixed(2)} s: ${((100 * extra) / epoch).toFixed(1)} % of an epoch that has them, ` +
      `${((20 * extra) / epoch).toFixed(2)} % when every fifth has`,
  );
  console.log(
    JSON.stringify({
      benchmark: 'features',
      network,
      engine: engine.name,
      epochSeconds: epoch / 1000,
      featureSeconds: extra / 1000,
      share: extra / epoch,
      shareEveryFifth: extra / epoch / 5,
    }),
  );
}

/** What is kept of the widest network, all 10 000 images seen. */
async function memory(): Promise<void> {
  const { layers } = findPreset('lenet-w');
  const units: number[] = [];
  for (const layer of layers) {
    units.push(layer.kind === 'convolution' ? layer.channels : (units.at(-1) ?? 3));
  }
  const before = process.memoryUsage();
  const collected = units.map((count, place) => ({
    index: place + 1,
    name: 'layer',
    units: count,
    shape: [1, 1, count],
  }));
  const strongest = new StrongestImages(collected, validationImages, { epoch: 1 });
  const random = new Random(1, 'features');
  let peak = 0;
  const [milliseconds] = await timed(() => {
    for (let start = 0; start < validationImages; start += validationBatch) {
      units.forEach((count, layer) => {
        const largest = Float32Array.from({ length: validationBatch * count }, () => random.uniform());
        strongest.add(layer, start, largest, new Int32Array(largest.length));
      });
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    units.forEach((_, layer) => {
      strongest.result(layer);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    });
  });
  const megabytes = (peak - before.arrayBuffers) / 1e6;
  console.log(
    `lenet-w, ${validationImages} images: ${megabytes.toFixed(0)} MB for the strongest 1 000 of ` +
      `${units.reduce((sum, count) => sum + count)} neurons, kept and sorted in ${(milliseconds / 1000).toFixed(1)} s, random numbers included`,
  );
  console.log(JSON.stringify({ benchmark: 'features memory', network: 'lenet-w', megabytes }));
}

async function maps(): Promise<void> {
  for (const neurons of [64, 512, 2048]) {
    const random = new Random(1, 'map');
    const labels = Array.from({ length: 1000 }, (_, image) => image % 10);
    const bases = Array.from({ length: 10 * neurons }, () => random.normal());
    const values = Float32Array.from({ length: 1000 * neurons }, (_, at) => {
      return bases[labels[Math.floor(at / neurons)] * neurons + (at % neurons)] + random.normal();
    });
    const [distancesTook, distances] = await timed(() => neuronDistances({ values, images: 1000, neurons }, labels));
    const [first, positions] = await timed(async () => {
      medoids(distances, cutTree(await agglomerate(distances, 'average'), 5));
      return classicalScaling(
        distances.values.map((value) => value * value),
        neurons,
      );
    });
    const [settled] = await timed(async () => Array.from(await smacof(distances, positions)).length);
    const figures = { distances: distancesTook, map: first, settled: first + settled };
    console.log(
      `${neurons} neurons: distances ${distancesTook.toFixed(0)} ms; then the map in ${first.toFixed(0)} ms, settled in ${(first + settled).toFixed(0)} ms`,
    );
    console.log(JSON.stringify({ benchmark: 'features map', neurons, milliseconds: figures }));
  }
}

await memory();
await maps();
await cost();
