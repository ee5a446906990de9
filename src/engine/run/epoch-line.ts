import { crc32 } from 'node:zlib';
import { limits } from '../base/limits.ts';
import { entriesOf, measured, parseJson, runError, toJson, type Field } from './check.ts';
import type { RunHeader, RunRecord } from './format.ts';
import { isOfFormat1, recordOfFormat1 } from './format-1.ts';

/** What an epoch's data file is like, so that damage to it is noticed. */
export interface DataSeal {
  bytes: number;
  /** CRC-32 of the whole file, as of zlib. */
  crc32: number;
}

/** A line of epochs.jsonl: the record, and the seal of its data file where the recorder wrote one. */
export interface EpochLine {
  /** As it was written: what a recorder left out of its layers, the reader computes. */
  record: RunRecord;
  data?: DataSeal;
}

/** Scalars, and metrics of layers, that a record has at most. */
const mostSeries = 1000;

const seal = /,"crc32":"([0-9a-f]{8})"\}$/;

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
  const sealed = seal.exec(line);
  if (sealed && hex(crc32(`${line.slice(0, sealed.index)}}`)) !== sealed[1]) {
    throw runError(
      file,
      `${where} does not match its checksum`,
      'The disk or a copy damaged it; epochs before it are kept.',
    );
  }
  const root = parseJson(line, file, where);
  const data = root.get('data').or(undefined, (field) => ({
    bytes: field.get('bytes').whole(0, limits.arrayBytes),
    crc32: field.get('crc32').whole(0, 2 ** 32 - 1),
  }));
  const record = isOfFormat1(root, header) ? recordOfFormat1(root, header) : recordOf(root, header);
  return { record, ...(data && { data }) };
}

function recordOf(root: Field, header: RunHeader): RunRecord {
  const layers = header.network.layers.length;
  const epoch = root.get('epoch').whole(1, limits.epochs);
  const step = root.get('step').or(undefined, (field) => field.whole());
  return {
    number: epoch,
    epoch,
    ...(step !== undefined && { step }),
    scalars: root
      .get('scalars')
      .or({}, (field) =>
        Object.fromEntries(entriesOf(field, mostSeries).map(([tag, value]) => [tag, measured(value)])),
      ),
    layers: root
      .get('layers')
      .or({}, (field) =>
        Object.fromEntries(
          entriesOf(field, mostSeries).map(([metric, values]) => [
            metric,
            values.list(layers, layers).map((one) => one.or(null, measured)),
          ]),
        ),
      ),
    ...timesOf(root, header),
  };
}

/** What a line says of when and how long, in either format. */
export function timesOf(
  root: Field,
  header: RunHeader,
): Pick<RunRecord, 'at' | 'seconds' | 'monitoringShare' | 'lossWithin'> {
  const lossWithin = root.get('lossWithin').or(undefined, (field) => ({
    first: measured(field.get('first')),
    last: measured(field.get('last')),
  }));
  return {
    seconds: root.get('seconds').or(0, (field) => field.number(0)),
    monitoringShare: root.get('monitoringShare').or(0, (field) => field.number(0, 1)),
    ...(lossWithin && { lossWithin }),
    at: root.get('at').or(header.createdAt, (field) => field.time()),
  };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
