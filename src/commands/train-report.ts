import { counted } from '../engine/base/counted.ts';
import { printable } from '../engine/base/printable.ts';
import { describeScalar, scalarGroups } from '../engine/metrics/index.ts';
import { isTrained, scalar, toldName, toldSeed, type RunHeader, type RunRecord } from '../engine/run/format.ts';
import type { RunEvent } from '../engine/training/messages.ts';
import { onlyMeasures } from '../engine/training/schedule.ts';
import { formatFixed } from '../imaging/charts/axis.ts';

/** Scalars that are no measures of how well it goes, or say little beside the others. */
const leftOut = ['learning_rate', 'error_top5/train'];
/** More scalars than these make no table for a terminal. */
const mostScalars = 8;
/** What groups and splits are called where room is scarce. */
const short = new Map([
  ['error', 'err'],
  ['error_top5', 'top-5 err'],
  ['validation', 'val'],
]);

interface Column {
  title: string;
  width: number;
  cell: (record: RunRecord) => string;
}

const percent = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(2)} %` : String(share));

/** A loss in the room of its column, also one that a training has lost hold of. */
const lossText = (loss: number): string => (Number.isFinite(loss) ? formatFixed(loss, 4, lossWidth) : String(loss));
const lossWidth = 9;

/** The scalars of a record that the table shows, those that the program knows first. */
function tagsOf({ scalars }: RunRecord): string[] {
  const known = scalarGroups.map(({ group }) => group);
  const rank = (tag: string): number => {
    const place = known.indexOf(describeScalar(tag).group);
    return place < 0 ? known.length : place;
  };
  return Object.keys(scalars)
    .filter((tag) => !leftOut.includes(tag))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, mostScalars);
}

function scalarColumn(tag: string, header: RunHeader): Column {
  const { group, split, label, unit } = describeScalar(tag, header);
  const title = [short.get(split) ?? split, short.get(group) ?? label]
    .filter(Boolean)
    .map((word) => printable(word, 20))
    .join(' ');
  const isShare = unit === 'share';
  return {
    title,
    width: Math.max(title.length, isShare ? 8 : lossWidth),
    cell: (record) => {
      if (!Object.hasOwn(record.scalars, tag)) return '-';
      return isShare ? percent(scalar(record, tag)) : lossText(scalar(record, tag));
    },
  };
}

function columnsFor(tags: readonly string[], header: RunHeader, { epoch, seconds = 0 }: RunRecord): Column[] {
  const { dataset, training } = header;
  const planned = training.epochs > 0 && epoch !== undefined ? `/${training.epochs}` : '';
  const times: Column[] = [
    { title: 'seconds', width: 8, cell: ({ seconds: all }) => all?.toFixed(1) ?? '-' },
    {
      title: 'images/s',
      width: 8,
      cell: ({ seconds: all = 0 }) =>
        all > 0 && dataset.trainImages > 0 ? (dataset.trainImages / all).toFixed(0) : '-',
    },
    { title: 'monitoring', width: 10, cell: ({ monitoringShare: part }) => (part === undefined ? '-' : percent(part)) },
  ];
  return [
    { title: epoch === undefined ? 'step' : 'epoch', width: 9, cell: (record) => `${record.number}${planned}` },
    ...tags.map((tag) => scalarColumn(tag, header)),
    ...(seconds > 0 ? times : []),
  ];
}

/** Lines for the records of a run as they come: its scalars under their titles, which stand before the first of them. */
export function recordTable(header: RunHeader): (record: RunRecord) => string[] {
  let tags: string[] = [];
  let columns: Column[] = [];
  const line = (cell: (column: Column) => string): string =>
    columns
      .map((column) => cell(column).padStart(column.width))
      .join('  ')
      .trimEnd();
  return (record) => {
    const own = tagsOf(record);
    const isNew = columns.length === 0 || own.some((tag) => !tags.includes(tag));
    if (isNew) {
      tags = own;
      columns = columnsFor(tags, header, record);
    }
    return [...(isNew ? [line(({ title }) => title)] : []), line(({ cell }) => cell(record))];
  };
}

/** What a user reads before the first epoch: two lines about the run. */
export function headerLines(header: RunHeader, directory: string): string[] {
  const { network, dataset, training, engine, machine } = header;
  const text = (part: string): string => printable(part, 80);
  const data = toldName(dataset);
  const engineName = toldName(engine);
  const seed = toldSeed(header);
  // Of what other programs train, they may tell little.
  const facts = [
    dataset.trainImages + dataset.validationImages > 0 &&
      `${dataset.trainImages} training and ${dataset.validationImages} validation images`,
    (isTrained(header) || training.epochs > 0) && epochsInWords(training),
    training.batch > 0 && `batch ${training.batch}`,
    seed !== undefined && `seed ${seed}`,
    engineName !== undefined && `${text(engineName)} ${text(machine?.gpu ?? engine.device)}`.trim(),
  ].filter((fact) => fact !== false);
  return [
    `${text(network.name)}${data === undefined ? '' : ` on ${text(data)}`}${facts.length > 0 ? ': ' : ''}${facts.join(', ')}`,
    `run ${printable(directory, 1000)}`,
  ];
}

function epochsInWords({ epochs, learningRate }: RunHeader['training']): string {
  if (onlyMeasures({ learningRate })) return 'measured as it is';
  return counted(epochs, 'epoch');
}

/** An event as programs read it: a record is what its line in epochs.jsonl says. */
export function eventJson(event: RunEvent): object {
  if (event.type !== 'epoch') return event;
  const { number: _, ...record } = event.record;
  return { ...event, record };
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
