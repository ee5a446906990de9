import { trendOf as trendOfValues, type Trend } from '../../engine/metrics/trend.ts';
import { valueAt, type Metric, type RunModel } from './run-model.ts';

export type { Trend } from '../../engine/metrics/trend.ts';

/** Epochs that a trend looks at. */
const span = 5;

/** Where a layer's value went over the last epochs up to `epoch` (position in the run, from 0); nothing if unknown. */
export function trendOf(run: RunModel, metric: Metric, layer: number, epoch: number): Trend | undefined {
  const first = Math.max(0, epoch - span + 1);
  const values = Array.from({ length: epoch - first + 1 }, (_, index) => valueAt(run, metric, layer, first + index));
  return values.length < 2 || !values.every(Number.isFinite) ? undefined : trendOfValues(values);
}
