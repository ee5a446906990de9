import type { ErrorReport } from '../../engine/base/errors.ts';
import type {
  ExplorationAnswer,
  LayerEvolution,
  LayerMap,
  LayerPictures,
  LayerSimilarities,
  NeuronDistributions,
  NeuronFacets,
  NeuronPatches,
  PixelPicture,
} from '../../engine/analysis/questions/messages.ts';
import { defaultCounts, type CountValues } from '../keys/toggles.ts';

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
  evolution?: LayerEvolution;
  map?: LayerMap;
  pictures?: LayerPictures | undefined;
  rows?: NeuronRows;
  patches?: NeuronPatches;
  distributions?: NeuronDistributions;
  facets?: NeuronFacets;
  /** Of the runs that are compared. */
  similarities?: LayerSimilarities;
  unavailable: Readonly<Partial<Record<Subject, Unavailable | undefined>>>;
  /** What a user set: kept from layer to layer and from run to run. */
  settings: CountValues;
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

/** Of one layer nothing is chosen yet: what was chosen of another means nothing to it. */
export const nothingChosen = { bucket: undefined, cluster: 0, neuron: undefined, attended: -1, rowOffset: 0 } as const;

export const emptyExploration: ExplorationState = {
  unavailable: {},
  settings: defaultCounts,
  ...nothingChosen,
};

/** Where the user is in the neuron view. What is shown there comes from the exploration's answers. */
export interface NeuronState {
  /** The selected facet, whose patches alone the sheet shows; all of the neuron's without one. */
  facet: number | undefined;
  /** The sheet's cursor: a position among the patches shown. */
  patch: number;
  /** The class under the cursor. */
  label: number;
}

export const emptyNeuron: NeuronState = { facet: undefined, patch: 0, label: 0 };
