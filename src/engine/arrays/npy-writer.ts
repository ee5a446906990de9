import { elementBytes, elements, type ElementArray } from './element-type.ts';

/**
 * An .npy file (format version 1, numpy.lib.format), row-major and little-endian, as pieces to be written one after
 * another.
 * @param data as many elements as the shape says
 */
export function encodeNpy(
  type: 'float32' | 'float64' | 'int32' | 'int64' | 'uint8',
  shape: readonly number[],
  data: ElementArray,
): Uint8Array[] {
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (data.length !== count || data.BYTES_PER_ELEMENT !== elementBytes(type)) {
    throw new RangeError(
      `${data.length} values of ${data.BYTES_PER_ELEMENT} bytes are not ${type} [${shape.join(', ')}]`,
    );
  }
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = elementBytes(type) > 1 ? '<' : '|';
  const text = `{'descr': '${order}${elements[type].npy}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Elements begin at a multiple of 64, so that they can be mapped into memory.
  const padded = Math.ceil((10 + text.length + 1) / 64) * 64;
  const head = Buffer.alloc(padded, ' ');
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded - 10, 8);
  head.write(text, 10, 'latin1');
  head[padded - 1] = 10;
  return [head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}
