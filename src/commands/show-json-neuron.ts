import { placesOf } from '../engine/analysis/average-features.ts';
import { quantileCount, classQuantiles } from '../engine/analysis/questions/distributions.ts';
import { settledSteps } from '../engine/analysis/questions/neuron-facets.ts';
import { defaultFacets, findFacets } from '../engine/analysis/facets.ts';
import { cutPatches } from '../engine/analysis/patches.ts';
import { openRunImages } from '../engine/analysis/run-images.ts';
import type { StoredImages } from '../engine/data/stored-images.ts';
import { DeepviewError, reportOf, type ErrorReport } from '../engine/base/errors.ts';
import type { Paths } from '../engine/base/paths.ts';
import type { LayerRecord } from '../engine/run/format.ts';
import { newestFeatures, noFeatures, readFeatures, type Features, type OpenRun } from '../engine/run/index.ts';

/** What `show RUN LAYER/NEURON --json` prints; format 1. */
export interface NeuronJson {
  format: 1;
  neuron: {
    layer: number;
    layerName: string;
    index: number;
    /** A value an epoch. */
    discriminability: number[];
    density: number[];
  };
  /** Quantiles 0, 5, ..., 100 % of the answers to each class at the newest epoch with samples; null for a class without probe images. */
  distributions?: { epoch: number; classes: { name: string; quantiles: number[] | null }[] };
  /** The epoch that patches and facets are of. */
  featureEpoch?: number;
  /** Strongest first. `y` and `x`: the first input pixel, which may lie before the border; `size` pixels a side. */
  patches: { image: number; y: number; x: number; size: number; activation: number; class?: string }[];
  /** `patches`: indices into the patches, nearest to the facet's centre first. */
  facets: { size: number; patches: number[]; position: [x: number, y: number] }[];
  /** Why there are no patches, or no facets and classes. */
  unavailable?: ErrorReport;
}

/**
 * Everything that is known of a neuron. Without stored patches, or without the run's images on this machine, the rest
 * is told, with the reason.
 * @throws DeepviewError exit code 4 where a file is missing or damaged
 */
export async function neuronJson(run: OpenRun, layer: LayerRecord, neuron: number, paths: Paths): Promise<NeuronJson> {
  const result: NeuronJson = {
    format: 1,
    neuron: { layer: layer.index, layerName: layer.name, index: neuron, discriminability: [], density: [] },
    patches: [],
    facets: [],
  };
  for (const { number } of run.records) {
    const metrics = await run.neurons(number, layer.index);
    result.neuron.discriminability.push(metrics.discriminability[neuron]);
    result.neuron.density.push(metrics.density[neuron]);
  }
  const epoch = run.records.at(-1)?.number;
  if (epoch === undefined) return result;
  const sampled = await run.sampledEpoch(epoch, layer.index);
  result.distributions = await distributionsOf(run, layer, neuron, sampled);
  const featureEpoch = await newestFeatures(run.directory, epoch);
  if (featureEpoch === undefined) return { ...result, unavailable: reportOf(noFeatures(epoch)) };
  const features = await readFeatures(run.directory, run.header, featureEpoch, layer);
  const images = await openRunImages(run.directory, run.header, paths).catch((thrown: unknown) => {
    if (thrown instanceof DeepviewError) return thrown;
    throw thrown;
  });
  result.featureEpoch = featureEpoch;
  if (images instanceof DeepviewError) {
    return { ...result, patches: patchesOf(features, layer, neuron, run), unavailable: reportOf(images) };
  }
  try {
    const patches = patchesOf(features, layer, neuron, run, images);
    return { ...result, patches, facets: await facetsOf(features, layer, neuron, run, images) };
  } finally {
    images.close();
  }
}

async function distributionsOf(
  run: OpenRun,
  layer: LayerRecord,
  neuron: number,
  epoch: number,
): Promise<NonNullable<NeuronJson['distributions']>> {
  const samples = await run.samples(epoch, layer.index);
  const quantiles = classQuantiles(samples, layer.units, neuron, run.header);
  const classes = run.header.dataset.classes.map((name, label) => {
    const own = Array.from(quantiles.subarray(label * quantileCount, (label + 1) * quantileCount));
    return { name, quantiles: own.every(Number.isFinite) ? own : null };
  });
  return { epoch, classes };
}

function patchesOf(
  features: Features,
  { receptiveField }: LayerRecord,
  neuron: number,
  run: OpenRun,
  images?: StoredImages,
): NeuronJson['patches'] {
  const { size, stride, offset } = receptiveField;
  const start = neuron * features.perNeuron;
  return placesOf(features, neuron).map(({ image, y, x }, rank) => ({
    image,
    y: offset + y * stride,
    x: offset + x * stride,
    size,
    activation: features.activation[start + rank],
    ...(images && { class: run.header.dataset.classes[images.labels[image]] }),
  }));
}

async function facetsOf(
  features: Features,
  layer: LayerRecord,
  neuron: number,
  run: OpenRun,
  images: StoredImages,
): Promise<NeuronJson['facets']> {
  const patches = cutPatches(images, layer.receptiveField, placesOf(features, neuron, 1000));
  if (patches.count === 0) return [];
  const { facets, map } = await findFacets(patches, { k: defaultFacets, seed: run.header.seed });
  map.advance(settledSteps);
  const positions = map.positions();
  return facets.map(({ size, patches: members }, facet) => {
    const at = 2 * (patches.count + facet);
    return { size, patches: Array.from(members), position: [positions[at], positions[at + 1]] };
  });
}
