import { DeepviewError, exitCodes } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { decodeElements, elementBytes, type ElementArray, type ElementType } from './element-type.ts';

/** An array in a file, not yet read. */
export interface ArraySource {
  /** Where it is, for messages: `x.npz, array "labels"`; safe to show. */
  origin: string;
  /** As the file calls it; empty for an .npy file, which has no names. Safe to show. */
  name: string;
  type: ElementType;
  shape: number[];
  /** Whether the first axis is the one that varies fastest in the file. */
  fortranOrder: boolean;
  littleEndian: boolean;
  /** The elements' bytes in file order; exactly as many as the shape says, or it throws. */
  bytes: () => AsyncIterable<Uint8Array>;
}

/** An array in memory. */
export interface NumericArray {
  type: ElementType;
  shape: number[];
  /** Row-major (the last axis varies fastest), whatever the file's order was. */
  data: ElementArray;
}

/** An error about an array file: code `bad-array`, exit code 4. */
export function arrayError(origin: string, problem: string, hint?: string): DeepviewError {
  return new DeepviewError('bad-array', `${printable(origin, 1000)}: ${problem}`, {
    hint,
    exitCode: exitCodes.unreadable,
  });
}

/**
 * The number of elements of a shape.
 * @throws DeepviewError if an axis is not a whole number >= 0 or the bytes exceed `limits.arrayBytes`
 */
export function elementCount(origin: string, shape: readonly number[], type: ElementType): number {
  if (shape.length > 32) throw arrayError(origin, `${shape.length} axes are more than the 32 that are read`);
  let count = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 0) throw arrayError(origin, `its shape has the impossible axis ${axis}`);
    count *= axis;
  }
  if (!(count * elementBytes(type) <= limits.arrayBytes)) {
    throw arrayError(
      origin,
      `its shape [${shape.join(', ')}] of ${type} is larger than the ${limits.arrayBytes / 2 ** 30} GiB that are read`,
      'Store fewer images, or the spatial means [N, C] alone.',
    );
  }
  return count;
}

/** Reads an array as a whole. Takes its size in memory once (twice if in Fortran order or half precision). */
export async function readArray(source: ArraySource): Promise<NumericArray> {
  const { type, shape } = source;
  const count = elementCount(source.origin, shape, type);
  const bytes = await collect(source, count * elementBytes(type));
  const data = decodeElements(bytes, type, source.littleEndian);
  return { type, shape, data: source.fortranOrder ? rowMajor(data, shape) : data };
}

/** Walks over an array's elements in file order, in pieces of whole elements, each valid until the next. */
export async function* elementsOf(source: ArraySource): AsyncGenerator<ElementArray> {
  const size = elementBytes(source.type);
  let rest = new Uint8Array(0);
  for await (const chunk of source.bytes()) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = joined.length - (joined.length % size);
    rest = joined.slice(whole);
    if (whole > 0) yield decodeElements(joined.subarray(0, whole), source.type, source.littleEndian);
  }
}

async function collect(source: ArraySource, size: number): Promise<Uint8Array> {
  let target: Uint8Array;
  try {
    target = new Uint8Array(size);
  } catch {
    throw arrayError(source.origin, `there is no memory for its ${size} bytes`, 'Store fewer images.');
  }
  let at = 0;
  for await (const chunk of source.bytes()) {
    if (at + chunk.length > size)
      throw arrayError(source.origin, `it holds more than the ${size} bytes its shape needs`);
    target.set(chunk, at);
    at += chunk.length;
  }
  if (at !== size) throw arrayError(source.origin, `it ends after ${at} of ${size} bytes`);
  return target;
}

function rowMajor(data: ElementArray, shape: readonly number[]): ElementArray {
  const result = data.slice();
  const axes = shape.length;
  const strides = new Array<number>(axes);
  let stride = 1;
  for (let axis = 0; axis < axes; axis++) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  const index = new Array<number>(axes).fill(0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from];
    for (let axis = axes - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
