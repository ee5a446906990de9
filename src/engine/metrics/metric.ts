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
export type LayerMetric = MetricDescription & Definition & Computation;

interface Definition {
  /** The key that shows it, where it has one of its own; the others are reached by `m` and `M`. */
  key?: string;
  /** Whether it is a value of every neuron (and of a layer by way of these), or of a layer alone. */
  of: 'neurons' | 'layers';
  /** A kind of layer (`kind` in run.json) of which its values say nothing: they stretch no scale that layers share. */
  emptyOf?: string;
  /** What a value says, in a sentence or two. */
  meaning: string;
  /** Where the definition comes from. */
  source: string;
  /** The layer's value of its neurons' values; the mean where absent. */
  ofLayer?: (neurons: Float64Array) => number;
}

/**
 * What a metric is computed from, and how: a layer's finite samples to a value per neuron, [neurons]. A run that lacks
 * what is needed lacks the metric. What needs weights or gradients is measured by the recorder, and only read here.
 */
type Computation =
  | { needs: 'samples'; compute: (samples: Samples) => Float64Array }
  /** Of at least two classes. */
  | { needs: 'labels'; compute: (samples: Samples, classes: ClassGroups) => Float64Array }
  | { needs: 'weights' | 'gradients' };

/** The metrics of one layer's neurons: by id, [neurons] each. */
export type NeuronMetrics = Readonly<Record<string, Float64Array>>;
