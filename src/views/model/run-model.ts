import type { ErrorReport } from '../../engine/base/errors.ts';
import { trendOf as trendOfValues, type Trend } from '../../engine/metrics/trend.ts';
import type { Progress } from '../../engine/base/progress.ts';
import type { RunHeader, RunRecord, RunState } from '../../engine/run/format.ts';
import type { RunEvent } from '../../engine/training/messages.ts';

export { isUnderWay } from '../../engine/run/format.ts';

/** Smallest and largest finite value seen; `low > high` before there is one. */
export interface ValueRange {
  low: number;
  high: number;
}

export type BatchEvent = Extract<RunEvent, { type: 'batch' }>;

/** What is known of a run, live or finished. Never changed in place: a kept one is a snapshot. */
export interface RunModel {
  /** Where it is and what it is called, known before the header. */
  begun: { id: string; directory: string; network?: string; dataset?: string } | undefined;
  header: RunHeader | undefined;
  directory: string | undefined;
  /** The committed epochs, oldest first. */
  epochs: readonly RunRecord[];
  /** By metric, of each layer over all records. A metric is there from the first record on that has it. */
  ranges: ReadonlyMap<string, readonly ValueRange[]>;
  state: RunState;
  error: ErrorReport | undefined;
  /** Where the trainer was asked to stop, and will. */
  ending: 'now' | 'after-epoch' | undefined;
  /** What can be asked of it, where another process trains it. */
  requests: readonly string[];
  /** The long steps of preparing, in the order they began. Several run at a time: engine and data do. */
  steps: readonly Progress[];
  notices: readonly string[];
  /** How far the epoch in progress is. */
  batch: BatchEvent | undefined;
}

export const emptyRange: ValueRange = { low: Infinity, high: -Infinity };

/** Kept of what a trainer says; older notices make room. */
const noticesKept = 50;
const stepsKept = 20;

export const emptyRun: RunModel = {
  begun: undefined,
  header: undefined,
  directory: undefined,
  epochs: [],
  ranges: new Map(),
  state: 'preparing',
  error: undefined,
  ending: undefined,
  requests: [],
  steps: [],
  notices: [],
  batch: undefined,
};

/** The union of a range and a list's finite values at one place. */
function widen(range: ValueRange | undefined, value: number | undefined): ValueRange {
  const { low, high } = range ?? emptyRange;
  if (value === undefined || !Number.isFinite(value)) return range ?? emptyRange;
  return value >= low && value <= high ? { low, high } : { low: Math.min(low, value), high: Math.max(high, value) };
}

function rangesWith(ranges: RunModel['ranges'], records: readonly RunRecord[]): RunModel['ranges'] {
  const next = new Map(Array.from(ranges, ([metric, layers]) => [metric, [...layers]]));
  for (const { layers } of records) {
    for (const [metric, values] of Object.entries(layers)) {
      const known = next.get(metric) ?? [];
      next.set(metric, known);
      values.forEach((value, layer) => (known[layer] = widen(known[layer], value ?? undefined)));
    }
  }
  return next;
}

/** Adds committed epochs. One that is there already (a run resumed from an earlier checkpoint) ends what came after it. */
function withEpochs(run: RunModel, records: readonly RunRecord[]): RunModel {
  if (records.length === 0) return run;
  // Steps are counted from 0.
  const last = run.epochs.at(-1)?.number ?? -1;
  const ascending = records.every((record, index) => record.number > (records[index - 1]?.number ?? last));
  if (ascending) {
    return { ...run, epochs: [...run.epochs, ...records], ranges: rangesWith(run.ranges, records) };
  }
  const epochs = [...run.epochs];
  for (const record of records) {
    while ((epochs.at(-1)?.number ?? -1) >= record.number) epochs.pop();
    epochs.push(record);
  }
  return { ...run, epochs, ranges: rangesWith(emptyRun.ranges, epochs) };
}

function withStep(run: RunModel, progress: Progress): RunModel {
  const known = run.steps.findIndex(({ label }) => label === progress.label);
  if (known >= 0) return { ...run, steps: run.steps.with(known, progress) };
  return { ...run, steps: [...run.steps, progress].slice(-stepsKept) };
}

/** Whether a step is over: it says so itself, or the run has begun, which needs all of them. */
export const isStepDone = (run: RunModel, { done, total }: Progress): boolean =>
  run.header !== undefined || (total !== undefined && done >= total);

/** The run after some events, in their order. Pure; the cost is one copy of the list of epochs a call. */
export function applyRunEvents(run: RunModel, events: readonly RunEvent[]): RunModel {
  let next = run;
  let records: RunRecord[] = [];
  const measured = new Map<number, RunRecord>();
  for (const event of events) {
    switch (event.type) {
      case 'epoch':
        records.push(event.record);
        continue;
      case 'measured':
        measured.set(event.record.number, event.record);
        break;
      case 'step':
        next = withStep(next, event.progress);
        break;
      case 'notice':
        next = { ...next, notices: [...next.notices, event.text].slice(-noticesKept) };
        break;
      case 'begun':
        next = { ...next, begun: event };
        break;
      case 'run':
        next = { ...next, header: event.header, directory: event.directory };
        break;
      case 'batch':
        next = { ...next, batch: event };
        break;
      case 'state':
        next = {
          ...{ ...next, state: event.state, error: event.error },
          ...{ ending: event.ending, requests: event.requests ?? [] },
        };
        break;
    }
  }
  if (records.length > 0) {
    next = withEpochs(next, records);
    const newest = records.at(-1)?.number ?? 0;
    // What is said of an epoch in progress is over once it is committed.
    if (next.batch && next.batch.epoch <= newest) next = { ...next, batch: undefined };
    records = [];
  }
  if (measured.size > 0) {
    const epochs = next.epochs.map((record) => measured.get(record.number) ?? record);
    next = { ...next, epochs, ranges: rangesWith(next.ranges, [...measured.values()]) };
  }
  return next;
}

/** A layer's value at a committed epoch (both positions, from 0); undefined where the run has none. */
export function valueAt(run: RunModel, metric: string, layer: number, epoch: number): number | undefined {
  const layers = run.epochs[epoch]?.layers ?? {};
  return (Object.hasOwn(layers, metric) ? layers[metric][layer] : undefined) ?? undefined;
}

/** Epochs that a trend looks at. */
const span = 5;

/** Where a row's finite values went over the last epochs up to `epoch` (from 0); nothing where there are none. */
export function trendOf(valueOf: (epoch: number) => number | undefined, epoch: number): Trend | undefined {
  const first = Math.max(0, epoch - span + 1);
  const values = Array.from({ length: epoch - first + 1 }, (_, index) => valueOf(first + index));
  return trendAt(values, values.length - 1);
}

/** Where the finite ones of the last values up to a place went; nothing where there are none. */
export function trendAt(values: readonly (number | undefined)[], place: number): Trend | undefined {
  const last = values.slice(Math.max(0, place - span + 1), place + 1);
  const finite = last.filter((value): value is number => value !== undefined && Number.isFinite(value));
  return finite.length < 2 ? undefined : trendOfValues(finite);
}
