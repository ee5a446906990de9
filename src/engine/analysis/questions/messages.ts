/**
 * What the screen asks about a run's layers and neurons, and what the analysis thread answers: plain data, by structured
 * clone. Answers come in steps, each as soon as it is known, so that a question never holds up a key; a new question of
 * the same kind replaces the one before.
 */
import type { ErrorReport } from '../../base/errors.ts';
import type { Paths } from '../../base/paths.ts';
import type { ReceptiveField } from '../../network/receptive-field.ts';
import type { Linkage } from '../choices.ts';
import type { MatchedNeurons } from '../comparison/neuron-matches.ts';

/** A picture, 0..255: [height, width, channels] row-major, 1 or 3 channels. */
export interface PixelPicture {
  height: number;
  width: number;
  channels: number;
  pixels: Uint8Array;
}

/** The metrics of a layer's neurons, epoch by epoch. */
export interface LayerEvolution {
  layer: number;
  /** The committed epochs, ascending. */
  epochs: number[];
  neurons: number;
  /** By metric, [epochs, neurons] row-major each; NaN where an epoch lacks it. */
  metrics: Readonly<Record<string, Float64Array>>;
}

/** Why a neuron deserves a look. */
export type FlagKind = 'dead' | 'saturated' | 'duplicate' | 'outlier';

export interface NeuronFlag {
  /** From 0. */
  neuron: number;
  kind: FlagKind;
  /** In words: `never active`, `activations like those of neuron 12`. */
  reason: string;
  /** Of a duplicate: the neuron whose activations are like its own. */
  like?: number;
}

/** A layer's neurons grouped and laid out by their activations at one epoch. */
export interface LayerMap {
  layer: number;
  /** The epoch it is of. */
  epoch: number;
  /** The epoch that was asked for, where that one keeps no samples: the map is then of the newest before it that does. */
  asked?: number;
  linkage: Linkage;
  /** Clusters found. */
  k: number;
  /** A cluster per neuron, [neurons]; cluster 0 is the largest. */
  labels: Int32Array;
  /** [neurons, 2] row-major, turned like the map shown before. */
  positions: Float64Array;
  /** A neuron a cluster, [k]. */
  medoids: Int32Array;
  /** The tree above its last 30 clusters or so, for the dendrogram strip: heights of the highest merges, descending. */
  mergeHeights: Float64Array;
  /** What each of these joins, [merges, 2]: an index among them, always a larger one, or -1 for a cluster further down. */
  mergeParts: Int32Array;
  flags: NeuronFlag[];
  /** The map's raw stress divided by the sum of squared distances, 0..1: how much of it is a lie. */
  stress: number;
  /** False while the map still improves. */
  settled: boolean;
}

/** One strong activation of a neuron: where it was, and what it saw there. */
export interface Patch {
  /** Into the images that `patchImagesOf` names. */
  image: number;
  y: number;
  x: number;
  activation: number;
  /** The image's class; -1 where the data set is not on this machine. */
  label: number;
}

/** The pictures of a layer's neurons. */
export interface LayerPictures {
  layer: number;
  /** The epoch whose features they are: the newest that has some, at most the asked one. */
  epoch: number;
  field: ReceptiveField;
  /** A picture a neuron; absent for a neuron that no image activated. */
  averages: (PixelPicture | undefined)[];
  /** A picture a cluster of the map. */
  clusters: (PixelPicture | undefined)[];
}

/** A neuron's strongest patches. */
export interface NeuronPatches {
  layer: number;
  neuron: number;
  epoch: number;
  /** Strongest first, at most 1 000. */
  patches: Patch[];
  average: PixelPicture | undefined;
  /** Indices into `patches`: the ones that were asked for, as far as there are that many. */
  pictured: number[];
  /** A picture an index of `pictured`. */
  pictures: PixelPicture[];
}

