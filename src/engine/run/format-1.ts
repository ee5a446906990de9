/** Format 1, which is read and no longer written: its lines had loss, errors, rate and two metrics in fields of their own. */
import { limits } from '../base/limits.ts';
import { printable } from '../base/printable.ts';
import { check, list, needed, number, openObject, optional, whole, type Path } from '../base/schema/index.ts';
import type { EpochLine } from './epoch-line.ts';
import { tellsTop5, type RunHeader, type RunRecord } from './format.ts';
import { recordForms } from './forms.ts';

/** Whether a line is one of format 1. A run that was resumed may begin with some. */
export const isOfFormat1 = (line: unknown, { format }: RunHeader): boolean =>
  format === 1 && typeof line === 'object' && line !== null && !('scalars' in line);

const atLeast0 = number(0, Infinity);
const split = (maximum: number) => {
  const share = needed(number(0, maximum), 'Of these images.');
  return needed(openObject({ train: share, validation: share }), 'Of the network.');
};
const { at, seconds, monitoringShare, data } = recordForms.epoch.fields;

const lineForm = (layers: number) =>
  openObject({
    epoch: needed(whole(1, limits.epochs), 'From 1.'),
    ...{ at, seconds, monitoringShare, data },
    learningRate: optional(atLeast0, 'By default that of the header.'),
    ...{ loss: split(Infinity), top1Error: split(1), top5Error: split(1) },
    lossWithin: optional(
      openObject({ first: needed(atLeast0, 'Of the first tenth.'), last: needed(atLeast0, 'Of the last tenth.') }),
      'Mean training loss within the epoch.',
    ),
    discriminability: optional(list(atLeast0, layers, layers), 'One value a layer.'),
    density: optional(list(number(0, 1), layers, layers), 'One value a layer.'),
  });

/** @throws ValidationError */
export function lineOfFormat1(value: unknown, path: Path, header: RunHeader): EpochLine {
  const line = check(lineForm(header.network.layers.length), value, path);
  const { epoch, data, lossWithin, seconds, monitoringShare, discriminability, density } = line;
  const { learningRate = header.training.learningRate[epoch - 1] } = line;
  const record: RunRecord = {
    ...{ number: epoch, epoch, at: printable(line.at ?? header.createdAt) },
    scalars: {
      ...bySplit('loss', line.loss),
      ...bySplit('error', line.top1Error),
      // It was written of any data set.
      ...(tellsTop5(header) && bySplit('error_top5', line.top5Error)),
      ...(learningRate !== undefined && { learning_rate: learningRate }),
    },
    layers: { ...(discriminability && { discriminability }), ...(density && { density }) },
    ...{ seconds, monitoringShare },
    ...(lossWithin && { lossWithin }),
  };
  return { record, ...(data && { data }) };
}

const bySplit = (group: string, { train, validation }: Record<'train' | 'validation', number>): object => ({
  [`${group}/train`]: train,
  [`${group}/validation`]: validation,
});
