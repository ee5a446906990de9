import {
  layerRows,
  metricsOfSides,
  scalarRows,
  type LayerRow,
  type Side,
} from '../../engine/analysis/comparison/compared-runs.ts';
import type { LayerSimilarities } from '../../engine/analysis/questions/messages.ts';
import { describeScalar, median } from '../../engine/metrics/index.ts';
import { layerValue, scalar, type RunRecord } from '../../engine/run/format.ts';
import { memoize } from '../frame/memoize.ts';
import type { ScreenState } from '../model/state.ts';
import type { Token } from '../theme/theme.ts';

const sideTokens: readonly Token[] = ['series1', 'series2', 'series3', 'series4'];
/** The colour of a side, by its place. */
export const tokenOf = (place: number): Token => sideTokens[place % sideTokens.length];

/** The number of a side's record, ` @25`, where another record of its run is compared with it; else nothing. */
export function recordMark(sides: readonly Side[], { runs: [{ directory, records }] }: Side): string {
  const isTwice = sides.filter(({ runs }) => runs[0].directory === directory).length > 1;
  return isTwice ? ` @${records.at(-1)?.number}` : '';
}

/** What of a comparison is shown. */
export const comparedParts = ['layers', 'similarity', 'curves', 'settings'] as const;
export type ComparedPart = (typeof comparedParts)[number];

/** The runs that are compared, as they were when they were opened, and where the user is in them. */
export interface ComparisonState {
  sides: readonly Side[];
  part: ComparedPart;
  /** The side that the first is compared with. */
  other: number;
  /** A row of the layers, and a slot of the records or, of the similarity, a layer of the other side. */
  row: number;
  slot: number;
  column: number;
  /** The first row in the window. */
  offset: number;
}

export const comparisonOf = (sides: readonly Side[]): ComparisonState => ({
  ...{ sides, part: 'layers', other: 1, row: 0, slot: Infinity, column: 0, offset: 0 },
});

/** The records of a side: of several runs those of the first, each with the others' of its number. */
export interface SideRecords {
  numbers: readonly number[];
  /** The place of a number. */
  places: ReadonlyMap<number, number>;
  records: readonly (readonly RunRecord[])[];
}

const known = new WeakMap<Side, SideRecords>();

/** Gathered once a side: every cell of a map asks for it. */
function recordsOf(side: Side): SideRecords {
  const before = known.get(side);
  if (before) return before;
  const [first, ...others] = side.runs;
  const byNumber = others.map(({ records }) => new Map(records.map((record) => [record.number, record])));
  const gathered = {
    numbers: first.records.map(({ number }) => number),
    places: new Map(first.records.map(({ number }, place) => [number, place])),
    records: first.records.map((record) => [record, ...byNumber.flatMap((run) => run.get(record.number) ?? [])]),
  };
  known.set(side, gathered);
  return gathered;
}

/** The first side and the one that it is compared with. */
export const comparedSides = memoize((sides: readonly Side[], other: number): readonly [Side, Side] => [
  sides[0],
  sides[other] ?? sides[1],
]);

/** The matched layers of two sides. */
export const rowsOf = memoize((a: Side, b: Side, metric: string): readonly LayerRow[] => layerRows([a, b], metric), 4);

export const metricsOfComparison = memoize((sides: readonly Side[]): readonly string[] => metricsOfSides(sides));

/** The scalars of the sides: of all records, and asked for with every key. */
export const scalarsOf = memoize(scalarRows);

/** Their groups: each a chart of its validation where it has one, else of its first split. */
export const chartsOf = memoize((sides: readonly Side[]): readonly string[] => {
  const groups = new Map<string, string[]>();
  for (const { tag } of scalarsOf(sides)) {
    const { group } = describeScalar(tag);
    groups.set(group, [...(groups.get(group) ?? []), tag]);
  }
  return [...groups.values()].map((tags) => tags.find((tag) => tag.endsWith('/validation')) ?? tags[0]);
});

/**
 * Slots of the width as records: by their numbers, all that either side has, or by the share of the training, each side's
 * from its first to its last. What has no room is left out at even distances.
 */
export interface ComparedSlots {
  count: number;
  /** The place of a side's record at a slot; nothing where it has none. */
  place: (side: Side, slot: number) => number | undefined;
  /** What a slot is called. */
  label: (slot: number) => string;
}

export const slotsFor = memoize((sides: readonly Side[], width: number, byShare: boolean): ComparedSlots => {
  const all = sides.map(recordsOf);
  if (byShare) {
    const count = Math.max(1, Math.min(width, Math.max(...all.map(({ numbers }) => numbers.length))));
    const share = (slot: number): number => (count > 1 ? slot / (count - 1) : 1);
    return {
      count,
      place: (side, slot) => Math.round(share(slot) * (recordsOf(side).numbers.length - 1)),
      label: (slot) => `${Math.round(100 * share(slot))} %`,
    };
  }
  const numbers = [...new Set(all.flatMap((one) => one.numbers))].sort((one, other) => one - other);
  const count = Math.min(width, numbers.length);
  const kept = Array.from({ length: count }, (_, slot) =>
    count < 2 ? numbers.at(-1)! : numbers[Math.round((slot * (numbers.length - 1)) / (count - 1))],
  );
  return {
    count,
    place: (side, slot) => recordsOf(side).places.get(kept[slot]),
    label: (slot) => String(kept[slot]),
  };
}, 4);

/** The slots of what is shown: curves are of all sides, layers of two. */
export const slotsIn = ({ part, sides, other }: ComparisonState, width: number, byShare: boolean): ComparedSlots =>
  slotsFor(part === 'curves' ? sides : comparedSides(sides, other), width, byShare);

const middle = (values: readonly number[]): number | undefined => {
  const told = values.filter((value) => !Number.isNaN(value));
  return told.length === 0 ? undefined : told.length === 1 ? told[0] : median(told);
};

/** A side's value of a metric of a layer (place, from 0) at a record (place): of several runs their median. */
export const sideValue = (side: Side, metric: string, layer: number, record: number): number | undefined =>
  middle(recordsOf(side).records[record].map((one) => layerValue(one, metric, layer + 1)));

/** A side's scalar at a record. */
export const sideScalar = (side: Side, tag: string, record: number): number =>
  middle(recordsOf(side).records[record].map((one) => scalar(one, tag))) ?? Number.NaN;

/** The similarity of the sides on the screen; nothing until some of it is known. */
export function similarityIn({
  comparison,
  exploration: { similarities },
}: ScreenState): LayerSimilarities | undefined {
  if (!comparison || !similarities) return undefined;
  const [a, b] = comparedSides(comparison.sides, comparison.other);
  const isOf =
    similarities.epoch === a.runs[0].records.at(-1)?.number &&
    similarities.other.directory === b.runs[0].directory &&
    similarities.other.epoch === b.runs[0].records.at(-1)?.number;
  return isOf ? similarities : undefined;
}

/** The comparison on the screen. */
export function comparisonIn({ comparison }: ScreenState): ComparisonState {
  if (!comparison) throw new Error('nothing is compared');
  return comparison;
}
