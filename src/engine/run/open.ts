import { setImmediate as nextTurn } from 'node:timers/promises';
import { linkNotice } from './computed.ts';
import type { RunEvent } from './events.ts';
import { DeepviewError } from '../base/errors.ts';
import { epochsDone, type RunHeader, type RunRecord, type RunState } from './format.ts';
import { epochReader, type EpochReader, type MetricsThread } from './reader.ts';
import { readHeader, readRecords } from './records.ts';
import { notHeardOf, readStatus, stateSince, type RunStatus, type Surroundings } from './status.ts';

/** A run as it was when it was opened. */
export interface OpenRun extends Pick<EpochReader, 'neurons' | 'samples' | 'sampledEpoch'> {
  readonly directory: string;
  readonly header: RunHeader;
  /** Committed epochs, ascending. */
  readonly records: readonly RunRecord[];
  readonly state: RunState;
  readonly status: RunStatus | undefined;
  /** What a person should know: why it ended early, why later epochs are unreadable. */
  readonly notices: readonly string[];
  /** The records that lack metrics that can be computed, with these, one after another. */
  readonly measured: (signal: AbortSignal) => AsyncGenerator<RunEvent>;
}

export interface OpenOptions {
  /** A thread to compute the metrics that a recorder left out; without it they are computed here. */
  analysis?: MetricsThread;
  around?: Surroundings;
  /** Ids of metrics that the records must have, as far as they can be computed; by default all that can be. */
  wanted?: readonly string[];
}

/**
 * Opens a run. What epochs.jsonl does not commit is ignored; a damaged line ends the reading with a notice, and what is
 * before it is kept.
 * @throws DeepviewError exit code 4: `not-a-run`, `bad-run`, `newer-format`, `non-finite`, ...
 */
export async function openRun(directory: string, { analysis, around, wanted }: OpenOptions = {}): Promise<OpenRun> {
  const header = await readHeader(directory);
  const { status, notice } = await statusOrNotice(directory);
  const { lines, problem } = await readRecords(directory, header);
  const reader = epochReader(directory, header, analysis);
  const records: RunRecord[] = [];
  let trouble = problem;
  for (const line of lines) reader.add(line);
  const known = await Promise.all(lines.map(({ record }) => reader.known(record)));
  // Where a run has none of what is wanted, it is shown by whatever else there is.
  const isNeeded = (record: RunRecord): boolean =>
    reader.lacks(record, Object.keys(record.layers).length > 0 ? wanted : undefined);
  for (const record of known) {
    try {
      records.push(isNeeded(record) ? await reader.complete(record) : record);
    } catch (thrown) {
      if (!(thrown instanceof DeepviewError)) throw thrown;
      trouble = thrown;
      break;
    }
  }
  await reader.keep();
  // Without a single epoch there is nothing to show beside the problem.
  if (trouble && records.length === 0) throw trouble;
  const counts = { done: epochsDone(records.at(-1)), planned: header.training.epochs };
  const state = await stateSince(directory, status, counts, around);
  return {
    directory,
    header,
    records,
    status,
    state,
    notices: [
      ...[notice, await linkNotice(directory)].filter((text) => text !== undefined),
      ...(status?.reason ? [status.reason] : []),
      ...(status && state === 'silent' ? [silentNotice(status, around)] : []),
      ...(trouble ? [noticeOf(trouble, records.at(-1))] : []),
    ],
    neurons: reader.neurons,
    samples: reader.samples,
    sampledEpoch: reader.sampledEpoch,
    async *measured(signal) {
      try {
        for (const record of records) {
          if (signal.aborted) break;
          if (!reader.lacks(record)) continue;
          yield { type: 'measured', record: await reader.complete(record) };
          // Keys are pressed meanwhile.
          await nextTurn();
        }
      } catch (thrown) {
        // What is shown already stays.
        if (!(thrown instanceof DeepviewError)) throw thrown;
        yield { type: 'notice', text: thrown.message };
      } finally {
        await reader.keep();
      }
    },
  };
}

/** How a run is told of whose trainer says that it is at work, but said so long ago. */
export const silentNotice = (status: RunStatus, around?: Surroundings): string =>
  `${notHeardOf(status, around)}: process ${status.pid} on ${status.host}, which said that it is ${status.state}`;

/** A run's status, or why it cannot be read: its records can be shown without it. */
export async function statusOrNotice(directory: string): Promise<{ status?: RunStatus | undefined; notice?: string }> {
  try {
    return { status: await readStatus(directory) };
  } catch (thrown) {
    if (thrown instanceof DeepviewError) return { notice: thrown.message };
    throw thrown;
  }
}

/** How damaged records are told of while what is before them is shown. */
export function noticeOf(problem: DeepviewError, last: RunRecord | undefined): string {
  const clock = last?.number === last?.epoch ? 'epochs' : 'steps';
  return `${problem.message}; shown are the ${clock} up to ${last?.number ?? 0}`;
}

/** Everything a screen needs of a run that is not being written: the same events that training sends, in their order. */
export function eventsOf(run: OpenRun): RunEvent[] {
  const { status } = run;
  return [
    { type: 'run', header: run.header, directory: run.directory },
    ...run.records.map((record): RunEvent => ({ type: 'epoch', record })),
    ...run.notices.map((text): RunEvent => ({ type: 'notice', text })),
    {
      type: 'state',
      state: run.state,
      ...(status?.error && { error: status.error }),
      ...(status?.reason && { reason: status.reason }),
    },
  ];
}
