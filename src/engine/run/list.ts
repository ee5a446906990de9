import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type DeepviewError, exitCodes, isAbsence, systemCode } from '../base/errors.ts';
import { fileError, namesIn, statOf } from '../base/files.ts';
import { isLocked } from '../base/lock.ts';
import { bestRecord, epochsDone, scalar, toldName, type RunHeader, type RunRecord, type RunState } from './format.ts';
import { runFiles } from './layout.ts';
import { isUnprepared } from './preparing.ts';
import { begunAt, readHeader, readRecords } from './records.ts';
import { isActive, readStatus, stateOf, stateSince, type RunStatus, type Surroundings } from './status.ts';

/** What a list of runs shows of one. */
export interface RunSummary {
  directory: string;
  id: string;
  /** Its names; absent where they are not told. */
  network?: string | undefined;
  dataset?: string | undefined;
  /** Absent of a run that is being prepared, or ended before it was. */
  header?: RunHeader;
  /** Milliseconds since 1970, to order runs by. */
  begunAt: number;
  /** The same as it was told: ISO 8601; absent where a recorder does not say. */
  createdAt?: string;
  state: RunState;
  status: RunStatus | undefined;
  /** `planned` is absent where a recorder does not say. */
  epochs: { done: number; planned?: number };
  /** The lowest top-1 error on the validation images, 0..1; absent where none was recorded. */
  bestTop1Error?: number;
  /** One value per epoch. */
  validationLoss: number[];
  /** The first and the newest record as they were written; absent before the first. */
  firstRecord?: RunRecord;
  lastRecord?: RunRecord;
  /** Why later records, or all of them, cannot be read. */
  problem?: DeepviewError;
  bytes: number;
}

/** A directory among the runs that cannot be read, or not to its end, and why. */
export interface UnreadableRun {
  directory: string;
  error: DeepviewError;
}

/** What there is under the runs' directory, newest first. */
export interface RunList {
  runs: RunSummary[];
  unreadable: UnreadableRun[];
}

/** A run's summary, from run.json, epochs.jsonl and status.json alone. */
export async function summariseRun(directory: string, around?: Surroundings): Promise<RunSummary> {
  if (await isUnprepared(directory)) return summariseUnprepared(directory, around);
  const header = await readHeader(directory);
  const [status, { lines, problem }, bytes] = await Promise.all([
    readStatus(directory),
    readRecords(directory, header),
    bytesUnder(directory),
  ]);
  const best = bestRecord(lines.map(({ record }) => record));
  const bestError = best ? scalar(best, 'error/validation') : NaN;
  const last = lines.at(-1)?.record;
  // Some recorders write every fifth epoch; of steps it may not be known in which epoch they are.
  const done = last?.epoch === undefined ? lines.length : epochsDone(last);
  const planned = Math.max(header.training.epochs, done);
  return {
    directory,
    id: header.id,
    network: header.network.name,
    dataset: toldName(header.dataset),
    header,
    ...(header.createdAt !== undefined && { createdAt: header.createdAt }),
    begunAt: await begunAt(directory, header),
    status,
    state: await stateSince(directory, status, { done, planned }, around),
    epochs: { done, ...(header.training.epochs > 0 && { planned }) },
    ...(Number.isFinite(bestError) && { bestTop1Error: bestError }),
    validationLoss: lines.map(({ record }) => scalar(record, 'loss/validation')),
    ...(last && { firstRecord: lines[0].record, lastRecord: last }),
    ...(problem && { problem }),
    bytes,
  };
}

/** Of a run without a run.json there is what its trainer says of it, and that its lock is held. */
async function summariseUnprepared(directory: string, around?: Surroundings): Promise<RunSummary> {
  const status = await readStatus(directory);
  const { id = basename(resolve(directory)), createdAt, network, dataset } = status?.preparing ?? {};
  const said = status && stateOf(status, { done: 0, planned: 0 }, around);
  const state = said ?? ((await isLocked(runFiles.lock(directory))) ? 'preparing' : 'crashed');
  return {
    ...{ directory, id, network, dataset, status },
    begunAt: createdAt === undefined ? (await statOf(directory)).mtimeMs : Date.parse(createdAt),
    ...(createdAt !== undefined && { createdAt }),
    // A recorder that knows its layers with its first record calls itself at work until then.
    state: said === 'running' ? 'preparing' : state,
    epochs: { done: 0 },
    validationLoss: [],
    bytes: await bytesUnder(directory),
  };
}

/** The run directories directly under a directory; none if it does not exist. */
export async function runDirectories(runs: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(runs)) {
    const directory = join(runs, name);
    try {
      if ((await stat(runFiles.header(directory))).isFile()) found.push(directory);
    } catch (thrown) {
      const isAbsent = isAbsence(thrown);
      if (!isAbsent || (await isUnprepared(directory).catch(() => false))) found.push(directory);
    }
  }
  return found.sort();
}

/** Summaries as they were, by directory, each with what its files were like: for who lists again and again. */
export type KnownRuns = Map<string, { files: string; run: RunSummary }>;

/** All runs under a directory, newest first. @param known of those that did not change since, it is not read again */
export async function listRuns(runs: string, around?: Surroundings, known: KnownRuns = new Map()): Promise<RunList> {
  const list: RunList = { runs: [], unreadable: [] };
  for (const directory of await runDirectories(runs)) {
    try {
      const files = await filesOf(directory);
      const before = known.get(directory);
      // What is at work says so by its clock too.
      const isSame = before?.files === files && !isActive(before.run.status, around);
      const run = isSame ? before.run : await summariseRun(directory, around);
      known.set(directory, { files, run });
      if (run.firstRecord || !run.problem) list.runs.push(run);
      if (run.problem) list.unreadable.push({ directory, error: run.problem });
    } catch (thrown) {
      // Whatever is wrong with one, the others are listed.
      list.unreadable.push({ directory, error: fileError(thrown, 'read', directory, exitCodes.unreadable) });
    }
  }
  list.runs.sort((a, b) => b.begunAt - a.begunAt || (a.id < b.id ? 1 : -1));
  return list;
}

/** What a run's files are like that a summary is made of: another text once one has changed. */
async function filesOf(directory: string): Promise<string> {
  const paths = [runFiles.header, runFiles.epochs, runFiles.status, runFiles.lock].map((of) => of(directory));
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return found.map((file) => (file ? `${file.ino} ${file.size} ${file.mtimeMs}` : '')).join();
}

/** The bytes of the files under a directory; links are not followed. */
async function bytesUnder(directory: string): Promise<number> {
  let total = 0;
  let entries;
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
    // It was removed meanwhile, or may not be read: it then counts nothing.
    return 0;
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) total += await bytesUnder(path);
    else if (entry.isFile()) total += await sizeOrNothing(path);
  }
  return total;
}

async function sizeOrNothing(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
    return 0;
  }
}
