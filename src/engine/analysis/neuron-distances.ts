import { loadKernels, padToVector } from '../kernels/kernels.ts';
import { blockWidth, handedOver, placeSamples, sortingScratch } from '../kernels/sort-samples.ts';
import { unreadable } from '../base/errors.ts';
import {
  groupByClass,
  magnitudeOf,
  requireFinite,
  requireWhole,
  type ClassGroups,
  type Samples,
  type SamplesOrigin,
} from '../metrics/index.ts';

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
 * @throws DeepviewError `non-finite`, naming neuron and image; `distances-too-large`
 */
export async function neuronDistances(
  samples: Samples,
  classOf: ArrayLike<number>,
  origin?: SamplesOrigin,
  pause?: Pause,
): Promise<DistanceMatrix> {
  requireWhole(samples);
  const groups = groupByClass(classOf);
  if (isSingle(samples)) return singleDistances(samples, groups, pause);
  requireFinite(samples, origin);
  return doubleDistances(samples, groups, pause);
}

/** Within these bounds single precision holds sums of a hundred thousand squares. */
const [leastSingle, mostSingle] = [2 ** -40, 2 ** 50];

/** Whether single precision holds all samples as they are: rounded ones that are nearly equal would have no distance. */
function isSingle({ values }: Samples): boolean {
  let largest = 0;
  for (let at = 0; at < values.length; at++) {
    if (Math.fround(values[at]) !== values[at]) return false;
    largest = Math.max(largest, Math.abs(values[at]));
  }
  return largest === 0 || (largest > leastSingle && largest < mostSingle);
}

async function singleDistances(
  { values, images, neurons }: Samples,
  { classes, order, starts }: ClassGroups,
  pause?: Pause,
): Promise<DistanceMatrix> {
  const blocks = Math.ceil(neurons / blockWidth);
  const kernels = await loadKernels({
    activations: ['f32', blocks * images * blockWidth],
    starts: ['i32', classes.length + 1],
    scratch: ['f32', sortingScratch(images)],
    places: ['i32', images],
    sums: ['f64', 6144],
    // Before there are distances, their place takes what is handed over: memory costs most when it is first touched.
    distances: ['f64', Math.max(neurons * neurons, handedOver / 2)],
  });
  const { call, at } = kernels;
  at.starts.set(starts);
  const rows = new Float32Array(at.distances.buffer, at.distances.byteOffset, handedOver);
  placeSamples(kernels, values, order, { ...at, rows }, [0, neurons]);
  await pause?.();
  const given = [at.activations, at.starts, classes.length] as const;
  // Sorting costs some forty operations a value.
  for (const [from, to] of pieces(blocks, 40 * blockWidth * images)) {
    call.sortActivations(...given, at.scratch, from, to);
    await pause?.();
  }
  for (const [from, to] of pieces(blocks, blockWidth * neurons * images, 8)) {
    call.neuronDistances(...given, neurons, at.distances, at.sums, from, to);
    await pause?.();
  }
  return { count: neurons, values: at.distances.subarray(0, neurons * neurons) };
}

/** Takes some four times as long, and twice the memory. */
async function doubleDistances(
  { values, images, neurons }: Samples,
  { classes, order, starts }: ClassGroups,
  pause?: Pause,
): Promise<DistanceMatrix> {
  const unit = magnitudeOf(values);
  const { call, at } = await loadKernels({
    rows: ['f64', neurons * images],
    starts: ['i32', classes.length + 1],
    scratch: ['f64', sortingScratch(images)],
    distances: ['f64', neurons * neurons],
  });
  at.starts.set(starts);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const row = at.rows.subarray(neuron * images, (neuron + 1) * images);
    order.forEach((image, place) => (row[place] = values[image * neurons + neuron] / unit));
    call.sortRow(row, at.starts, classes.length, at.scratch);
    await pause?.();
  }
  for (const [from, to] of pieces(neurons, 2 * neurons * images, 4)) {
    call.exactDistances(at.rows, at.starts, classes.length, neurons, at.distances, from, to);
    await pause?.();
  }
  call.mirrorTriangle(at.distances, neurons);
  const distances = { count: neurons, values: at.distances };
  for (let cell = 0; cell < neurons * neurons; cell++) at.distances[cell] *= unit;
  if (!at.distances.every(Number.isFinite)) {
    throw unreadable(
      'distances-too-large',
      'the distances of the neurons are beyond the largest number (1.8e308)',
      'Scale them down.',
    );
  }
  return distances;
}

/** Distances in a unit in which their squares are numbers, be they ever so large or small: `values` times `unit`. */
export function inSquarableUnit(distances: DistanceMatrix): { unit: number; distances: DistanceMatrix } {
  const unit = magnitudeOf(distances.values);
  if (unit > 2 ** -400 && unit < 2 ** 400) return { unit: 1, distances };
  return { unit, distances: { count: distances.count, values: distances.values.map((value) => value / unit) } };
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
