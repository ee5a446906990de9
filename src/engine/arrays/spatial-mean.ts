import { arrayError, elementCount, elementsOf, readArray, type ArraySource } from './array-source.ts';
import { isFloat, type ElementArray } from './element-type.ts';

/** s[i, c], the mean of A[i, h, w, c] over h and w; see docs/run-format.md. */
export interface SpatialMeans {
  /** [images, neurons] row-major. */
  values: Float64Array;
  images: number;
  neurons: number;
}

/**
 * The spatial means of activations [N, H, W, C], or the activations themselves where they are [N, C].
 * Reads the file once, in pieces; only the means take memory (and the whole array if it is in Fortran order).
 * @throws DeepviewError `bad-array` for other shapes and for integers
 */
export async function spatialMeans(source: ArraySource): Promise<SpatialMeans> {
  const { shape, type, origin } = source;
  if (shape.length !== 2 && shape.length !== 4) {
    throw arrayError(origin, `its shape [${shape.join(', ')}] is neither [N, C] nor [N, H, W, C]`, channelsLast);
  }
  if (!isFloat(type)) throw arrayError(origin, `activations are floating-point numbers, not ${type}`);
  elementCount(origin, shape, type);
  const images = shape[0];
  const neurons = shape[shape.length - 1];
  const positions = shape.length === 4 ? shape[1] * shape[2] : 1;
  if (images * neurons * positions === 0) throw arrayError(origin, `its shape [${shape.join(', ')}] holds nothing`);
  const values = new Float64Array(images * neurons);
  let at = 0;
  let row = 0;
  let position = 0;
  let column = 0;
  const add = (elements: ElementArray): void => {
    const numbers = elements as Float64Array;
    for (let k = 0; k < numbers.length; k++) {
      values[row + column] += numbers[k];
      if (++column < neurons) continue;
      column = 0;
      if (++position < positions) continue;
      position = 0;
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

const channelsLast = 'Channels come last; from PyTorch use activations.permute(0, 2, 3, 1).';
