import { crc32 } from 'node:zlib';
import { toJson } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import { check, ValidationError, type Form, type Path, type Value } from '../base/schema/index.ts';
import { readJson, runError } from './check.ts';
import { saysNothing, type RunHeader, type RunRecord } from './format.ts';
import { isOfFormat1, lineOfFormat1 } from './format-1.ts';
import { numberOf, recordForms, type checksumForm } from './forms.ts';

/** What an epoch's data file is like, so that damage to it is noticed. */
export type FileChecksum = Value<typeof checksumForm>;

/** A line of epochs.jsonl: the record, and the checksum of its data file where the recorder wrote one. */
export interface EpochLine {
  /** As it was written: what a recorder left out of its layers, the reader computes. */
  record: RunRecord;
  data?: FileChecksum;
}

const lineChecksum = /,"crc32":"([0-9a-f]{8})"\}$/;

/** The line that commits a record, newline included. It ends in a CRC-32 of itself, so that flipped bits are noticed. */
export function encodeEpochLine({ record: { number: _, ...record }, data }: EpochLine): string {
  const body = toJson(data ? { ...record, data } : record);
  return `${body.slice(0, -1)},"crc32":"${hex(crc32(body))}"}\n`;
}

/**
 * Checks a line of epochs.jsonl.
 * @throws DeepviewError `bad-run` naming file, line and field
 */
export function parseEpochLine(line: string, file: string, lineNumber: number, header: RunHeader): EpochLine {
  const where = `line ${lineNumber}`;
  const found = lineChecksum.exec(line);
  if (found && hex(crc32(`${line.slice(0, found.index)}}`)) !== found[1]) {
    throw runError(
      file,
      `${where} does not match its checksum`,
      'The disk or a copy damaged it; epochs before it are kept.',
    );
  }
  return readJson(line, file, (value, path) => lineOf(value, path, header), where);
}

function lineOf(value: unknown, path: Path, header: RunHeader): EpochLine {
  if (isOfFormat1(value, header)) return lineOfFormat1(value, path, header);
  const {
    at = header.createdAt,
    data,
    scalars,
    layers,
    lossWithin,
    crc32: _,
    ...given
  } = check<Form<RecordLine>>(recordForms[header.clock], value, path);
  for (const [metric, values] of Object.entries(layers)) {
    const { length } = header.network.layers;
    if (values.length === length) continue;
    throw new ValidationError(path, `has ${values.length} values of ${printable(metric)}, not ${length}`);
  }
  const record: RunRecord = {
    number: (header.clock === 'step' ? given.step : given.epoch) as number,
    ...given,
    ...(at !== undefined && { at: printable(at) }),
    scalars: mapped(toldScalars(scalars, header), numberOf),
    layers: mapped(layers, (values) => values.map((value) => (value === null ? null : Number(value)))),
    ...(lossWithin && { lossWithin: { first: numberOf(lossWithin.first), last: numberOf(lossWithin.last) } }),
  };
  return { record, ...(data && { data }) };
}

const toldScalars = <T>(scalars: Readonly<Record<string, T>>, header: RunHeader): Record<string, T> =>
  Object.fromEntries(Object.entries(scalars).filter(([tag]) => !saysNothing(tag, header)));

type RecordLine = Value<typeof recordForms.epoch> | Value<typeof recordForms.step>;

/** The names are shown, and may be anything. */
const mapped = <T, U>(given: Readonly<Record<string, T>>, of: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [printable(name), of(value)]));

const hex = (value: number): string => value.toString(16).padStart(8, '0');