/** A neuron's activations by class: what it tells apart. */
export interface NeuronDistributions {
  layer: number;
  neuron: number;
  /** The newest epoch with samples, at most the asked one. */
  epoch: number;
  /** [classes, quantiles] row-major: the quantiles (0, 5, ..., 100 %) of each class's activations. */
  quantiles: Float64Array;
  quantileCount: number;
}

/** One of the things that a neuron responds to. */
export interface NeuronFacet {
  size: number;
  /** Indices into the neuron's patches, nearest to the centroid first. */
  patches: Int32Array;
  average: PixelPicture;
}

export interface NeuronFacets {
  layer: number;
  neuron: number;
  epoch: number;
  facets: NeuronFacet[];
  /** [patches + facets, 2]: patches first, then centroids. */
  positions: Float32Array;
  /** A facet a patch. */
  labels: Int32Array;
  /** The suggested number; absent until it is known. */
  suggestion?: { k: number; silhouette: number };
  /** Steps of t-SNE done; the map is settled at 1 000. */
  steps: number;
}

/** A record of a run. */
export interface RecordPlace {
  /** The run's directory. */
  directory: string;
  epoch: number;
}

/** How alike the layers of two records are. */
export interface LayerSimilarities {
  epoch: number;
  other: RecordPlace;
  /** Linear CKA, [layers, layers of the other] row-major, 0..1; NaN where it is not known, or not yet. */
  values: Float64Array;
  /** Rows that are known. */
  done: number;
  /** Probe images that it is of, and how many there are. */
  images: number;
  probe: number;
  /** Layers that have none, and why, a sentence each. */
  leftOut: string[];
}

/** "The same" neurons of two layers. */
export interface NeuronMatches extends MatchedNeurons {
  layer: number;
  epoch: number;
  other: RecordPlace & { layer: number };
  /** What was left out: classes that only one of the runs has, a sentence each. */
  leftOut: string[];
}

export type ExplorationRequest =
  /** Compared with those of a record of this or another run. */
  | { type: 'similarities'; epoch: number; other: RecordPlace }
  | { type: 'matches'; layer: number; epoch: number; other: RecordPlace & { layer: number } }
  | { type: 'evolution'; layer: number }
  | { type: 'map'; layer: number; epoch: number; k: number; linkage: Linkage }
  /** With pictures of `count` patches from `first` on, or of those of `members` (a facet's) from `first` on. */
  | { type: 'patches'; layer: number; neuron: number; epoch: number; first: number; count: number; members?: number[] }
  /** The first `count` patches of several neurons: the rows of a selected cluster. */
  | { type: 'rows'; layer: number; neurons: number[]; epoch: number; count: number }
  | { type: 'distributions'; layer: number; neuron: number; epoch: number }
  | { type: 'facets'; layer: number; neuron: number; epoch: number; k: number };

export type ExplorationAnswer =
  | { type: 'similarities'; similarities: LayerSimilarities }
  | { type: 'matches'; matches: NeuronMatches }
  | { type: 'evolution'; evolution: LayerEvolution }
  | { type: 'map'; map: LayerMap }
  | { type: 'pictures'; pictures: LayerPictures }
  | { type: 'patches'; patches: NeuronPatches }
  | { type: 'rows'; layer: number; epoch: number; rows: { neuron: number; pictures: PixelPicture[] }[] }
  | { type: 'distributions'; distributions: NeuronDistributions }
  | { type: 'facets'; facets: NeuronFacets }
  /** What cannot be answered, and what would help: no features stored, data set not on this machine. */
  | { type: 'unavailable'; about: ExplorationRequest['type'] | 'pictures'; error: ErrorReport };

/** What a worker is started with to explore a run; without it, it computes metrics. */
export interface ExplorationSettings {
  /** The run's directory. */
  explore: string;
  paths: Paths;
}

/** To a worker that explores; its answers are `ExplorationAnswer`s. */
export type ExplorationMessage =
  { type: 'ask'; request: ExplorationRequest } | { type: 'cancel'; about?: ExplorationRequest['type'] };
