import { decodeFloat16 } from './float16.ts';

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

/** How a type lies in a file, and what it is called in .npy and in safetensors files. */
interface ElementForm {
  array: { new (buffer: ArrayBufferLike, byteOffset: number, count: number): ElementArray; BYTES_PER_ELEMENT: number };
  npy?: string;
  safetensors: string;
}

const forms = {
  bool: { array: Uint8Array, npy: 'b1', safetensors: 'BOOL' },
  int8: { array: Int8Array, npy: 'i1', safetensors: 'I8' },
  uint8: { array: Uint8Array, npy: 'u1', safetensors: 'U8' },
  int16: { array: Int16Array, npy: 'i2', safetensors: 'I16' },
  uint16: { array: Uint16Array, npy: 'u2', safetensors: 'U16' },
  int32: { array: Int32Array, npy: 'i4', safetensors: 'I32' },
  uint32: { array: Uint32Array, npy: 'u4', safetensors: 'U32' },
  int64: { array: BigInt64Array, npy: 'i8', safetensors: 'I64' },
  uint64: { array: BigUint64Array, npy: 'u8', safetensors: 'U64' },
  float16: { array: Uint16Array, npy: 'f2', safetensors: 'F16' },
  bfloat16: { array: Uint16Array, safetensors: 'BF16' },
  float32: { array: Float32Array, npy: 'f4', safetensors: 'F32' },
  float64: { array: Float64Array, npy: 'f8', safetensors: 'F64' },
} as const satisfies Record<string, ElementForm>;

/** What an array file's elements are. */
export type ElementType = keyof typeof forms;

export const elements: Readonly<Record<ElementType, ElementForm>> = forms;

/** The types by what a format calls them, those that it has. */
export const typesOf = (format: 'npy' | 'safetensors'): ReadonlyMap<string, ElementType> =>
  new Map(
    (Object.keys(elements) as ElementType[]).flatMap((type) => {
      const name = elements[type][format];
      return name === undefined ? [] : [[name, type]];
    }),
  );

export const elementBytes = (type: ElementType): number => elements[type].array.BYTES_PER_ELEMENT;

export const isFloat = (type: ElementType): boolean => type.includes('float');

/**
 * Elements from their bytes, which are a whole number of them.
 * @param bytes consumed: may be changed in place, and the result may share its memory
 */
export function decodeElements(bytes: Uint8Array, type: ElementType, littleEndian: boolean): ElementArray {
  const size = elementBytes(type);
  // Typed arrays need aligned memory; only a copy can give it.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (!littleEndian && size > 1) {
    const buffer = Buffer.from(aligned.buffer, aligned.byteOffset, aligned.length);
    if (size === 2) buffer.swap16();
    else if (size === 4) buffer.swap32();
    else buffer.swap64();
  }
  const values = new elements[type].array(aligned.buffer, aligned.byteOffset, aligned.length / size);
  switch (type) {
    case 'bool':
      return Uint8Array.from(aligned, (value) => (value === 0 ? 0 : 1));
    case 'float16':
      return decodeFloat16(values as Uint16Array);
    case 'bfloat16':
      // The upper half of a single-precision number.
      return new Float32Array(Uint32Array.from(values as Uint16Array, (upper) => upper << 16).buffer);
    default:
      return values;
  }
}
