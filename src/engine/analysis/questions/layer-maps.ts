import type { Cluster } from 'ml-hclust';
import { DeepviewError } from '../../base/errors.ts';
import type { Samples } from '../../metrics/index.ts';
import { classOfImages, type LayerRecord } from '../../run/format.ts';
import type { NeuronFlag, LayerMap } from './messages.ts';
import { classicalScaling } from '../classical-scaling.ts';
import { agglomerate, cutTree, medoids } from '../linkage.ts';
import type { Linkage } from '../choices.ts';
import { requireClusterable } from '../neuron-clusters.ts';
import { inSquarableUnit, neuronDistances, type DistanceMatrix, type Pause } from '../neuron-distances.ts';
import { alignTo } from '../procrustes.ts';
import { smacof } from '../smacof.ts';
import { findFlags } from './flags.ts';
import { LruCache } from './lru-cache.ts';
import type { ResultCache } from './result-cache.ts';
import type { RunEpochs } from './run-epochs.ts';

/** A layer at an epoch: what does not depend on how it is clustered. */
export interface LayerLayout {
  readonly layer: LayerRecord;
  readonly epoch: number;
  readonly samples: Samples;
  /** In `unit`, as are `positions` and the root of `stress`. */
  readonly distances: DistanceMatrix;
  readonly unit: number;
  readonly flags: NeuronFlag[];
  readonly trees: Map<Linkage, Cluster>;
  /** [neurons, 2], as the improvement has it now. */
  readonly positions: Float64Array;
  /** Goes on improving where it was left, so that the end does not depend on interruptions. */
  improvement: Generator<number, number> | undefined;
  /** Raw stress of `positions`. */
  stress: number;
}

interface ShownMap {
  layout: LayerLayout;
  neurons: string;
  positions: Float64Array;
}

/** Layers and epochs whose distances are remembered. */
const remembered = 3;
/** Merges of the tree that are told of. */
const toldMerges = 29;
/** Milliseconds between two improved maps. */
const improvedEvery = 100;

/** Lays out the neurons of layers, turned like the map that was shown before. */
export class LayerMaps {
  readonly #run: RunEpochs;
  readonly #cache: ResultCache;
  readonly #layouts = new LruCache<LayerLayout>(remembered);
  /** The map shown last, and the last one of another layout. */
  #shown: ShownMap | undefined;
  #before: ShownMap | undefined;

  constructor(run: RunEpochs, cache: ResultCache) {
    this.#run = run;
    this.#cache = cache;
  }

