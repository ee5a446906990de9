import { crc32 } from 'node:zlib';

/** How many elements a shape has. */
export const product = (shape: readonly number[]): number => shape.reduce((count, axis) => count * axis, 1);

const kinds = { uint8: '|u1', int32: '<i4', float32: '<f4', float64: '<f8' } as const;

/** An .npy file with these elements. */
export const npy = (
  shape: readonly number[],
  kind: keyof typeof kinds,
  data: Uint8Array | Int32Array | Float32Array | Float64Array,
): Buffer => npyFile(kinds[kind], shape, Buffer.from(data.buffer, data.byteOffset, data.byteLength));

/** An .npy file of texts, as numpy writes them. */
export function textNpy(texts: readonly string[]): Buffer {
  const width = Math.max(...texts.map((text) => Array.from(text).length));
  const points = texts.flatMap((text) => {
    const own = Array.from(text, (character) => character.codePointAt(0)!);
    return [...own, ...Array<number>(width - own.length).fill(0)];
  });
  return npyFile(`<U${width}`, [texts.length], Buffer.from(Uint32Array.from(points).buffer));
}

function npyFile(type: string, shape: readonly number[], data: Buffer): Buffer {
  const axes = shape.map((axis) => `${axis},`).join(' ');
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${axes}), }`.padEnd(117) + '\n';
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]);
}

/** An .npz file: a zip of such files, stored. */
export function zipOf(arrays: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(arrays)) {
    const path = Buffer.from(`${name}.npy`);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, path, content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), facts, place, path);
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(locals.length, 4);
  end.writeUInt16LE(locals.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end]);
}
