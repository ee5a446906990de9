/**
 * A power of two as large as the largest of some finite values, to divide them by before they are squared: squares of
 * 1e200 are infinite, those of 1e-200 zero. The division is exact, so that usual values give what they gave without it.
 */
export function magnitudeOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let at = 0; at < values.length; at++) largest = Math.max(largest, Math.abs(values[at]));
  return powerBelow(largest);
}

/** The same of the columns from `first` to before `end` of a matrix [?, width], row-major. */
export function magnitudesOf(values: ArrayLike<number>, width: number, first: number, end: number): Float64Array {
  const largest = new Float64Array(end - first);
  for (let row = first; row < values.length; row += width) {
    for (let c = 0; c < largest.length; c++) largest[c] = Math.max(largest[c], Math.abs(values[row + c]));
  }
  return largest.map(powerBelow);
}

/** Within what has an inverse; of nothing but zeros the least. */
const powerBelow = (largest: number): number => 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
