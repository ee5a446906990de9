import type { ReceptiveField } from '../../network/receptive-field.ts';
import type { LayerRecord } from '../../run/format.ts';
import type { Features } from '../../base/features.ts';
import { newestFeatures, noFeatures, readFeatures } from '../../run/features.ts';
import { runWord } from '../../run/find.ts';
import { clusterAverages, neuronAverage } from '../average-features.ts';
import type { LayerPictures, PixelPicture } from './messages.ts';
import type { Pause } from '../neuron-distances.ts';
import { cutPatches, type Patches, type PatchPlace, type PixelSource } from '../patches.ts';
import { LruCache } from './lru-cache.ts';
import type { RunEpochs } from './run-epochs.ts';

/** A layer's strongest patches at the newest epoch that has some. */
export interface FeaturesAt {
  epoch: number;
  features: Features;
}

/** Reads strongest patches and makes pictures of them. */
export class Pictures {
  readonly #run: RunEpochs;
  readonly #runs: string;
  readonly #features = new LruCache<Features>(4);
  readonly #averages = new LruCache<(Float32Array | undefined)[]>(6);

  /** @param runs where the user's runs are, for the words that mean this one */
  constructor(run: RunEpochs, runs: string) {
    this.#run = run;
    this.#runs = runs;
  }

  /** @throws DeepviewError `no-features`, or what reading them throws */
  async features(layer: LayerRecord, epoch: number): Promise<FeaturesAt> {
    const { directory, header } = this.#run;
    const newest = await newestFeatures(directory, epoch);
    if (newest === undefined) throw noFeatures(header, epoch, runWord(directory, this.#runs));
    const key = `${layer.index} ${newest}`;
    let features = this.#features.get(key);
    if (!features) {
      features = await readFeatures(directory, header, newest, layer);
      this.#features.set(key, features);
    }
    return { epoch: newest, features };
  }

  /** A neuron's average; undefined where no image activated it. */
  average(layer: LayerRecord, { features }: FeaturesAt, neuron: number, source: PixelSource): PixelPicture | undefined {
    const values = neuronAverage(features, neuron, source, layer.receptiveField);
    return values && pictureOf(values, patchShape(source, layer.receptiveField));
  }

  /** The averages of all neurons, and of the clusters of a map. */
  async ofLayer(
    layer: LayerRecord,
    { epoch, features }: FeaturesAt,
    source: PixelSource,
    clusters: { labels: Int32Array; fromCentre: Float64Array },
    pause: Pause,
  ): Promise<LayerPictures> {
    const key = `${layer.index} ${epoch}`;
    let averages = this.#averages.get(key);
    if (!averages) {
      averages = [];
      for (let neuron = 0; neuron < layer.units; neuron++) {
        averages.push(neuronAverage(features, neuron, source, layer.receptiveField));
        await pause();
      }
      this.#averages.set(key, averages);
    }
    const shape = patchShape(source, layer.receptiveField);
    const ofClusters = clusterAverages(clusters.labels, clusters.fromCentre, averages, shape);
    const draw = (values: Float32Array | undefined): PixelPicture | undefined => values && pictureOf(values, shape);
    return {
      layer: layer.index,
      epoch,
      field: layer.receptiveField,
      averages: averages.map(draw),
      clusters: ofClusters.map(draw),
    };
  }
}

type PatchShape = Omit<Patches, 'count' | 'values'>;

/** What patches of a layer measure. */
function patchShape(source: PixelSource, field: ReceptiveField): PatchShape {
  const [height, width, channels] = source.imageShape;
  return { height: Math.min(field.size, height), width: Math.min(field.size, width), channels };
}

/** Values 0..255 as a picture, rounded. */
export function pictureOf(values: Float32Array, { height, width, channels }: PatchShape): PixelPicture {
  return { height, width, channels, pixels: Uint8Array.from(Uint8ClampedArray.from(values)) };
}

/** Patches as pictures, one each. */
export function picturesOf(source: PixelSource, field: ReceptiveField, places: readonly PatchPlace[]): PixelPicture[] {
  const patches = cutPatches(source, field, places);
  const size = patches.height * patches.width * patches.channels;
  return places.map((_, index) => pictureOf(patches.values.subarray(index * size, (index + 1) * size), patches));
}
