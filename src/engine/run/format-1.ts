/** Format 1, which is read and no longer written: its lines had loss, errors, rate and two metrics in fields of their own. */
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { check, list, needed, openObject, optional, whole, type Path, type Value } from '../base/schema/index.ts';
import type { EpochLine } from './epoch-line.ts';
import { tellsTop5, type RunHeader, type RunRecord } from './format.ts';
import { measured, numberOf, recordForms } from './forms.ts';

/** Whether a line is one of format 1. A run that was resumed may begin with some. */
export const isOfFormat1 = (line: unknown, { format }: RunHeader): boolean =>
  format === 1 && typeof line === 'object' && line !== null && !('scalars' in line);

const value = needed(measured, 'Of these images.');
const split = needed(openObject({ train: value, validation: value }), 'Of the network.');
const { at: time, seconds, monitoringShare, data } = recordForms.epoch.fields;

const lineForm = (layers: number) =>
  openObject({
    epoch: needed(whole(1, limits.epochs), 'From 1.'),
    ...{ at: time, seconds, monitoringShare, data },
    learningRate: optional(measured, 'By default that of the header.'),
    ...{ loss: split, top1Error: split, top5Error: split },
    lossWithin: optional(
      openObject({ first: needed(measured, 'Of the first tenth.'), last: needed(measured, 'Of the last tenth.') }),
      'Mean training loss within the epoch.',
    ),
    discriminability: optional(list(measured, layers, layers), 'One value per layer.'),
    density: optional(list(measured, layers, layers), 'One value per layer.'),
  });

/** @throws ValidationError */
export function lineOfFormat1(value: unknown, path: Path, header: RunHeader): EpochLine {
  const line = check(lineForm(header.network.layers.length), value, path);
  const { epoch, data, lossWithin, seconds, monitoringShare, discriminability, density } = line;
  const { at = header.createdAt, learningRate = header.training.learningRate[epoch - 1] } = line;
  const record: RunRecord = {
    ...{ number: epoch, epoch },
    ...(at !== undefined && { at: printable(at) }),
    scalars: {
      ...bySplit('loss', line.loss),
      ...bySplit('error', line.top1Error),
      // It was written of any data set.
      ...(tellsTop5(header) && bySplit('error_top5', line.top5Error)),
      ...(learningRate !== undefined && { learning_rate: numberOf(learningRate) }),
    },
    layers: {
      ...(discriminability && { discriminability: discriminability.map(numberOf) }),
      ...(density && { density: density.map(numberOf) }),
    },
    ...(seconds !== undefined && { seconds }),
    ...(monitoringShare !== undefined && { monitoringShare }),
    ...(lossWithin && { lossWithin: { first: numberOf(lossWithin.first), last: numberOf(lossWithin.last) } }),
  };
  return { record, ...(data && { data }) };
}

const bySplit = (group: string, { train, validation }: Value<typeof split.is>): object => ({
  [`${group}/train`]: numberOf(train),
  [`${group}/validation`]: numberOf(validation),
});
