import { open, readdir, rm, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TensorToWrite } from '../arrays/safetensors.ts';
import { DeepviewError } from '../base/errors.ts';
import { fileError, namesIn, sizeOf } from '../base/files.ts';
import { makeDirectory, makeDirectoryInside, requireNoLink, flush, writeFileAtomically } from '../base/write-files.ts';
import { printable, shellWord } from '../base/printable.ts';
import { writeCheckpoint } from './checkpoints.ts';
import { encodeEpochData, type LayerEpoch } from './epoch-data.ts';
import { encodeEpochLine, type EpochLine } from './epoch-line.ts';
import type { Features } from '../base/features.ts';
import { removeFeaturesAfter, writeFeatures } from './features.ts';
import { bestRecord, runFormat, type RunHeader, type RunRecord } from './format.ts';
import { epochOfFile, runFiles, runFolders } from './layout.ts';
import type { Lock } from '../base/lock.ts';
import { lockRun } from './lock.ts';
import { foreignIn } from './preparing.ts';
import { readRecords, readHeader } from './records.ts';

/** The only writer of a run. */
export interface RunWriter {
  readonly directory: string;
  readonly header: RunHeader;
  /** The last committed epoch, 0 before the first. */
  readonly lastEpoch: number;
  /**
   * Writes an epoch's data, then commits it by one flushed line of epochs.jsonl. When that fails (a full disk),
   * the epoch is not committed and everything before it stays as it was.
   */
  commitEpoch: (record: RunRecord, layers: readonly LayerEpoch[]) => Promise<void>;
  /** Weights and optimiser state after an epoch; the latest two and the best are kept. */
  writeCheckpoint: (
    epoch: number,
    tensors: ReadonlyMap<string, TensorToWrite>,
    options: { best: boolean },
  ) => Promise<void>;
  /** The strongest patches of every layer at an epoch; to be written before the epoch is committed. */
  writeFeatures: (epoch: number, layers: readonly Features[]) => Promise<void>;
}

/** The only right to write a run, in a directory for a new one. */
export interface ReservedRun extends Lock {
  /** Whether its directory was not there before. */
  isMade: boolean;
}

/**
 * Takes a new or empty directory, whose parents are created, for a run that is being prepared.
 * @throws DeepviewError `run-exists`, `not-empty`, `run-in-use`, `no-permission`, `disk-full`, ...
 */
export async function reserveRun(directory: string): Promise<ReservedRun> {
  const isMade = await makeDirectory(directory);
  await requireUnused(directory);
  const lock = await lockRun(directory);
  try {
    // Under the lock once more: another process may have begun a run here since.
    await requireUnused(directory);
    return { ...lock, isMade };
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

/** Begins a run in a directory that was reserved for it ({@link reserveRun}). */
export async function createRun(directory: string, header: RunHeader): Promise<RunWriter> {
  await makeDirectoryInside(directory, runFolders.epochs);
  await writeHeader(directory, header);
  await writeFileAtomically(runFiles.epochs(directory), '');
  await flush(dirname(directory));
  return writerOf(directory, header, { lastEpoch: 0, best: 0, length: 0 });
}

/**
 * Goes on with a run, under its lock: what was not committed is removed. A run with damaged records is refused, for going
 * on would overwrite what is behind the damage.
 * @param training what the header is to say of the training from now on
 * @throws DeepviewError exit code 4 if the run is unreadable
 */
export async function resumeRun(directory: string, training?: RunHeader['training']): Promise<RunWriter> {
  const written = await readHeader(directory);
  try {
    await requireNoLink(runFiles.epochs(directory));
    const { lines, ...read } = await readRecords(directory, written);
    if (read.problem) throw read.problem;
    const best = bestRecord(lines.map(({ record }) => record))?.number ?? 0;
    const lastEpoch = lines.at(-1)?.record.number ?? 0;
    const bytes = written.format < runFormat ? await rewrite(directory, lines) : read.bytes;
    const header = { ...written, ...(training && { training }), format: runFormat };
    if (JSON.stringify(header) !== JSON.stringify(written)) await writeHeader(directory, header);
    if ((await sizeOf(runFiles.epochs(directory))) > 0) await truncate(runFiles.epochs(directory), bytes);
    for (const name of Object.values(runFolders)) await requireNoLink(join(directory, name));
    await removeUncommitted(directory, lastEpoch);
    await removeFeaturesAfter(directory, lastEpoch);
    return writerOf(directory, header, { lastEpoch, best, length: bytes });
  } catch (thrown) {
    throw fileError(thrown, 'go on with', directory);
  }
}

const writeHeader = (directory: string, header: RunHeader): Promise<void> =>
  writeFileAtomically(runFiles.header(directory), `${JSON.stringify(header)}\n`);

/** Replaces epochs.jsonl by the same records in the format that is written. @returns its bytes */
async function rewrite(directory: string, lines: readonly EpochLine[]): Promise<number> {
  const text = lines.map(encodeEpochLine).join('');
  await writeFileAtomically(runFiles.epochs(directory), text);
  return Buffer.byteLength(text);
}

function writerOf(
  directory: string,
  header: RunHeader,
  state: { lastEpoch: number; best: number; length: number },
): RunWriter {
  const journal = runFiles.epochs(directory);
  return {
    directory,
    header,
    get lastEpoch() {
      return state.lastEpoch;
    },
    async commitEpoch(record, layers) {
      if (record.number <= state.lastEpoch) {
        throw new RangeError(`epoch ${record.number} does not follow ${state.lastEpoch}`);
      }
      const { pieces, data } = encodeEpochData(header, record.number, layers);
      const path = runFiles.epochData(directory, record.number);
      await writeFileAtomically(path, pieces);
      const line = encodeEpochLine({ record, data });
      try {
        await appendFlushed(journal, line);
      } catch (thrown) {
        // Half a line may be there: without it, the next commit begins on a line of its own.
        await truncate(journal, state.length).catch(() => undefined);
        await rm(path, { force: true }).catch(() => undefined);
        throw fileError(thrown, 'write', journal);
      }
      state.length += Buffer.byteLength(line);
      state.lastEpoch = record.number;
    },
    async writeCheckpoint(epoch, tensors, { best }) {
      await writeCheckpoint(directory, epoch, tensors, best ? epoch : state.best);
      if (best) state.best = epoch;
    },
    writeFeatures: (epoch, layers) => writeFeatures(directory, header, epoch, layers),
  };
}

async function appendFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function requireUnused(directory: string): Promise<void> {
  const names = await readdir(directory).catch((thrown: unknown) => {
    throw fileError(thrown, 'read', directory);
  });
  if (names.includes('run.json')) {
    throw new DeepviewError('run-exists', `${printable(directory, 1000)} already holds a run`, {
      hint: `Give another directory, or go on with it: deepview-tui train --resume ${shellWord(directory)}`,
    });
  }
  const foreign = await foreignIn(directory, names);
  if (foreign !== undefined) {
    throw new DeepviewError(
      'not-empty',
      `${printable(directory, 1000)} holds other files, such as ${printable(foreign, 60)}`,
      { hint: 'Give a new or empty directory.' },
    );
  }
}

async function removeUncommitted(directory: string, lastEpoch: number): Promise<void> {
  for (const folder of [runFolders.epochs, runFolders.checkpoints]) {
    for (const name of await namesIn(join(directory, folder))) {
      const epoch = epochOfFile(name);
      const leftover = epoch === undefined ? name.endsWith('.tmp') : epoch > lastEpoch;
      if (leftover) await rm(join(directory, folder, name), { force: true });
    }
  }
}
