import { loadKernels } from '../kernels/kernels.ts';
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
export async function smacof(
  { count, values }: DistanceMatrix,
  start: Float64Array,
  { maximumSteps = 300, tolerance = 1e-5 }: SmacofOptions = {},
): Promise<Generator<number, number>> {
  const { call, at } = await loadKernels({
    distances: ['f64', count * count],
    x: ['f64', count],
    y: ['f64', count],
    imageX: ['f64', count],
    imageY: ['f64', count],
  });
  at.distances.set(values);
  const { x, y, imageX, imageY } = at;
  const axes = [
    { position: x, image: imageX, before: new Float64Array(count) },
    { position: y, image: imageY, before: new Float64Array(count) },
  ];
  axes.forEach(({ position }, axis) => {
    for (let point = 0; point < count; point++) position[point] = start[2 * point + axis];
  });
  /** The stress of the positions; their transform becomes the image. */
  const transform = (): number => call.guttman(at.distances, count, x, y, imageX, imageY);
  /** Lets the caller see the map. */
  const show = (stress: number): number => {
    for (let point = 0; point < count; point++) {
      start[2 * point] = x[point];
      start[2 * point + 1] = y[point];
    }
    return stress;
  };
  return (function* () {
    let stress = transform();
    yield stress;
    for (let step = 0; step < maximumSteps && stress > 0; step++) {
      for (const { position, image, before } of axes) {
        before.set(image);
        for (let point = 0; point < count; point++) position[point] = 2 * image[point] - position[point];
      }
      let next = transform();
      if (next > stress) {
        for (const { position, before } of axes) position.set(before);
        next = transform();
      }
      const gain = stress - next;
      const isEnough = gain <= tolerance * stress;
      stress = next;
      yield show(stress);
      if (isEnough) break;
    }
    // A plain step at the end: relaxed ones overshoot around the solution.
    for (const { position, image } of axes) position.set(image);
    stress = transform();
    yield show(stress);
    return stress;
  })();
}

/** Runs `smacof` to its end. @returns the raw stress reached */
export async function minimiseStress(
  distances: DistanceMatrix,
  positions: Float64Array,
  options?: SmacofOptions,
): Promise<number> {
  let stress = 0;
  for (stress of await smacof(distances, positions, options));
  return stress;
}
