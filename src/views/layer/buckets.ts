import type { LayerEvolution } from '../../engine/analysis/questions/messages.ts';
import { rangeOf, type Range } from '../../imaging/charts/heatmap.ts';
import { axisRange } from '../frame/chart.ts';
import { memoize } from '../frame/memoize.ts';
import { clamp } from '../model/steps.ts';

/** An evolution as it is shown: with what the run says of where a metric's values lie. */
export interface ShownEvolution extends LayerEvolution {
  declared?: Readonly<Record<string, Range | undefined>>;
}

const noValues = new Float64Array();

/** The neurons' values of a metric at all its epochs, [epochs, neurons]; empty where the layer has none. */
export const valuesIn = ({ metrics }: LayerEvolution, metric: string): Float64Array =>
  Object.hasOwn(metrics, metric) ? metrics[metric] : noValues;

/** The neurons' values of a metric at one epoch (a position in the evolution), [neurons]. */
export const valuesAtEpoch = (evolution: LayerEvolution, metric: string, epoch: number): Float64Array =>
  valuesIn(evolution, metric).subarray(epoch * evolution.neurons, (epoch + 1) * evolution.neurons);

/**
 * What the levels of an evolution cover, lowest and highest outer border: what the run says of the metric, else from the
 * lowest value (or zero, whichever is lower) to a round number at or above the highest one, over all its epochs, so that
 * nothing jumps while the cursor moves.
 */
export const bucketRange = memoize((evolution: ShownEvolution, metric: string): Range => {
  const values = rangeOf(valuesIn(evolution, metric)) ?? [0, 0];
  return axisRange(evolution.declared?.[metric], values, (lowest, highest) => {
    const low = Math.min(0, lowest);
    if (!(highest > low)) return [low, low + 1];
    const step = 10 ** Math.floor(Math.log10(highest - low)) / 4;
    return [low, Math.ceil(highest / step - 1e-9) * step];
  });
}, 8);

/** The level 0..levels-1 that a value lies in; -1 for one that is not finite. */
export function bucketOf(value: number, [low, high]: Range, levels: number): number {
  if (!Number.isFinite(value)) return -1;
  return clamp(Math.floor(((value - low) / (high - low)) * levels), 0, levels - 1);
}

/** The values that a level holds: from the first up to, the highest level excepted, below the second. */
export function bordersOf(level: number, [low, high]: Range, levels: number): Range {
  const size = (high - low) / levels;
  return [low + level * size, low + (level + 1) * size];
}

/** The level of each neuron at one epoch (a position in the evolution), as {@link bucketOf} gives it. */
function levelsAtEpoch(evolution: ShownEvolution, metric: string, levels: number, epoch: number): number[] {
  const range = bucketRange(evolution, metric);
  return Array.from(valuesAtEpoch(evolution, metric, epoch), (value) => bucketOf(value, range, levels));
}

/** How many neurons lie in each level at one epoch (a position in the evolution). */
export function countsAt(evolution: ShownEvolution, metric: string, levels: number, epoch: number): Uint32Array {
  const counts = new Uint32Array(levels);
  for (const level of levelsAtEpoch(evolution, metric, levels, epoch)) if (level >= 0) counts[level]++;
  return counts;
}

/**
 * How many neurons lie in each level at each epoch.
 * @returns [epochs, levels] row-major
 */
export function bucketCounts(evolution: ShownEvolution, metric: string, levels: number): Uint32Array {
  const counts = new Uint32Array(evolution.epochs.length * levels);
  evolution.epochs.forEach((_, epoch) => counts.set(countsAt(evolution, metric, levels, epoch), epoch * levels));
  return counts;
}

/** The level with the most neurons at one epoch (a position in the evolution); of equals the highest. */
export function fullestLevel(evolution: ShownEvolution, metric: string, levels: number, epoch: number): number {
  const counts = countsAt(evolution, metric, levels, epoch);
  return counts.lastIndexOf(Math.max(...counts));
}

/** The neurons of one level at one epoch (a position in the evolution), ascending. */
export const membersOfBucket = (
  evolution: ShownEvolution,
  metric: string,
  levels: number,
  epoch: number,
  level: number,
): number[] =>
  levelsAtEpoch(evolution, metric, levels, epoch).flatMap((own, neuron) => (own === level ? [neuron] : []));
