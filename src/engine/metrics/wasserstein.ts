import { magnitudeOf } from './magnitude.ts';

/**
 * The exact 2-Wasserstein distance of two empirical distributions on a line:
 * sqrt( integral over q in (0, 1) of (Fa^-1(q) - Fb^-1(q))^2 ), F^-1 being the step quantile functions.
 * Symmetric, >= 0, in the unit of the values. Equals `ot.wasserstein_1d(a, b, p=2) ** 0.5` of Python's POT.
 * The values may come in any order; they are finite, and there is at least one on each side.
 */
export function wasserstein2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length === 0 || b.length === 0) throw new RangeError('a distribution needs at least one value');
  const unit = Math.max(magnitudeOf(a), magnitudeOf(b));
  const [sortedA, sortedB] = [a, b].map((values) => Float64Array.from(values, (value) => value / unit).sort());
  return wassersteinOfSorted(sortedA, sortedB) * unit;
}

/** The same of values that ascend, in a unit in which they can be squared. */
export const wassersteinOfSorted = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.length === b.length ? squaredDistanceEqual(a, b) : squaredDistance(a, b));

/** The mean of squared differences of two sorted runs of a length. */
function squaredDistanceEqual(a: Float64Array, b: Float64Array): number {
  // Two accumulators: half the rounding error of one, and the additions overlap.
  let even = 0;
  let odd = 0;
  const paired = a.length - (a.length % 2);
  for (let k = 0; k < paired; k += 2) {
    const first = a[k] - b[k];
    const second = a[k + 1] - b[k + 1];
    even += first * first;
    odd += second * second;
  }
  if (paired < a.length) {
    const last = a[paired] - b[paired];
    even += last * last;
  }
  return (even + odd) / a.length;
}

/**
 * The squared distance of two sorted runs of any sizes, by walking both step functions together: O(n + n').
 * Quantile levels are compared as integers (k * n' and l * n), so that equal levels are equal exactly.
 */
function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  let level = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const endA = (i + 1) * b.length;
    const endB = (j + 1) * a.length;
    const end = Math.min(endA, endB);
    const difference = a[i] - b[j];
    sum += (end - level) * difference * difference;
    level = end;
    if (endA === end) i++;
    if (endB === end) j++;
  }
  return sum / (a.length * b.length);
}
