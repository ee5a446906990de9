import { loadKernels, padToVector } from '../kernels/kernels.ts';
import { groupByClass, requireFinite, type Samples, type SamplesOrigin } from '../metrics/index.ts';

/** Awaited between pieces of a long computation, so that others get a turn; what it throws ends the computation. */
export type Pause = () => Promise<void>;

/** A symmetric matrix of distances with a zero diagonal. */
export interface DistanceMatrix {
  readonly count: number;
  /** [count, count] row-major, >= 0. */
  readonly values: Float64Array;
}

/**
 * How differently two neurons answer, class by class (equation 3 of the paper):
 * the sum over classes of the 2-Wasserstein distance of their answers to the images of that class.
 * Every neuron saw the same images, so each class's distributions have equal sizes and no merging is needed.
 * @param classOf the class of each image, [images]
 * @returns [neurons, neurons], in the unit of the activations
 * @throws DeepviewError `non-finite`, naming neuron and image
 */
export async function neuronDistances(
  samples: Samples,
  classOf: ArrayLike<number>,
  origin?: SamplesOrigin,
  pause?: Pause,
): Promise<DistanceMatrix> {
  requireFinite(samples, origin);
  const { values, neurons } = samples;
  const { classes, order, starts } = groupByClass(classOf);
  const largest = Math.max(0, ...classes.map((_, k) => starts[k + 1] - starts[k]));
  const { call, at } = await loadKernels({
    rows: ['f32', neurons * padToVector(largest)],
    distances: ['f64', neurons * neurons],
  });
  for (let k = 0; k < classes.length; k++) {
    const images = order.subarray(starts[k], starts[k + 1]);
    const stride = padToVector(images.length);
    const rows = at.rows.array;
    rows.fill(0);
    // Images outside, neurons inside: the samples are read in the order in which they lie.
    for (let i = 0; i < images.length; i++) {
      const from = images[i] * neurons;
      for (let c = 0, to = i; c < neurons; c++, to += stride) rows[to] = values[from + c];
    }
    for (let c = 0; c < neurons; c++) rows.subarray(c * stride, c * stride + images.length).sort();
    for (const [from, to] of pieces(neurons, stride)) {
      const scale = 1 / images.length;
      call.addDistances(at.rows.pointer, neurons, stride, scale, true, at.distances.pointer, from, to);
      await pause?.();
    }
  }
  call.mirrorTriangle(at.distances.pointer, neurons);
  return { count: neurons, values: at.distances.array };
}

/**
 * Squared Euclidean distances of the rows of a matrix.
 * @param rows [count, width] row-major, finite
 * @returns [count, count]
 */
export async function squaredDistances(
  rows: Float32Array,
  count: number,
  width: number,
  pause?: Pause,
): Promise<DistanceMatrix> {
  const stride = padToVector(width);
  const { call, at } = await loadKernels({ rows: ['f32', count * stride], distances: ['f64', count * count] });
  for (let row = 0; row < count; row++) {
    at.rows.array.set(rows.subarray(row * width, (row + 1) * width), row * stride);
  }
  for (const [from, to] of pieces(count, stride)) {
    call.addDistances(at.rows.pointer, count, stride, 1, false, at.distances.pointer, from, to);
    await pause?.();
  }
  call.mirrorTriangle(at.distances.pointer, count);
  return { count, values: at.distances.array };
}

/** Multiplications that take some ten milliseconds. */
const pieceSize = 3e7;

/** Rows in pieces of whole tiles, [from, to). */
function pieces(count: number, stride: number): [from: number, to: number][] {
  const tile = 32;
  const rows = Math.max(1, Math.floor(pieceSize / (count * stride * tile))) * tile;
  return Array.from({ length: Math.ceil(count / rows) }, (_, piece) => [
    piece * rows,
    Math.min(count, (piece + 1) * rows),
  ]);
}
