import { median, describeScalar, metricsOf, scalarGroups } from '../../metrics/index.ts';
import { differing, madeWith } from '../../run/differences.ts';
import { layerValue, scalar, toldName, type RunHeader, type RunRecord, type RunState } from '../../run/format.ts';
import { matchLayers } from './layer-matches.ts';

/** A run that is compared. */
export interface ComparedRun {
  directory: string;
  header: RunHeader;
  /** Ascending; the last is the one that is compared. */
  records: readonly RunRecord[];
  state: RunState;
}

/** What is compared as one: a run, or runs of one setting that differ in their seeds alone. */
export interface Side {
  /** `A`, `B`, ... */
  name: string;
  runs: readonly ComparedRun[];
}

/** Values of a side's runs: their median, the least and the greatest. Of one run all three are its value. */
export interface Band {
  median: number;
  low: number;
  high: number;
}

/** The finite ones of some values as a band; nothing where none is. */
export function bandOf(values: readonly number[]): Band | undefined {
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  return finite.length === 0 ? undefined : { median: median(finite), low: finite[0], high: finite.at(-1)! };
}

const settingsOf = ({ network, dataset, training, ...header }: RunHeader): Record<string, string | undefined> => ({
  network: network.name,
  data: toldName(dataset),
  epochs: training.epochs > 0 ? String(training.epochs) : undefined,
  parameters: network.parameters > 0 ? String(network.parameters) : undefined,
  layers: String(network.layers.length),
  ...madeWith({ network, dataset, training, ...header }),
});

/** All that makes a run but its seed: runs that agree in it are of one setting. */
function settingKey({ header }: ComparedRun): string {
  const { network, dataset, training, clock } = header;
  const { seed: _, ...settings } = settingsOf(header);
  return JSON.stringify([settings, network.layers, dataset.classes, training.learningRate, clock]);
}

/**
 * Runs as what is compared: those of one setting together, in the order of their first runs. Where all are of one setting
 * it is they that are compared.
 */
export function sidesOf(runs: readonly ComparedRun[]): Side[] {
  const settings = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = settingKey(run);
    settings.set(key, [...(settings.get(key) ?? []), run]);
  }
  const groups = settings.size > 1 ? [...settings.values()] : runs.map((run) => [run]);
  return groups.map((group, place) => ({ name: sideName(place), runs: group }));
}

/** `A` to `Z`, then `A2`, ... */
export const sideName = (place: number): string =>
  String.fromCharCode(65 + (place % 26)) + (place < 26 ? '' : String(Math.floor(place / 26) + 1));

/** A setting, with what each side has of it: several values where its runs differ. */
export interface SettingRow {
  name: string;
  /** Empty where a side's runs do not say. */
  values: string[];
}

/** The settings in which not all runs agree. */
export function settingRows(sides: readonly Side[]): SettingRow[] {
  const made = sides.map(({ runs }) => runs.map(({ header }) => settingsOf(header)));
  return differing(made.flat()).map((name) => ({
    name,
    values: made.map((runs) => [...new Set(runs.flatMap((run) => run[name] ?? []))].join(', ')),
  }));
}

/** A scalar of a side. */
export interface ScalarValue {
  last: Band;
  /** The best over the records, and the record that has it, of each run; absent where neither direction is better. */
  best?: Band & { at: Band };
}

export interface ScalarRow {
  tag: string;
  /** Undefined for a side that did not record it. */
  values: (ScalarValue | undefined)[];
}

/** The scalars that any run recorded: known groups first. */
export function scalarRows(sides: readonly Side[]): ScalarRow[] {
  const tags = new Set(
    sides.flatMap(({ runs }) => runs.flatMap(({ records }) => records.flatMap(({ scalars }) => Object.keys(scalars)))),
  );
  const rank = (tag: string): number => {
    const known = scalarGroups.findIndex(({ group }) => group === describeScalar(tag).group);
    return known < 0 ? scalarGroups.length : known;
  };
  return [...tags]
    .sort((one, other) => rank(one) - rank(other))
    .map((tag) => ({ tag, values: sides.map((side) => scalarOf(side, tag)) }));
}

function scalarOf({ runs }: Side, tag: string): ScalarValue | undefined {
  const last = bandOf(runs.map(({ records }) => scalar(records.at(-1) ?? { scalars: {} }, tag)));
  if (!last) return undefined;
  const { better } = describeScalar(tag, runs[0].header);
  const bests = better ? runs.flatMap(({ records }) => bestOf(records, tag, better) ?? []) : [];
  const [best, at] = [bandOf(bests.map(({ value }) => value)), bandOf(bests.map((one) => one.at))];
  return { last, ...(best && at && { best: { ...best, at } }) };
}

/** Of equal values the first. */
function bestOf(records: readonly RunRecord[], tag: string, better: 'higher' | 'lower') {
  let best: { value: number; at: number } | undefined;
  for (const record of records) {
    const value = scalar(record, tag);
    if (!Number.isFinite(value)) continue;
    if (!best || (better === 'lower' ? value < best.value : value > best.value)) best = { value, at: record.number };
  }
  return best;
}

/** Seconds that a side's runs took, and training images a second of an epoch's whole time; absent where not told. */
export function speedOf({ runs }: Side): { seconds?: Band; imagesPerSecond?: Band } {
  const seconds = runs.map(({ records }) => records.reduce((sum, { seconds: one = Number.NaN }) => sum + one, 0));
  const rates = runs.map(({ header, records }, place) =>
    header.clock === 'epoch' ? (header.dataset.trainImages * records.length) / seconds[place] : Number.NaN,
  );
  const [time, rate] = [bandOf(seconds.filter((one) => one > 0)), bandOf(rates.filter((one) => one > 0))];
  return { ...(time && { seconds: time }), ...(rate && { imagesPerSecond: rate }) };
}

/** A layer of the first side, the layers of the others that stand for it, and the values of a metric. */
export interface LayerRow {
  /** Of each side the layer's place, from 0; undefined where it has none. */
  places: (number | undefined)[];
  /** At the sides' last records. */
  values: (Band | undefined)[];
}

/** The layers of all sides, matched with those of the first; then those that match none. */
export function layerRows(sides: readonly Side[], metric: string): LayerRow[] {
  const layersOf = ({ runs }: Side): RunHeader['network']['layers'] => runs[0].header.network.layers;
  const matches = sides.slice(1).map((side) => matchLayers(layersOf(sides[0]), layersOf(side)));
  const valueOf = ({ runs }: Side, place: number): Band | undefined =>
    bandOf(runs.map(({ records }) => layerValue(records.at(-1) ?? { layers: {} }, metric, place + 1)));
  const rowOf = (places: LayerRow['places']): LayerRow => ({
    places,
    values: places.map((place, side) => (place === undefined ? undefined : valueOf(sides[side], place))),
  });
  return [
    ...layersOf(sides[0]).map((_, place) =>
      rowOf([place, ...matches.map(({ pairs }) => pairs.find(({ a }) => a === place)?.b)]),
    ),
    ...matches.flatMap(({ onlyB }, other) =>
      onlyB.map((place) => rowOf(sides.map((_, side) => (side === other + 1 ? place : undefined)))),
    ),
  ];
}

/** The metrics of layers that any side has. */
export const metricsOfSides = (sides: readonly Side[]): string[] =>
  metricsOf(sides.flatMap(({ runs }) => runs.flatMap(({ records }) => records)));

/** A metric that any side has: the one that is wanted, else the first. */
export function metricFor(sides: readonly Side[], wanted: string): string {
  const known = metricsOfSides(sides);
  return known.includes(wanted) ? wanted : (known[0] ?? wanted);
}
