import { decodeFloat16 } from './float16.ts';

/** What an array file's elements are. */
export type ElementType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64';

/** Elements in memory: either kind of half as single precision, booleans as 0 and 1. */
export type ElementArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export const elementBytes: Record<ElementType, number> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

export const isFloat = (type: ElementType): boolean => type.includes('float');

/**
 * Elements from their bytes, which are a whole number of them.
 * @param bytes consumed: may be changed in place, and the result may share its memory
 */
export function decodeElements(bytes: Uint8Array, type: ElementType, littleEndian: boolean): ElementArray {
  const size = elementBytes[type];
  // Typed arrays need aligned memory; only a copy can give it.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (!littleEndian && size > 1) {
    const buffer = Buffer.from(aligned.buffer, aligned.byteOffset, aligned.length);
    if (size === 2) buffer.swap16();
    else if (size === 4) buffer.swap32();
    else buffer.swap64();
  }
  const { buffer, byteOffset } = aligned;
  const count = aligned.length / size;
  switch (type) {
    case 'bool':
      return Uint8Array.from(aligned, (value) => (value === 0 ? 0 : 1));
    case 'int8':
      return new Int8Array(buffer, byteOffset, count);
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, count);
    case 'int16':
      return new Int16Array(buffer, byteOffset, count);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, count);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, count);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, count);
    case 'float16':
      return decodeFloat16(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16':
      // The upper half of a single-precision number.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (upper) => upper << 16).buffer,
      );
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
  }
}
