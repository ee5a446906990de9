import type { LayerEvolution } from '../../engine/analysis/questions/messages.ts';
import { findOutliers, type Outlier } from '../../engine/metrics/outliers.ts';
import type { Metric } from '../model/run-model.ts';

const found = new WeakMap<LayerEvolution, Partial<Record<Metric, Outlier[]>>>();

/**
 * The neurons of an evolution whose lines deserve to be drawn, the strongest first. Where a neuron's values are not
 * finite they do not count.
 */
export function outliersOf(evolution: LayerEvolution, metric: Metric): readonly Outlier[] {
  const known = found.get(evolution) ?? {};
  const result = known[metric] ?? findOutliers(epochsOf(evolution, metric), { metric });
  found.set(evolution, { ...known, [metric]: result });
  return result;
}

function epochsOf(evolution: LayerEvolution, metric: Metric): Float32Array[] {
  const { neurons } = evolution;
  const values = evolution.metrics[metric].map((value) => (Number.isFinite(value) ? value : 0));
  return evolution.epochs.map((_, epoch) => values.subarray(epoch * neurons, (epoch + 1) * neurons));
}
