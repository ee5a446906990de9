import { DeepviewError, exitCodes, misuse } from '../base/errors.ts';
import { preparationOf, type Preparation } from '../base/preparations.ts';
import { printable } from '../base/printable.ts';
import type { DataContext } from '../data/catalogue.ts';
import type { EpochLine } from '../run/epoch-line.ts';
import { runWord } from '../run/find.ts';
import { isTrained, scalar, type RunHeader } from '../run/format.ts';
import { readCheckpoint, type RunWriter } from '../run/index.ts';
import { readHeader, readRecords } from '../run/records.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { RunEvent, TrainingRequest } from './messages.ts';
import type { Model } from './model.ts';
import { learningRates, onlyMeasures } from './schedule.ts';

/**
 * The header of the run that a request goes on with, with what it asks for anew: more patches or fewer, and an epoch to
 * go on to, which may lie behind the run's end. The last learning rate then holds for the epochs that come to it.
 * @returns undefined for a request of a new run
 * @throws DeepviewError `run-finished` (exit code 2), or what reading the header throws
 */
export async function unfinished(
  { resume: directory, epochs: lastEpoch, features }: TrainingRequest,
  { onNotice, paths }: Pick<DataContext, 'onNotice' | 'paths'>,
): Promise<RunHeader | undefined> {
  if (directory === undefined) return undefined;
  const header = await readHeader(directory);
  const { lines } = await readRecords(directory, header);
  const { epochs, earlyStopping: settings, learningRate } = header.training;
  const done = lines.at(-1)?.record.number ?? 0;
  const see = `See it with: deepview-tui open ${runWord(directory, paths.runs)}`;
  if (!isTrained(header)) {
    const why = `The run was written by ${header.program.name || 'another program'}, which alone can go on with it.`;
    throw misuse('not-trained-here', why, see);
  }
  const goingOn = `--epochs N goes on to epoch N all the same. ${see}`;
  if (onlyMeasures(header.training))
    throw misuse('run-finished', 'This run measured a network, and learns nothing.', see);
  const training = { ...header.training, ...(features !== undefined && { features }) };
  if (lastEpoch === undefined) {
    if (done >= epochs) {
      const all = epochs === 1 ? 'The one epoch of this run is done.' : `All ${epochs} epochs of this run are done.`;
      throw misuse('run-finished', all, goingOn);
    }
    const stopping = settings && new EarlyStopping(settings, validationLosses(lines));
    if (stopping?.due) throw misuse('run-finished', `This run ${stopping.reason}.`, goingOn);
  } else if (lastEpoch <= done) {
    throw misuse('run-finished', `This run has ${done} epochs already.`, see);
  } else if (lastEpoch > epochs) {
    training.epochs = lastEpoch;
    training.learningRate = learningRates(training, lastEpoch);
    const rate = learningRate.at(-1);
    onNotice(`the run was planned for ${epochs} epochs; those behind have the learning rate of the last, ${rate}`);
  }
  return { ...header, training };
}

/** @throws DeepviewError `run-differs` (exit code 4) if this program cannot prepare images as the run has them */
export function preparationOfRun({ dataset }: RunHeader): Preparation {
  const preparation = preparationOf(dataset.preparation);
  if (preparation) return preparation;
  const steps = printable(dataset.preparation.join(', '));
  throw new DeepviewError('run-differs', `The run cannot go on: its images were prepared by "${steps}".`, {
    hint: 'Use the version of the program that wrote it.',
    exitCode: exitCodes.unreadable,
  });
}

/** What early stopping needs to know of the epochs so far. */
export const validationLosses = (lines: readonly EpochLine[]): number[] =>
  lines.map(({ record }) => scalar(record, 'loss/validation'));

/** Puts back the weights of the last committed epoch and tells of the epochs before. @returns these */
export async function resume(writer: RunWriter, model: Model, emit: (event: RunEvent) => void): Promise<EpochLine[]> {
  const { lines } = await readRecords(writer.directory, writer.header);
  const checkpoint = await readCheckpoint(writer.directory, writer.lastEpoch);
  model.restore(
    new Map([...checkpoint].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data, Number) }])),
  );
  for (const { record } of lines) emit({ type: 'epoch', record });
  return lines;
}
