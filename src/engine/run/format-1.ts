/** Format 1, which is read and no longer written: its lines had loss, errors, rate and two metrics in fields of their own. */
import { limits } from '../base/limits.ts';
import type { Field } from './check.ts';
import type { EpochLine } from './epoch-line.ts';
import { tellsTop5, type RunHeader, type RunRecord } from './format.ts';

/** Whether a line is one of format 1. A run that was resumed may begin with some. */
export const isOfFormat1 = (line: Field, { format }: RunHeader): boolean =>
  format === 1 && !line.get('scalars').present;

/** @throws DeepviewError `bad-run` naming file, line and field */
export function lineOfFormat1(root: Field, header: RunHeader): EpochLine {
  const epoch = root.get('epoch').whole(1, limits.epochs);
  const count = header.network.layers.length;
  const layers: Record<string, number[]> = {};
  for (const [metric, maximum] of [
    ['discriminability', Infinity],
    ['density', 1],
  ] as const) {
    const field = root.get(metric);
    if (field.present) layers[metric] = field.list(count, count).map((one) => one.number(0, maximum));
  }
  const rate = root.get('learningRate').or(header.training.learningRate[epoch - 1], (field) => field.number(0));
  const top5 = split(root, 'top5Error', 'error_top5', 1);
  const lossWithin = root.get('lossWithin').or(undefined, (field) => ({
    first: field.get('first').number(0),
    last: field.get('last').number(0),
  }));
  const data = root.get('data').or(undefined, (field) => ({
    bytes: field.get('bytes').whole(0, limits.arrayBytes),
    crc32: field.get('crc32').whole(0, 2 ** 32 - 1),
  }));
  const record: RunRecord = {
    number: epoch,
    epoch,
    at: root.get('at').or(header.createdAt, (field) => field.time()),
    scalars: {
      ...split(root, 'loss', 'loss', Infinity),
      ...split(root, 'top1Error', 'error', 1),
      // It was written of any data set.
      ...(tellsTop5(header) && top5),
      ...(rate !== undefined && { learning_rate: rate }),
    },
    layers,
    seconds: root.get('seconds').or(0, (field) => field.number(0)),
    monitoringShare: root.get('monitoringShare').or(0, (field) => field.number(0, 1)),
    ...(lossWithin && { lossWithin }),
  };
  return { record, ...(data && { data }) };
}

function split(root: Field, name: string, group: string, maximum: number): Record<string, number> {
  const field = root.get(name);
  return {
    [`${group}/train`]: field.get('train').number(0, maximum),
    [`${group}/validation`]: field.get('validation').number(0, maximum),
  };
}
