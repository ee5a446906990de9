import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { arrayError, elementCount } from './array-source.ts';
import { elementBytes, typesOf, type ElementType } from './element-type.ts';

/** What an .npy header says. */
export interface NpyHeader {
  type: ElementType;
  shape: number[];
  fortranOrder: boolean;
  littleEndian: boolean;
  /** Bytes before the elements. */
  headerBytes: number;
  /** Bytes of the elements. */
  dataBytes: number;
}

const types = typesOf('npy');

/** The most bytes of an .npy header that are read; numpy itself stops at 10 000 unless trusted. */
const npyHeaderLimit = 65_536;

/**
 * The length of the part before the elements, from a file's first 12 bytes.
 * @throws DeepviewError `bad-array`
 */
export function npyHeaderBytes(start: Uint8Array, origin: string): number {
  const view = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (view.length < 12 || view.toString('latin1', 0, 6) !== '\x93NUMPY') {
    const pickle = view.length > 1 && view[0] === 0x80;
    throw arrayError(
      origin,
      pickle ? 'it is a Python pickle, which is never read' : 'it is not an .npy file',
      'Write it with numpy.save (allow_pickle=False).',
    );
  }
  const version = view[6];
  if (version < 1 || version > 3) throw arrayError(origin, `version ${version} of the .npy format is not read`);
  const bytes = version === 1 ? 10 + view.readUInt16LE(8) : 12 + view.readUInt32LE(8);
  if (bytes > npyHeaderLimit) throw arrayError(origin, `its header of ${bytes} bytes is too long to be one`);
  return bytes;
}

/** A header as it is written, before its type is looked at. */
interface WrittenHeader {
  /** Such as `<f4`. */
  type: string;
  fortranOrder: boolean;
  axes: number[];
  headerBytes: number;
}

function writtenHeader(start: Uint8Array, origin: string): WrittenHeader {
  const headerBytes = npyHeaderBytes(start, origin);
  if (start.length < headerBytes) throw arrayError(origin, 'it is cut short within its header');
  const text = Buffer.from(
    start.buffer,
    start.byteOffset + (start[6] === 1 ? 10 : 12),
    headerBytes - (start[6] === 1 ? 10 : 12),
  );
  const header = text.toString(start[6] === 3 ? 'utf8' : 'latin1');
  const descr = /['"]descr['"]\s*:\s*(?:'([^']*)'|"([^"]*)"|(\[))/.exec(header);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header);
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(header);
  if (!descr || !order || !shape) throw arrayError(origin, 'its header is not one of an .npy file', 'It is damaged.');
  if (descr[3]) throw arrayError(origin, 'it holds structures, not numbers', 'Save one field of it.');
  const axes = shape[1]
    .split(',')
    .map((axis) => axis.trim().replace(/L$/, ''))
    .filter((axis) => axis !== '')
    .map(Number);
  return { type: descr[1] ?? descr[2] ?? '', fortranOrder: order[1] === 'True', axes, headerBytes };
}

/** What the header of an array of texts says: one axis of texts of one width. */
export interface NpyTextHeader {
  count: number;
  /** Code points (`U`) or bytes (`S`) of each. */
  width: number;
  encoding: 'U' | 'S';
  littleEndian: boolean;
  headerBytes: number;
  dataBytes: number;
}

/**
 * Reads the header of an array of texts.
 * @param start as for `parseNpyHeader`
 * @returns nothing for an array of anything else
 * @throws DeepviewError `bad-array`
 */
export function parseNpyTextHeader(start: Uint8Array, origin: string): NpyTextHeader | undefined {
  const { type, axes, headerBytes } = writtenHeader(start, origin);
  const match = /^([<>|=]?)([US])(\d{1,6})$/.exec(type);
  if (!match) return undefined;
  if (axes.length !== 1) throw arrayError(origin, `it holds texts along ${axes.length} axes; one is read`);
  const width = Number(match[3]);
  const encoding = match[2] as 'U' | 'S';
  const dataBytes = axes[0] * width * (encoding === 'U' ? 4 : 1);
  if (!(dataBytes <= limits.jsonBytes))
    throw arrayError(origin, `its texts take ${dataBytes} bytes, which is too many`);
  return { count: axes[0], width, encoding, littleEndian: match[1] !== '>', headerBytes, dataBytes };
}

/**
 * Reads an .npy header (format versions 1 to 3, numpy.lib.format).
 * @param start the file's first bytes, at least as many as `npyHeaderBytes` says
 * @throws DeepviewError `bad-array`: objects and structures are refused
 */
export function parseNpyHeader(start: Uint8Array, origin: string): NpyHeader {
  const { type: word, fortranOrder, axes, headerBytes } = writtenHeader(start, origin);
  const match = /^([<>|=]?)([a-zA-Z]\d*)$/.exec(word);
  const kind = match?.[2] ?? '';
  const type = types.get(kind);
  if (kind.startsWith('O')) {
    throw arrayError(origin, 'it holds Python objects (a pickle), which are never read', 'Save an array of numbers.');
  }
  if (!type) {
    throw arrayError(
      origin,
      `its type ${printable(word, 40)} is not read`,
      'Read are bool, int8 to uint64, float16 to float64; of other numbers save x.astype("float32").',
    );
  }
  const count = elementCount(origin, axes, type);
  return {
    type,
    shape: axes,
    fortranOrder: fortranOrder && axes.length > 1,
    littleEndian: match?.[1] !== '>',
    headerBytes,
    dataBytes: count * elementBytes(type),
  };
}
