import type { LayerEvolution } from '../../engine/analysis/questions/messages.ts';

/** Lowest and highest level's outer borders, `low < high`. */
export interface LevelRange {
  low: number;
  high: number;
}

const noValues = new Float64Array();

/** The neurons' values of a metric at all its epochs, [epochs, neurons]; empty where the layer has none. */
export const valuesIn = ({ metrics }: LayerEvolution, metric: string): Float64Array =>
  Object.hasOwn(metrics, metric) ? metrics[metric] : noValues;

const ranges = new WeakMap<LayerEvolution, Partial<Record<string, LevelRange>>>();

/**
 * What the levels of an evolution cover: from the lowest value (or zero, whichever is lower) to a round number at or
 * above the highest one, over all its epochs, so that nothing jumps while the cursor moves.
 */
export function bucketRange(evolution: LayerEvolution, metric: string): LevelRange {
  const known = ranges.get(evolution) ?? {};
  const found = known[metric] ?? levelRange(valuesIn(evolution, metric));
  ranges.set(evolution, { ...known, [metric]: found });
  return found;
}

function levelRange(values: Float64Array): LevelRange {
  let low = 0;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) return { low, high: low + 1 };
  const step = 10 ** Math.floor(Math.log10(high - low)) / 4;
  return { low, high: Math.ceil(high / step - 1e-9) * step };
}

/** The level 0..levels-1 that a value lies in; -1 for one that is not finite. */
export function bucketOf(value: number, { low, high }: LevelRange, levels: number): number {
  if (!Number.isFinite(value)) return -1;
  return Math.max(0, Math.min(levels - 1, Math.floor(((value - low) / (high - low)) * levels)));
}

/** The values that a level holds: from `low` up to, the highest level excepted, below `high`. */
export function bordersOf(level: number, { low, high }: LevelRange, levels: number): LevelRange {
  const size = (high - low) / levels;
  return { low: low + level * size, high: low + (level + 1) * size };
}

/**
 * How many neurons lie in each level at each epoch.
 * @returns [epochs, levels] row-major
 */
export function bucketCounts(evolution: LayerEvolution, metric: string, levels: number): Uint32Array {
  const counts = new Uint32Array(evolution.epochs.length * levels);
  evolution.epochs.forEach((_, epoch) => counts.set(countsAt(evolution, metric, levels, epoch), epoch * levels));
  return counts;
}

/** How many neurons lie in each level at one epoch (a position in the evolution). */
export function countsAt(evolution: LayerEvolution, metric: string, levels: number, epoch: number): Uint32Array {
  const range = bucketRange(evolution, metric);
  const { neurons } = evolution;
  const counts = new Uint32Array(levels);
  for (const value of valuesIn(evolution, metric).subarray(epoch * neurons, (epoch + 1) * neurons)) {
    const level = bucketOf(value, range, levels);
    if (level >= 0) counts[level]++;
  }
  return counts;
}

/** The level with the most neurons at one epoch (a position in the evolution); of equals the highest. */
export function fullestLevel(evolution: LayerEvolution, metric: string, levels: number, epoch: number): number {
  const counts = countsAt(evolution, metric, levels, epoch);
  let fullest = 0;
  counts.forEach((count, level) => {
    if (count >= (counts[fullest] ?? 0)) fullest = level;
  });
  return fullest;
}

/** The neurons of one level at one epoch (a position in the evolution), ascending. */
export function membersOfBucket(
  evolution: LayerEvolution,
  metric: string,
  levels: number,
  epoch: number,
  level: number,
): number[] {
  const range = bucketRange(evolution, metric);
  const { neurons } = evolution;
  const values = valuesIn(evolution, metric).subarray(epoch * neurons, (epoch + 1) * neurons);
  return Array.from(values.keys()).filter((neuron) => bucketOf(values[neuron] ?? Number.NaN, range, levels) === level);
}
