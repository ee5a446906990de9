import type { DistanceMatrix } from './neuron-distances.ts';

export interface SmacofOptions {
  /** Steps at most. */
  maximumSteps?: number;
  /** Ends when a step lowers the stress by less than this share of it. */
  tolerance?: number;
}

/**
 * Metric multidimensional scaling by majorisation (SMACOF, de Leeuw 1977) to two dimensions. One generator step is one
 * majorisation step, so a caller can show the map while it improves, and stop whenever it likes.
 * Steps are relaxed (de Leeuw and Heiser 1980: X <- 2 G(X) - X), which halves their number; where a relaxed step would
 * raise the stress, the plain one, which cannot, takes its place.
 * @param start [count, 2] row-major, changed in place: the classical solution is the best start known
 * @yields the raw stress: the sum over pairs of (map distance - distance)^2
 */
export function* smacof(
  { count, values }: DistanceMatrix,
  start: Float64Array,
  { maximumSteps = 300, tolerance = 1e-5 }: SmacofOptions = {},
): Generator<number, number> {
  const positions = start;
  const image = new Float64Array(count * 2);
  const before = new Float64Array(count * 2);
  let stress = guttman(values, count, positions, image);
  let previous = Infinity;
  yield stress;
  for (let step = 0; step < maximumSteps && stress > 0; step++) {
    before.set(image);
    for (let at = 0; at < positions.length; at++) positions[at] = 2 * image[at] - positions[at];
    let next = guttman(values, count, positions, image);
    if (next > stress) {
      positions.set(before);
      next = guttman(values, count, positions, image);
    }
    previous = stress;
    stress = next;
    yield stress;
    if (previous - stress <= tolerance * previous) break;
  }
  // A plain step at the end: relaxed ones overshoot around the solution.
  positions.set(image);
  stress = guttman(values, count, positions, image);
  yield stress;
  return stress;
}

/** Runs `smacof` to its end. @returns the raw stress reached */
export function minimiseStress(distances: DistanceMatrix, positions: Float64Array, options?: SmacofOptions): number {
  let stress = 0;
  for (stress of smacof(distances, positions, options));
  return stress;
}

/**
 * The Guttman transform G(X) = B(X) X / count into `image`, and on the way the stress of X.
 * Only one half of the symmetric matrix is walked.
 */
function guttman(distances: Float64Array, count: number, positions: Float64Array, image: Float64Array): number {
  image.fill(0);
  let stress = 0;
  for (let i = 0; i < count; i++) {
    const x = positions[2 * i];
    const y = positions[2 * i + 1];
    let sumX = 0;
    let sumY = 0;
    for (let j = i + 1, at = i * count + i + 1; j < count; j++, at++) {
      const dx = x - positions[2 * j];
      const dy = y - positions[2 * j + 1];
      const length = Math.sqrt(dx * dx + dy * dy);
      const error = length - distances[at];
      stress += error * error;
      // Coinciding points pull in no direction.
      const ratio = length > 1e-300 ? distances[at] / length : 0;
      sumX += ratio * dx;
      sumY += ratio * dy;
      image[2 * j] -= ratio * dx;
      image[2 * j + 1] -= ratio * dy;
    }
    image[2 * i] += sumX;
    image[2 * i + 1] += sumY;
  }
  for (let at = 0; at < image.length; at++) image[at] /= count;
  return stress;
}
