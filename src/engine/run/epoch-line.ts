import { crc32 } from 'node:zlib';
import { limits } from '../base/limits.ts';
import { parseJson, runError, type Field } from './check.ts';
import type { EpochRecord, RunHeader, Split } from './format.ts';

/** What an epoch's data file is like, so that damage to it is noticed. */
export interface DataSeal {
  bytes: number;
  /** CRC-32 of the whole file, as of zlib. */
  crc32: number;
}

/** A line of epochs.jsonl: the record, and the seal of its data file where the recorder wrote one. */
export interface EpochLine {
  /** Layer metrics are absent in recordings of other frameworks: the reader computes them. */
  record: Omit<EpochRecord, 'discriminability' | 'density'> &
    Partial<Pick<EpochRecord, 'discriminability' | 'density'>>;
  data?: DataSeal;
}

const seal = /,"crc32":"([0-9a-f]{8})"\}$/;

/** The line that commits an epoch, newline included. It ends in a CRC-32 of itself, so that flipped bits are noticed. */
export function encodeEpochLine({ record, data }: EpochLine): string {
  const body = JSON.stringify(data ? { ...record, data } : record);
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
  const epoch = root.get('epoch').whole(1, limits.epochs);
  const layers = header.network.layers.length;
  const perLayer = (field: Field, maximum: number): number[] =>
    field.list(layers, layers).map((one) => one.number(0, maximum));
  const discriminability = root.get('discriminability').or(undefined, (field) => perLayer(field, Infinity));
  const density = root.get('density').or(undefined, (field) => perLayer(field, 1));
  const lossWithin = root.get('lossWithin').or(undefined, (field) => ({
    first: field.get('first').number(0),
    last: field.get('last').number(0),
  }));
  const data = root.get('data').or(undefined, (field) => ({
    bytes: field.get('bytes').whole(0, limits.arrayBytes),
    crc32: field.get('crc32').whole(0, 2 ** 32 - 1),
  }));
  return {
    record: {
      epoch,
      learningRate: root
        .get('learningRate')
        .or(header.training.learningRate[epoch - 1] ?? 0, (field) => field.number(0)),
      loss: split(root.get('loss'), Infinity),
      top1Error: split(root.get('top1Error'), 1),
      top5Error: split(root.get('top5Error'), 1),
      seconds: root.get('seconds').or(0, (field) => field.number(0)),
      monitoringShare: root.get('monitoringShare').or(0, (field) => field.number(0, 1)),
      ...(lossWithin && { lossWithin }),
      at: root.get('at').or(header.createdAt, (field) => field.time()),
      ...(discriminability && density && { discriminability, density }),
    },
    ...(data && { data }),
  };
}

const split = (field: Field, maximum: number): Split => ({
  train: field.get('train').number(0, maximum),
  validation: field.get('validation').number(0, maximum),
});

const hex = (value: number): string => value.toString(16).padStart(8, '0');
