import { DeepviewError, unreadable } from '../../base/errors.ts';
import { withFile } from '../../base/files.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../base/printable.ts';
import { cancelled, type StepContext } from '../../base/progress.ts';
import { isDamage, unpacked } from '../../transfer/read-tar.ts';

/** An IDX file (LeCun) of bytes: its axes and its values, row-major. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

export const idxError = (path: string, why: string, hint?: string, cause?: unknown): DeepviewError =>
  unreadable('bad-idx', `${printable(path, 1000)}: ${why}`, hint, cause);

const cutShort = 'It may have been cut short: download it again.';

/**
 * Reads an IDX file of unsigned bytes, gzipped or not: two zeros, the type 8, the number of axes, each axis as 32 bits
 * (high byte first), then the values. Memory is taken when the header has been believed, and no more than it says.
 * @param axes how many there must be: 3 for images, 1 for labels
 * @throws DeepviewError `bad-idx` (exit code 4), `cancelled`
 */
export async function readIdx(path: string, axes: number, { signal }: Pick<StepContext, 'signal'>): Promise<IdxArray> {
  try {
    return await withFile(path, async (file) => collectIdx(path, axes, (await unpacked(file, signal)).content));
  } catch (thrown) {
    if (signal.aborted) throw cancelled(`reading ${printable(path)}`);
    if (thrown instanceof DeepviewError && isDamage(thrown.cause))
      throw idxError(path, 'it is damaged', cutShort, thrown.cause);
    throw thrown;
  }
}

/**
 * As `readIdx`, of bytes that come from elsewhere, unpacked.
 * @param path for messages
 */
export async function collectIdx(
  path: string,
  axes: number,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<IdxArray> {
  const headerBytes = 4 + 4 * axes;
  let start = Buffer.alloc(0);
  let array: IdxArray | undefined;
  let at = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    if (!array) {
      start = Buffer.concat([start, chunk]);
      if (start.length < headerBytes) continue;
      array = parseHeader(path, axes, start);
      rest = start.subarray(headerBytes);
    }
    if (at + rest.length > array.data.length) {
      throw idxError(path, `it holds more than the ${array.data.length} values that its header says`, 'It is damaged.');
    }
    array.data.set(rest, at);
    at += rest.length;
  }
  if (!array) throw idxError(path, 'it ends within its header', cutShort);
  if (at !== array.data.length) throw idxError(path, `it ends after ${at} of ${array.data.length} values`, cutShort);
  return array;
}

function parseHeader(path: string, axes: number, start: Buffer): IdxArray {
  if (start[0] !== 0 || start[1] !== 0) throw idxError(path, 'it is no IDX file', 'Those begin with two zero bytes.');
  if (start[2] !== 8)
    throw idxError(path, `its values are of type 0x${start[2].toString(16)}`, 'Only unsigned bytes (0x08) are read.');
  if (start[3] !== axes) throw idxError(path, `it has ${start[3]} axes where there should be ${axes}`);
  const shape = Array.from({ length: axes }, (_, axis) => start.readUInt32BE(4 + 4 * axis));
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (!(size <= limits.arrayBytes) || shape[0] > limits.images) {
    throw idxError(path, `its header claims ${shape.join(' x ')} values, which is more than is read`);
  }
  try {
    return { shape, data: new Uint8Array(size) };
  } catch {
    throw idxError(path, `there is no memory for its ${size} values`);
  }
}
