import { printable } from '../engine/base/printable.ts';
import { scalar, type RunHeader, type RunRecord } from '../engine/run/format.ts';
import type { RunEvent } from '../engine/training/messages.ts';
import { onlyMeasures } from '../engine/training/measuring.ts';

const columns = [
  { title: 'epoch', width: 9 },
  { title: 'train loss', width: 10 },
  { title: 'val loss', width: 9 },
  { title: 'train err', width: 9 },
  { title: 'val err', width: 8 },
  { title: 'val top-5 err', width: 13 },
  { title: 'seconds', width: 8 },
  { title: 'images/s', width: 8 },
  { title: 'monitoring', width: 10 },
] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, column) => cell.padStart(columns[column].width))
    .join('  ')
    .trimEnd();

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** A loss in the room of its column, also one that a training has lost hold of. */
const lossText = (loss: number): string => (Math.abs(loss) < 10_000 ? loss.toFixed(4) : loss.toExponential(2));

/** What a person reads before the first epoch: two lines about the run, then the columns' titles. */
export function headerLines(header: RunHeader, directory: string): string[] {
  const { network, dataset, training, engine } = header;
  const text = (part: string): string => printable(part, 80);
  return [
    `${text(network.name)} on ${text(dataset.name)}: ${dataset.trainImages} training and ${dataset.validationImages} ` +
      `validation images, ${epochsInWords(training)}, batch ${training.batch}, seed ${header.seed}, ` +
      `${text(engine.name)} ${text(engine.device)}`,
    `run ${printable(directory, 1000)}`,
    line(columns.map((column) => column.title)),
  ];
}

function epochsInWords({ epochs, learningRate }: RunHeader['training']): string {
  if (onlyMeasures({ learningRate })) return 'measured as it is';
  return `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

/** One epoch as a line under the titles. */
export function epochLine(record: RunRecord, header: RunHeader): string {
  return line([
    `${record.number}/${header.training.epochs}`,
    lossText(scalar(record, 'loss/train')),
    lossText(scalar(record, 'loss/validation')),
    percent(scalar(record, 'error/train')),
    percent(scalar(record, 'error/validation')),
    'error_top5/validation' in record.scalars ? percent(scalar(record, 'error_top5/validation')) : '-',
    record.seconds.toFixed(1),
    record.seconds > 0 ? (header.dataset.trainImages / record.seconds).toFixed(0) : '-',
    percent(record.monitoringShare),
  ]);
}

/** Lets through what is worth a line: everything but most batches and steps, of which one a second remains. */
export function throttled(now: () => number, milliseconds = 1000): (event: RunEvent) => boolean {
  const last = new Map<string, number>();
  return (event) => {
    if (event.type !== 'batch' && event.type !== 'step') return true;
    const kind = event.type === 'step' ? event.progress.label : `${event.epoch} ${event.phase}`;
    const before = last.get(kind);
    if (before !== undefined && now() - before < milliseconds) return false;
    last.clear();
    last.set(kind, now());
    return true;
  };
}
