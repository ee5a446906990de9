import type { FileHandle } from 'node:fs/promises';
import { exitCodes } from '../base/errors.ts';
import { fileError, openToRead } from '../base/files.ts';
import { printable } from '../base/printable.ts';
import { arrayError, readArray, type ArraySource, type NumericArray } from './array-source.ts';
import { elementBytes, elements, type ElementArray, type ElementType } from './element-type.ts';
import { encodeFloat16 } from './float16.ts';
import { headerLimit, parseSafetensorsHeader, type TensorEntry } from './safetensors-header.ts';

/** A tensor to write. Halves are given as single precision, or as their bits. */
export interface TensorToWrite {
  type: ElementType;
  shape: readonly number[];
  data: ElementArray;
}

/**
 * A safetensors file, as pieces to be written one after another.
 * Tensors of wide elements come first, and the header is padded, so that every tensor is aligned in the file.
 * @throws RangeError if a tensor's data do not fit its shape
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const ordered = [...tensors].sort(([, a], [, b]) => elementBytes(b.type) - elementBytes(a.type));
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const [name, { type, shape, data }] of ordered) {
    if (data.length !== shape.reduce((count, axis) => count * axis, 1)) {
      throw new RangeError(`tensor ${name}: ${data.length} values are not [${shape.join(', ')}]`);
    }
    const stored = type === 'float16' && data instanceof Float32Array ? encodeFloat16(data) : data;
    if (stored.BYTES_PER_ELEMENT !== elementBytes(type)) throw new RangeError(`tensor ${name}: data are not ${type}`);
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    header[name] = { dtype: elements[type].safetensors, shape, data_offsets: [at, at + bytes.length] };
    pieces.push(bytes);
    at += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const head = Buffer.alloc(8 + padded, ' ');
  head.writeBigUInt64LE(BigInt(padded));
  json.copy(head, 8);
  return [head, ...pieces];
}

/** An open safetensors file: its header is read and checked, its tensors are read on demand. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** A tensor of the file, not yet read. */
  source: (entry: TensorEntry) => ArraySource;
  /** @throws DeepviewError `bad-array` if there is no such tensor, listing those there are */
  read: (name: string) => Promise<NumericArray>;
  close: () => Promise<void>;
}

/**
 * Opens a safetensors file.
 * @throws DeepviewError exit code 4, naming the file and what is wrong with it
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  let file: FileHandle;
  try {
    file = await openToRead(path);
  } catch (thrown) {
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
  const origin = printable(path, 1000);
  try {
    const { size } = await file.stat();
    if (size < 8) throw arrayError(origin, `its ${size} bytes are too few for a safetensors file`);
    const length = Number((await readExactly(file, 0, 8, origin)).readBigUInt64LE());
    if (length > headerLimit) {
      throw arrayError(
        origin,
        `its header would have ${length} bytes, more than the ${headerLimit} that are read`,
        notOne,
      );
    }
    if (8 + length > size) throw arrayError(origin, `its header of ${length} bytes is cut short`, notOne);
    const json = (await readExactly(file, 8, length, origin)).toString('utf8');
    const base = 8 + length;
    const { tensors, metadata } = parseSafetensorsHeader(json, size - base, origin);
    const source = (entry: TensorEntry): ArraySource => ({
      origin: `${origin}, tensor "${printable(entry.name)}"`,
      name: printable(entry.name),
      type: entry.type,
      shape: entry.shape,
      fortranOrder: false,
      littleEndian: true,
      bytes: () => readRange(file, base + entry.begin, entry.end - entry.begin, origin),
    });
    return {
      tensors,
      metadata,
      source,
      read: async (name) => {
        const entry = tensors.get(name);
        if (!entry) {
          const there = [...tensors.keys()].slice(0, 20).map((one) => `"${printable(one, 60)}"`);
          throw arrayError(
            origin,
            `there is no tensor "${printable(name)}"`,
            `It holds ${there.join(', ') || 'none'}.`,
          );
        }
        return readArray(source(entry));
      },
      close: () => file.close(),
    };
  } catch (thrown) {
    await file.close();
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

const notOne = 'The file is damaged, or it is not a safetensors file.';

async function readExactly(file: FileHandle, position: number, length: number, origin: string): Promise<Buffer> {
  const target = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(target, at, length - at, position + at);
    if (bytesRead === 0) throw arrayError(origin, `it ends at byte ${position + at}, before its data do`);
    at += bytesRead;
  }
  return target;
}

/** The bytes of a part of a file in pieces; each piece is memory of its own. */
export async function* readRange(
  file: FileHandle,
  position: number,
  length: number,
  origin: string,
): AsyncGenerator<Uint8Array> {
  const step = 4 * 2 ** 20;
  for (let at = 0; at < length; at += step) {
    yield await readExactly(file, position + at, Math.min(step, length - at), origin);
  }
}
