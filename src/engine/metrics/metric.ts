import type { ClassGroups, Samples } from './samples.ts';

/** What a metric of a layer is called, and how its values are read; of the catalogue or of a run's own `metrics`. */
export interface MetricDescription {
  /** Names its values in records (`layers`), in epoch files (`7.ID`), in JSON and on the command line. */
  id: string;
  /** One to four characters, for a column: `DN`. */
  symbol: string;
  /** In words, lower case: `density`. */
  label: string;
  /** What a value counts in: `activation`, `share`, `samples`; empty for a plain number. */
  unit: string;
  /** Where values lie, both ends included; absent where only they say. */
  range?: readonly [low: number, high: number];
  /** Which direction is an improvement; absent where neither is. */
  better?: 'higher' | 'lower';
}

/** A metric that the program knows: one file each, listed in catalogue.ts. */
export type LayerMetric = MetricDescription & Definition & (OfNeurons | OfLayers | Recorded);

interface Definition {
  /** The key that shows it, where it has one of its own; the others are reached by `m` and `M`. */
  key?: string;
  /** A kind of layer (`kind` in run.json) of which its values say nothing: they stretch no scale that layers share. */
  emptyOf?: string;
  /** What a value says, in a sentence or two. */
  meaning: string;
  /** Where the definition comes from. */
  source: string;
  /** What samples must have besides: other layers and records have no value. */
  wants?: 'range' | 'before';
  /** The layer's value of its neurons' values; the mean where absent. */
  ofLayer?: (neurons: Float64Array) => number;
}

/**
 * What a metric is computed from, and how: a layer's finite samples to a value per neuron, [neurons]. A run that lacks
 * what is needed lacks the metric.
 */
type OfNeurons = { of: 'neurons' } & (
  | { needs: 'samples'; compute: (samples: Samples) => Float64Array }
  /** Of at least two classes. */
  | { needs: 'labels'; compute: (samples: Samples, classes: ClassGroups) => Float64Array }
);

/**
 * One value of a layer as a whole: of how its neurons' samples go together, which quantiles do not say; undefined where
 * it would take too long.
 */
type OfLayers = { of: 'layers' } & (
  | { needs: 'samples'; compute: (samples: Samples) => number | undefined }
  | { needs: 'labels'; compute: (samples: Samples, classes: ClassGroups) => number }
);

/** What needs weights or gradients is measured while training, and only read here. */
interface Recorded {
  of: 'layers';
  needs: 'weights' | 'gradients';
}

/** The metrics of one layer's neurons: by id, [neurons] each. */
export type NeuronMetrics = Readonly<Record<string, Float64Array>>;

/** The metrics of a layer as a whole, by id. */
export type WholeMetrics = Readonly<Record<string, number>>;
