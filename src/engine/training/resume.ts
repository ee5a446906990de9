import { DeepviewError, exitCodes } from '../base/errors.ts';
import { preparationOf, type Preparation } from '../base/preparations.ts';
import { printable } from '../base/printable.ts';
import type { EpochLine } from '../run/epoch-line.ts';
import { isTrained, scalar, type RunHeader } from '../run/format.ts';
import { readCheckpoint, type RunWriter } from '../run/index.ts';
import { readHeader, readRecords } from '../run/records.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { RunEvent } from './messages.ts';
import type { Model } from './model.ts';

/**
 * The header of a run that can be gone on with.
 * @param lastEpoch the epoch that was asked for by name: it is gone on to even where the run would end early
 * @throws DeepviewError `run-finished` or `bad-option` (exit code 2), or what reading the header throws
 */
export async function unfinished(directory: string, lastEpoch: number | undefined): Promise<RunHeader> {
  const header = await readHeader(directory);
  const { lines } = await readRecords(directory, header);
  const refused = (code: string, message: string, hint: string): DeepviewError =>
    new DeepviewError(code, message, { hint, exitCode: exitCodes.usage });
  const { epochs, earlyStopping: settings } = header.training;
  const done = lines.at(-1)?.record.number ?? 0;
  const see = `See it with: deepview-tui open ${printable(directory, 1000)}`;
  if (!isTrained(header)) {
    const why = `The run was written by ${header.program.name || 'another program'}, which alone can go on with it.`;
    throw refused('not-trained-here', why, see);
  }
  if (done >= epochs) {
    const all = epochs === 1 ? 'The one epoch of this run is done.' : `All ${epochs} epochs of this run are done.`;
    throw refused('run-finished', all, see);
  }
  if (lastEpoch !== undefined) {
    if (lastEpoch > epochs) {
      throw refused('bad-option', `--epochs is ${lastEpoch}, but this run was planned for ${epochs}.`, see);
    }
    if (lastEpoch <= done) throw refused('run-finished', `This run has ${done} epochs already.`, see);
    return header;
  }
  const stopping = settings && new EarlyStopping(settings, validationLosses(lines));
  if (!stopping?.due) return header;
  throw refused('run-finished', `This run ${stopping.reason}.`, `--epochs N goes on to epoch N all the same. ${see}`);
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
