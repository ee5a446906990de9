import { median } from '../metrics/index.ts';
import { layerValue, scalar, type RunHeader, type RunRecord } from '../run/format.ts';

/** A record with a value of it. */
export interface At {
  number: number;
  value: number;
}

/** A scalar over the records, finite values alone. */
export const scalarOver = (records: readonly RunRecord[], tag: string): At[] =>
  finite(records, (record) => scalar(record, tag));

/** A layer's metric over the records (layers from 1), finite values alone. */
export const layerOver = (records: readonly RunRecord[], metric: string, layer: number): At[] =>
  finite(records, (record) => layerValue(record, metric, layer));

/** Rules ask for every layer, while the screen waits: nothing is made of records that have no value. */
function finite(records: readonly RunRecord[], valueOf: (record: RunRecord) => number): At[] {
  const values: At[] = [];
  for (const record of records) {
    const value = valueOf(record);
    if (Number.isFinite(value)) values.push({ number: record.number, value });
  }
  return values;
}

/** The middle of a layer's values over the records; undefined where it has none. */
export function typical(records: readonly RunRecord[], metric: string, layer: number): number | undefined {
  const values = layerOver(records, metric, layer).map(({ value }) => value);
  return values.length > 0 ? median(values) : undefined;
}

/** The layers, from 1, with the middle of their values; those that have none are left out. */
export const typicalOfLayers = (
  { network: { layers } }: RunHeader,
  records: readonly RunRecord[],
  metric: string,
): { layer: number; value: number }[] =>
  layers.flatMap(({ index }) => {
    const value = typical(records, metric, index);
    return value === undefined ? [] : [{ layer: index, value }];
  });

/** The numbers of the first and the last of some records. */
export const spanOf = (records: readonly { number: number }[]): readonly [number, number] | undefined =>
  records.length > 0 ? [records[0].number, records[records.length - 1].number] : undefined;

/** A layer as a sentence calls it. */
export const layerName = ({ network: { layers } }: RunHeader, layer: number): string =>
  `layer ${layer} (${layers[layer - 1].name})`;

/** Some layers in a sentence: the first by name, and how many more. */
export const layersNamed = (header: RunHeader, layers: readonly number[]): string =>
  layerName(header, layers[0]) +
  (layers.length > 1 ? ` and ${layers.length - 1} other layer${layers.length > 2 ? 's' : ''}` : '');

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The places of lowest and highest value; the earlier of equals. */
export function lowest(values: readonly At[]): number {
  let best = 0;
  values.forEach(({ value }, at) => {
    if (value < values[best].value) best = at;
  });
  return best;
}
