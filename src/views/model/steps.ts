/** The value, or the end of the range that it lies beyond; `least` where the range is empty. */
export const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

/** The value that many places further in a list, wrapping around; one that is not among them stands before the first. */
export const cycled = <Value>(values: readonly Value[], value: Value, by = 1): Value =>
  values[(values.indexOf(value) + by + values.length) % values.length];
