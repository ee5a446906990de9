import { arrayError, elementCount, elementsOf, readArray, type ArraySource } from './array-source.ts';
import { isFloat, type ElementArray } from './element-type.ts';

/** Which axis of activations the neurons lie along: the last, or as PyTorch has it the second. */
export type Layout = 'nhwc' | 'nchw';

/** s[i, c], the mean of A[i, h, w, c] over h and w; see docs/run-format.md. */
export interface SpatialMeans {
  /** [images, neurons] row-major. */
  values: Float32Array | Float64Array;
  images: number;
  neurons: number;
}

/**
 * The means of activations over their positions: of [N, H, W, C], [N, T, C] or any number of axes between images and
 * neurons; [N, C] has none and stays as it is.
 * Reads the file once, in pieces; only the means take memory (and the whole array if it is in Fortran order).
 * @param layout `nchw` where the neurons are the second axis: [N, C, H, W], [N, C, T]
 * @throws DeepviewError `bad-array` for less than two axes and for integers
 */
export async function spatialMeans(source: ArraySource, layout: Layout = 'nhwc'): Promise<SpatialMeans> {
  const { shape, type, origin } = source;
  if (shape.length < 2) {
    throw arrayError(
      origin,
      `its shape [${shape.join(', ')}] is not a shape of activations`,
      'They are [N, C], [N, T, C] or [N, H, W, C], or with --layout nchw [N, C, T] or [N, C, H, W].',
    );
  }
  if (!isFloat(type)) {
    const problem = `activations are floating-point numbers, not ${type}`;
    throw arrayError(origin, problem, 'If they are activations, save them as x.astype("float32").');
  }
  elementCount(origin, shape, type);
  const images = shape[0];
  const isFirst = layout === 'nchw';
  const neurons = isFirst ? shape[1] : shape[shape.length - 1];
  const positions = shape.slice(1).reduce((product, axis) => product * axis, 1) / Math.max(1, neurons);
  if (images * neurons * positions === 0) throw arrayError(origin, `its shape [${shape.join(', ')}] holds nothing`);
  // Means have digits that single precision has not; without positions there are none.
  const isSingle = positions === 1 && type !== 'float64';
  const values = isSingle ? new Float32Array(images * neurons) : new Float64Array(images * neurons);
  let at = 0;
  let row = 0;
  // What varies faster in the file, and what slower: neurons or positions.
  const [most, mostOuter] = isFirst ? [positions, neurons] : [neurons, positions];
  let inner = 0;
  let outer = 0;
  const add = (elements: ElementArray): void => {
    const numbers = elements as Float64Array;
    if (positions === 1) {
      values.set(numbers.subarray(0, values.length - at), at);
      at += numbers.length;
      return;
    }
    for (let k = 0; k < numbers.length; k++) {
      values[row + (isFirst ? outer : inner)] += numbers[k];
      if (++inner < most) continue;
      inner = 0;
      if (++outer < mostOuter) continue;
      outer = 0;
      row += neurons;
    }
    at += numbers.length;
  };
  if (source.fortranOrder) add((await readArray(source)).data);
  else for await (const piece of elementsOf(source)) add(piece);
  if (at !== images * positions * neurons) throw arrayError(origin, `it ends after ${at} elements`);
  if (positions > 1) for (let k = 0; k < values.length; k++) values[k] /= positions;
  return { values, images, neurons };
}
