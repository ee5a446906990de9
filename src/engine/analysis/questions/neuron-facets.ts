import { DeepviewError, exitCodes } from '../../base/errors.ts';
import type { LayerRecord } from '../../run/format.ts';
import { featureChecksum } from '../../run/features.ts';
import { placesOf } from '../average-features.ts';
import type { NeuronFacet, NeuronFacets } from './messages.ts';
import { findFacets, suggestFacets } from '../facets.ts';
import type { Pause } from '../neuron-distances.ts';
import { cutPatches, type Patches, type PixelSource } from '../patches.ts';
import { pictureOf, type FeaturesAt } from './pictures.ts';
import type { KeptResult, ResultCache } from './result-cache.ts';

/** Steps of t-SNE between two maps that are shown, and in all. */
const shownSteps = 25;
export const settledSteps = 1000;
/** Patches that facets are made of: the paper's number (section 3.3). */
const mostPatches = 1000;

export interface FacetsWanted {
  directory: string;
  layer: LayerRecord;
  neuron: number;
  k: number;
  seed: number;
  at: FeaturesAt;
  source: PixelSource;
  cache: ResultCache;
}

/**
 * Groups a neuron's patches and lays them out, shown as they improve; last comes the suggested number of facets. The end
 * is kept.
 * @throws DeepviewError `no-patches` for a neuron that no image activated
 */
export async function exploreFacets(
  wanted: FacetsWanted,
  show: (facets: NeuronFacets) => void,
  pause: Pause,
): Promise<void> {
  const { layer, neuron, k, seed, at, cache } = wanted;
  const name = `${String(layer.index).padStart(2, '0')}-${neuron}-facets-${k}`;
  const { bytes, crc32 } = await featureChecksum(wanted.directory, at.epoch, layer.index);
  const mark = `${bytes} ${crc32} seed ${seed}`;
  const patches = cutPatches(wanted.source, layer.receptiveField, placesOf(at.features, neuron, mostPatches));
  if (patches.count === 0) {
    throw new DeepviewError('no-patches', `No image activates neuron ${neuron} of layer ${layer.index}: no facets.`, {
      exitCode: exitCodes.unreadable,
    });
  }
  const about = { layer: layer.index, neuron, epoch: at.epoch };
  const kept = decode(await cache.read(at.epoch, name, mark), patches);
  if (kept) {
    show({ ...about, ...kept });
    return;
  }

  const { facets, labels, map } = await findFacets(patches, { k, seed, pause });
  const drawn = facets.map(({ size, patches: members, average }): NeuronFacet => {
    return { size, patches: members, average: pictureOf(average, patches) };
  });
  const now = (): NeuronFacets => ({
    ...about,
    facets: drawn,
    positions: Float32Array.from(map.positions()),
    labels,
    steps: map.steps,
  });
  show(now());
  while (map.steps < settledSteps && patches.count + facets.length > 1) {
    const before = map.steps;
    for (let step = 0; step < shownSteps; step++) {
      map.advance(1);
      await pause();
    }
    if (map.steps === before) break;
    show(now());
  }
  const suggestion = await suggestFacets(patches, { seed, pause });
  const result = { ...now(), steps: settledSteps, suggestion };
  show(result);
  await cache.write(at.epoch, name, mark, ...encode(result, patches));
}

function encode(result: NeuronFacets, patches: Patches): [Parameters<ResultCache['write']>[3], Record<string, string>] {
  const { facets, labels, positions, suggestion } = result;
  const { height, width, channels, count } = patches;
  const members = new Int32Array(count);
  const pixels = new Uint8Array(facets.length * height * width * channels);
  let from = 0;
  facets.forEach((facet, place) => {
    members.set(facet.patches, from);
    from += facet.size;
    pixels.set(facet.average.pixels, place * height * width * channels);
  });
  return [
    {
      labels: { type: 'int32', shape: [count], data: labels },
      members: { type: 'int32', shape: [count], data: members },
      positions: { type: 'float32', shape: [count + facets.length, 2], data: positions },
      averages: { type: 'uint8', shape: [facets.length, height, width, channels], data: pixels },
    },
    { k: String(suggestion?.k), silhouette: String(suggestion?.silhouette) },
  ];
}

/** What was kept, if it can be what it says; else undefined, and it is computed again. */
function decode(
  kept: KeptResult | undefined,
  { count, height, width, channels }: Patches,
): Omit<NeuronFacets, 'layer' | 'neuron' | 'epoch'> | undefined {
  const averages = kept?.arrays.get('averages');
  const facetCount = averages?.shape[0] ?? 0;
  const array = (name: string, type: string, ...shape: number[]): unknown => {
    const found = kept?.arrays.get(name);
    return found?.type === type && found.shape.join() === shape.join() ? found.data : undefined;
  };
  const labels = array('labels', 'int32', count) as Int32Array | undefined;
  const members = array('members', 'int32', count) as Int32Array | undefined;
  const positions = array('positions', 'float32', count + facetCount, 2) as Float32Array | undefined;
  const pixels = array('averages', 'uint8', facetCount, height, width, channels) as Uint8Array | undefined;
  const suggestion = { k: Number(kept?.texts.get('k')), silhouette: Number(kept?.texts.get('silhouette')) };
  if (!labels || !members || !positions || !pixels) return undefined;
  const possible =
    labels.every((label) => label >= 0 && label < facetCount) &&
    members.every((patch) => patch >= 0 && patch < count) &&
    positions.every(Number.isFinite) &&
    Number.isInteger(suggestion.k) &&
    Number.isFinite(suggestion.silhouette);
  if (!possible) return undefined;
  const sizes = new Int32Array(facetCount);
  for (const label of labels) sizes[label]++;
  const size = height * width * channels;
  let from = 0;
  const facets = Array.from(sizes, (facetSize, facet): NeuronFacet => {
    const patches = members.slice(from, from + facetSize);
    from += facetSize;
    const average = { height, width, channels, pixels: pixels.slice(facet * size, (facet + 1) * size) };
    return { size: facetSize, patches, average };
  });
  return { facets, labels, positions, suggestion, steps: settledSteps };
}
