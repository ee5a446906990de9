import type { ErrorReport } from '../../engine/base/errors.ts';
import type {
  ExplorationAnswer,
  LayerEvolution,
  LayerMap,
  LayerPictures,
  NeuronDistributions,
  NeuronFacets,
  NeuronPatches,
  PixelPicture,
} from '../../engine/analysis/questions/messages.ts';

/** The layer view's panes. */
export type Pane = 'evolution' | 'map' | 'neurons';

export const panes: readonly Pane[] = ['evolution', 'map', 'neurons'];

/** What an answer, or the lack of one, can be about. */
export type Subject = Extract<ExplorationAnswer, { type: 'unavailable' }>['about'];

/** Why something cannot be shown, and what it was asked of. */
export interface Unavailable {
  error: ErrorReport;
  /** Index in the paper's counting, from 1. */
  layer: number;
  neuron: number;
  epoch: number;
}

/** What a user set: kept from layer to layer and from run to run. */
export interface ExplorationSettings {
  /** Levels of the evolution, {@link bucketLimits}. */
  buckets: number;
  /** Clusters wanted, 1..{@link mostClusters}; a layer with fewer neurons gets fewer. */
  k: number;
  /** Facets wanted, 1..{@link mostFacets}. */
  facetK: number;
}

export const bucketLimits = { least: 4, most: 60 } as const;
export const mostClusters = 24;
export const mostFacets = 24;

/** The first patches of some neurons, of one layer at one epoch. */
export interface NeuronRows {
  layer: number;
  epoch: number;
  pictures: ReadonlyMap<number, readonly PixelPicture[]>;
}

/**
 * What the analysis thread answered, whatever it was asked of last: the selectors of explored.ts give what belongs
 * to the layer and neuron on the screen. And where the user is in it.
 */
export interface ExplorationState {
  evolution: LayerEvolution | undefined;
  map: LayerMap | undefined;
  pictures: LayerPictures | undefined;
  rows: NeuronRows | undefined;
  patches: NeuronPatches | undefined;
  distributions: NeuronDistributions | undefined;
  facets: NeuronFacets | undefined;
  unavailable: Readonly<Partial<Record<Subject, Unavailable | undefined>>>;
  settings: ExplorationSettings;
  pane: Pane;
  /** The evolution's cursor: a level, 0 the lowest; none chosen yet is `undefined`. Its epoch is the screen's. */
  bucket: number | undefined;
  cluster: number;
  /** The neuron that is selected or open; none chosen yet is `undefined`. */
  neuron: number | undefined;
  /** The entry of the map's `flags` that was stepped to last; -1 for none. */
  attended: number;
  /** First of the cluster's neurons in the window. */
  rowOffset: number;
}

export const emptyExploration: ExplorationState = {
  evolution: undefined,
  map: undefined,
  pictures: undefined,
  rows: undefined,
  patches: undefined,
  distributions: undefined,
  facets: undefined,
  unavailable: {},
  settings: { buckets: 20, k: 5, facetK: 10 },
  pane: 'evolution',
  bucket: undefined,
  cluster: 0,
  neuron: undefined,
  attended: -1,
  rowOffset: 0,
};
