import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { arrayError, elementCount } from './array-source.ts';
import { elementBytes, typesOf, type ElementType } from './element-type.ts';

const types = typesOf('safetensors');

export interface TensorEntry {
  /** As in the file. */
  name: string;
  type: ElementType;
  shape: number[];
  /** Bytes from the end of the header: [begin, end). */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorEntry>;
  metadata: Map<string, string>;
}

/**
 * Reads a safetensors header: every tensor within the data, of the size its shape needs, none overlapping another,
 * no byte left over, no name twice.
 * @param json the header's text
 * @param dataBytes the bytes that follow the header
 * @throws DeepviewError `bad-array` naming the file and the tensor
 */
export function parseSafetensorsHeader(json: string, dataBytes: number, origin: string): SafetensorsHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw arrayError(origin, 'its header is not JSON', 'The file is damaged, or it is not a safetensors file.');
  }
  if (!isObject(parsed)) throw arrayError(origin, 'its header is not a JSON object');
  const twice = repeatedKey(json);
  if (twice !== undefined) throw arrayError(origin, `tensor "${printable(twice)}" is there twice`);

  const tensors = new Map<string, TensorEntry>();
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '__metadata__') {
      if (!isObject(value)) throw arrayError(origin, '__metadata__ is not an object of texts');
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== 'string') throw arrayError(origin, `metadata "${printable(key)}" is not a text`);
        metadata.set(key, text);
      }
    } else {
      tensors.set(name, parseEntry(name, value, dataBytes, origin));
    }
  }
  requireNoOverlap([...tensors.values()], dataBytes, origin);
  return { tensors, metadata };
}

function parseEntry(name: string, value: unknown, dataBytes: number, file: string): TensorEntry {
  const origin = `${file}, tensor "${printable(name)}"`;
  if (!isObject(value)) throw arrayError(origin, 'its entry is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  const type = types.get(dtype as string);
  if (!type) {
    throw arrayError(origin, `its type ${printable(JSON.stringify(dtype) ?? 'is missing', 40)} is not read`, readable);
  }
  if (!isNumbers(shape)) throw arrayError(origin, 'its shape is not a list of numbers');
  if (!isNumbers(offsets) || offsets.length !== 2) throw arrayError(origin, 'its data_offsets are not two numbers');
  const [begin, end] = offsets;
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin) {
    throw arrayError(origin, `its offsets ${begin}..${end} are impossible`);
  }
  if (end > dataBytes) {
    throw arrayError(origin, `it ends at byte ${end} of only ${dataBytes}`, 'The file is cut short or damaged.');
  }
  const needed = elementCount(origin, shape, type) * elementBytes(type);
  if (end - begin !== needed) {
    throw arrayError(
      origin,
      `it has ${end - begin} bytes where shape [${shape.join(', ')}] of ${type} needs ${needed}`,
    );
  }
  return { name, type, shape, begin, end };
}

const readable = `Read are ${[...types.keys()].join(', ')}.`;

function requireNoOverlap(tensors: TensorEntry[], dataBytes: number, origin: string): void {
  const sorted = tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  let before: TensorEntry | undefined;
  for (const tensor of sorted) {
    if (tensor.begin < at) {
      throw arrayError(origin, `tensors "${printable(before?.name ?? '')}" and "${printable(tensor.name)}" overlap`);
    }
    if (tensor.begin > at) {
      throw arrayError(origin, `${tensor.begin - at} bytes before tensor "${printable(tensor.name)}" belong to none`);
    }
    at = tensor.end;
    before = tensor;
  }
  if (at !== dataBytes) throw arrayError(origin, `its last ${dataBytes - at} bytes belong to no tensor`);
}

/** A key that a JSON object's text has twice at its top level: JSON.parse would silently take the last. */
function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number');

/** The most bytes a header may have. */
export const headerLimit = limits.tensorHeaderBytes;
