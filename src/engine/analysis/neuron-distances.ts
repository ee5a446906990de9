import { loadKernels, padToVector } from '../kernels/kernels.ts';
import { groupByClass, requireFinite, requireWhole, type Samples, type SamplesOrigin } from '../metrics/index.ts';

/** Awaited between pieces of a long computation, so that others get a turn; what it throws ends the computation. */
export type Pause = () => Promise<void>;

/** A symmetric matrix of distances with a zero diagonal. */
export interface DistanceMatrix {
  readonly count: number;
  /** [count, count] row-major, >= 0. */
  readonly values: Float64Array;
}

/**
 * How different two neurons' activations are, class by class (equation 3 of the paper):
 * the sum over classes of the 2-Wasserstein distance of their activations for the images of that class.
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
  requireWhole(samples);
  const { values, images, neurons } = samples;
  const { classes, order, starts } = groupByClass(classOf);
  const blocks = Math.ceil(neurons / blockWidth);
  const { call, at } = await loadKernels({
    activations: ['f32', blocks * images * blockWidth],
    starts: ['i32', classes.length + 1],
    places: ['i32', images],
    sums: ['f64', 4 * blockWidth],
    // Before there are distances, their place takes what is handed over: memory costs most when it is first touched.
    distances: ['f64', Math.max(neurons * neurons, handedOver / 2)],
  });
  at.starts.set(starts);
  order.forEach((image, place) => (at.places[image] = place));
  const rows = new Float32Array(at.distances.buffer, at.distances.byteOffset, handedOver);
  const together = Math.max(1, Math.floor((handedOver - blockWidth) / neurons));
  let areFinite = true;
  for (let image = 0; image < images; image += together) {
    const count = Math.min(together, images - image);
    rows.set(values.subarray(image * neurons, (image + count) * neurons));
    if (!call.placeActivations(rows, at.places.subarray(image), count, neurons, at.activations, images))
      areFinite = false;
  }
  if (!areFinite) requireFinite(samples, origin);
  await pause?.();
  const given = [at.activations, at.starts, classes.length] as const;
  // Sorting costs some forty operations a value.
  for (const [from, to] of pieces(blocks, 40 * blockWidth * images)) {
    call.sortActivations(...given, from, to);
    await pause?.();
  }
  for (const [from, to] of pieces(blocks, blockWidth * neurons * images, 8)) {
    call.neuronDistances(...given, neurons, at.distances, at.sums, from, to);
    await pause?.();
  }
  return { count: neurons, values: at.distances.subarray(0, neurons * neurons) };
}

/** Neurons that the kernels take side by side. */
const blockWidth = 8;
/** Values handed to the kernels at a time: few enough to stay in the second-level cache until they are in place. */
const handedOver = 65_536;

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
    at.rows.set(rows.subarray(row * width, (row + 1) * width), row * stride);
  }
  for (const [from, to] of pieces(count, count * stride, 32)) {
    call.squaredDistances(at.rows, count, stride, at.distances, from, to);
    await pause?.();
  }
  call.mirrorTriangle(at.distances, count);
  return { count, values: at.distances };
}

/** Multiplications that take some ten milliseconds. */
const pieceSize = 3e7;

/** Rows that cost `cost` multiplications each, in pieces of whole tiles, [from, to). */
function pieces(count: number, cost: number, tile = 1): [from: number, to: number][] {
  const rows = Math.max(1, Math.floor(pieceSize / (cost * tile))) * tile;
  return Array.from({ length: Math.ceil(count / rows) }, (_, piece) => [
    piece * rows,
    Math.min(count, (piece + 1) * rows),
  ]);
}
