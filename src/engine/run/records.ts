import { basename, resolve } from 'node:path';
import { DeepviewError, exitCodes, isAbsence, systemCode } from '../base/errors.ts';
import { fileError, openToRead, readText, statOf } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { runError } from './check.ts';
import { parseEpochLine, type EpochLine } from './epoch-line.ts';
import type { RunHeader } from './format.ts';
import { parseHeader } from './header.ts';
import { runFiles } from './layout.ts';

/**
 * Reads and checks a run's run.json.
 * @throws DeepviewError exit code 4: `not-a-run`, `bad-run`, `newer-format`, ...
 */
export async function readHeader(directory: string): Promise<RunHeader> {
  const path = runFiles.header(directory);
  try {
    const text = await readText(path, limits.jsonBytes, (problem) => runError(path, problem));
    return parseHeader(text, path, basename(resolve(directory)));
  } catch (thrown) {
    if (isAbsence(thrown)) {
      throw new DeepviewError('not-a-run', `${printable(directory, 1000)} is not a run: it has no run.json`, {
        hint: 'List the runs there are with `deepview-tui runs list`.',
        exitCode: exitCodes.unreadable,
      });
    }
    throw fileError(thrown, 'read', path, exitCodes.unreadable);
  }
}

/**
 * When a run began, in milliseconds since 1970, to order runs by: of a recorder that does not say, when its run.json was
 * written.
 */
export async function begunAt(directory: string, { createdAt }: RunHeader): Promise<number> {
  return createdAt === undefined ? (await statOf(runFiles.header(directory))).mtimeMs : Date.parse(createdAt);
}

/** What of epochs.jsonl is readable. */
export interface Records {
  /** Ascending by number. */
  lines: EpochLine[];
  /** Bytes up to the end of the last readable line, and how many lines those are. */
  bytes: number;
  lineCount: number;
  /** Why reading ended before the file did, where it did so for another reason than a torn last line. */
  problem?: DeepviewError;
}

/**
 * Reads the committed records from a place on: whole lines. A last line without its newline is being written, or was when
 * the machine died: it is not committed. A damaged line ends the reading; what is before it is kept.
 *
 * A recorder that resumes at an earlier record appends: from where a number repeats or falls, the newer lines count. So
 * the first of the lines that are read from a later place may take the place of some that were read before.
 */
export async function readRecords(
  directory: string,
  header: RunHeader,
  from: { bytes: number; lineCount: number } = { bytes: 0, lineCount: 0 },
): Promise<Records> {
  const path = runFiles.epochs(directory);
  const lines: EpochLine[] = [];
  let { bytes, lineCount } = from;
  try {
    for await (const line of wholeLines(path, from.bytes)) {
      const parsed = parseEpochLine(line.toString('utf8'), path, lineCount + 1, header);
      while ((lines.at(-1)?.record.number ?? -1) >= parsed.record.number) lines.pop();
      lines.push(parsed);
      lineCount++;
      bytes += line.length + 1;
    }
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return { lines, bytes, lineCount };
    return { lines, bytes, lineCount, problem: fileError(thrown, 'read', path, exitCodes.unreadable) };
  }
  return { lines, bytes, lineCount };
}

/** The lines of a file that end in a newline, without it. */
async function* wholeLines(path: string, from: number): AsyncGenerator<Buffer> {
  const file = await openToRead(path);
  try {
    const chunk = Buffer.alloc(2 ** 16);
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    let position = from;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      let begin = 0;
      for (let end = chunk.indexOf(10, begin); end >= 0 && end < bytesRead; end = chunk.indexOf(10, begin)) {
        yield Buffer.concat([...pending, chunk.subarray(begin, end)]);
        pending = [];
        pendingBytes = 0;
        begin = end + 1;
        if (begin >= bytesRead) break;
      }
      if (begin < bytesRead) {
        pending.push(Buffer.from(chunk.subarray(begin, bytesRead)));
        pendingBytes += bytesRead - begin;
      }
      if (pendingBytes > limits.jsonBytes) throw runError(path, `it has a line of more than ${limits.jsonBytes} bytes`);
    }
  } finally {
    await file.close();
  }
}