  /**
   * Distances, flags and a first layout.
   * @throws DeepviewError `too-many-neurons`, `non-finite`, `distances-too-large`, or naming the epoch's file if it is gone or damaged
   */
  async layout(index: number, epoch: number, pause: Pause): Promise<LayerLayout> {
    const layer = this.#run.layer(index);
    const key = `${index} ${epoch}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    requireClusterable(layer.units);
    const { header } = this.#run;
    const values = await this.#run.samples(epoch, layer);
    const samples = { values, images: values.length / layer.units, neurons: layer.units };
    const origin = { layer: `layer ${layer.index} (${layer.name})`, epoch };
    const { unit, distances } = inSquarableUnit(
      await neuronDistances(samples, classOfImages(header, samples.images), origin, pause),
    );
    const metrics = await this.#run.neurons(epoch, layer);
    const first = this.#run.epochs.find((one) => one < epoch);
    const before = first === undefined ? undefined : await this.#metricsIfThere(first, layer);
    // Without classes there is no discriminability to stand out by.
    const history = [before, metrics.discriminability].filter((values) => values !== undefined);
    const flags = findFlags({ layer, samples, metrics, distances, history });
    await pause();
    const kept = await this.#kept(layer, epoch);
    const positions = kept?.positions ?? classicalScaling(squared(distances), distances.count);
    const improvement = kept ? undefined : await smacof(distances, positions);
    const result: LayerLayout = {
      layer,
      epoch,
      samples,
      distances,
      unit,
      flags,
      trees: new Map(),
      positions,
      improvement,
      // The first value of the generator is the stress of its start.
      stress: kept?.stress ?? (improvement?.next().value as number),
    };
    this.#layouts.set(key, result);
    return result;
  }

  /** How the neurons join, grown once a linkage. */
  async tree({ distances, trees }: LayerLayout, linkage: Linkage): Promise<Cluster> {
    let tree = trees.get(linkage);
    if (!tree) trees.set(linkage, (tree = await agglomerate(distances, linkage)));
    return tree;
  }

  /** The map as it is now, its clusters cut from `tree`. */
  map(layout: LayerLayout, tree: Cluster, k: number, linkage: Linkage): LayerMap {
    const { layer, epoch, distances, unit, flags } = layout;
    const labels = cutTree(tree, Math.max(1, k));
    const centres = medoids(distances, labels);
    const total = sumOfSquares(distances);
    return {
      layer: layer.index,
      epoch,
      linkage,
      k: centres.length,
      labels,
      positions: this.#turned(layout).map((value) => value * unit),
      medoids: centres,
      ...highestMerges(tree, unit),
      flags,
      stress: total > 0 ? Math.min(1, layout.stress / total) : 0,
      settled: layout.improvement === undefined,
    };
  }

  /** Improves a layout until it is settled, and shows it now and then; the end is kept. */
  async improve(layout: LayerLayout, show: () => void, pause: Pause): Promise<void> {
    let shown = performance.now();
    while (layout.improvement) {
      const { value, done } = layout.improvement.next();
      layout.stress = value;
      if (done) {
        layout.improvement = undefined;
        await this.#keep(layout);
        show();
        return;
      }
      if (performance.now() - shown > improvedEvery) {
        show();
        shown = performance.now();
      }
      await pause();
    }
  }

  /**
   * A copy of the positions, remembered as shown. They are turned like what was shown of the same neurons before this
   * layout, so that its settled map does not depend on how often it was shown while it improved.
   */
  #turned(layout: LayerLayout): Float64Array {
    const positions = layout.positions.slice();
    const neurons = this.#sameNeurons(layout.layer);
    if (this.#shown?.layout !== layout) this.#before = this.#shown;
    if (this.#before?.neurons === neurons) alignTo(positions, this.#before.positions);
    this.#shown = { layout, neurons, positions };
    return positions;
  }

  /** Activations, pooling and the like keep the neurons of the convolution or dense layer before them. */
  #sameNeurons(layer: LayerRecord): string {
    const { layers } = this.#run.header.network;
    let origin = layer.index;
    while (origin > 1 && !['convolution', 'dense'].includes(layers[origin - 1].kind)) origin--;
    return `${origin} ${layer.units}`;
  }

  async #metricsIfThere(epoch: number, layer: LayerRecord): Promise<Float64Array | undefined> {
    try {
      return (await this.#run.neurons(epoch, layer)).discriminability;
    } catch (thrown) {
      // The first epoch's file may be gone; then only last values can stand out.
      if (thrown instanceof DeepviewError) return undefined;
      throw thrown;
    }
  }

  async #kept(layer: LayerRecord, epoch: number): Promise<{ positions: Float64Array; stress: number } | undefined> {
    const kept = await this.#cache.read(epoch, nameOf(layer), await this.#run.mark(epoch));
    const positions = kept?.arrays.get('positions');
    const stress = Number(kept?.texts.get('stress'));
    if (positions?.type !== 'float64' || positions.shape.join() !== `${layer.units},2`) return undefined;
    const data = positions.data as Float64Array;
    return data.every(Number.isFinite) && stress >= 0 ? { positions: data, stress } : undefined;
  }

  async #keep({ layer, epoch, positions, stress }: LayerLayout): Promise<void> {
    const array = { type: 'float64' as const, shape: [layer.units, 2], data: positions };
    const mark = await this.#run.mark(epoch);
    await this.#cache.write(epoch, nameOf(layer), mark, { positions: array }, { stress: String(stress) });
  }
}

const nameOf = (layer: LayerRecord): string => `${String(layer.index).padStart(2, '0')}-map`;

const squared = ({ values }: DistanceMatrix): Float64Array => values.map((value) => value * value);

function sumOfSquares({ count, values }: DistanceMatrix): number {
  let sum = 0;
  for (let p = 0; p < count; p++) {
    for (let q = p + 1; q < count; q++) sum += values[p * count + q] ** 2;
  }
  return sum;
}

/** The tree's highest merges, descending, and what they join. */
function highestMerges(tree: Cluster, unit: number): Pick<LayerMap, 'mergeHeights' | 'mergeParts'> {
  const merges: Cluster[] = [];
  const open = [tree];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.isLeaf) continue;
    merges.push(node);
    open.push(...node.children);
  }
  // The sort is stable, so of equally high ones the one that holds the other stays before it.
  const told = merges.sort((a, b) => b.height - a.height).slice(0, toldMerges);
  const places = new Map(told.map((merge, place) => [merge, place]));
  return {
    mergeHeights: Float64Array.from(told, ({ height }) => height * unit),
    mergeParts: Int32Array.from(told.flatMap(({ children }) => children.map((child) => places.get(child) ?? -1))),
  };
}
