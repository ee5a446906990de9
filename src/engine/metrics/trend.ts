export type Trend = 'rising' | 'steady' | 'falling';

/**
 * Where a layer's metric is going: the median slope between all pairs of its last `window` epochs (Theil-Sen,
 * so that one odd epoch changes nothing), times the epochs between first and last, against the window's median
 * magnitude. Steady while that change is within `threshold` of the magnitude, or with fewer than two values.
 * @param values one value per epoch, finite
 */
export function trendOf(values: ArrayLike<number>, { window = 5, threshold = 0.02 } = {}): Trend {
  const recent = Array.from(values).slice(-window);
  if (recent.length < 2) return 'steady';
  const slopes: number[] = [];
  for (let i = 0; i < recent.length; i++) {
    for (let j = i + 1; j < recent.length; j++) slopes.push((recent[j] - recent[i]) / (j - i));
  }
  const change = median(slopes) * (recent.length - 1);
  const magnitude = median(recent.map(Math.abs));
  if (Math.abs(change) <= threshold * magnitude || change === 0) return 'steady';
  return change > 0 ? 'rising' : 'falling';
}

/** The middle of the values, or the mean of the two in the middle; at least one value. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
